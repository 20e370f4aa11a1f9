import { glob, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { byCodeUnit } from "../../../base/index.ts";
import type { Manifest, Sql } from "../../../manifest/index.ts";
import type { Connection } from "../../seams.ts";
import { failure, shown } from "../failure.ts";

/**
 * The SQLite file that a query is for: the manifest's own, or the `path` of the account.
 * @returns an absolute path without links
 * @throws ToolFailure `sql.no_database`, `account.field_missing`, `account.bad_field`
 */
export async function databaseFile(
  sql: Sql,
  { auth }: Manifest,
  { account, fields }: Connection,
): Promise<string> {
  if (sql.file !== null) return regular(await newest(absolute(sql.file)), sql.file);
  const path = fields.path ?? "";
  if (path === "") {
    const hint = "Set the field path of the account to the file.";
    throw failure("account.field_missing", `The account ${account} does not say which file it is.`, { hint });
  }
  const extensions = auth.type === "local_path" ? auth.file_extensions : [];
  if (extensions.length > 0 && !extensions.some((extension) => path.endsWith(extension))) {
    throw failure(
      "account.bad_field",
      `${shown(basename(path))} does not end in ${extensions.join(" or ")}.`,
    );
  }
  return regular(absolute(path), path);
}

function absolute(path: string): string {
  const whole = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  if (isAbsolute(whole) && !whole.includes("\0")) return whole;
  throw failure("sql.no_database", `${shown(path)} is not an absolute path.`);
}

async function regular(path: string, written: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isFile()) return real;
  } catch {
    // Whatever is in the way, there is no file to open.
  }
  throw failure("sql.no_database", `There is no file ${shown(written)}.`);
}

/** `*` stands for any part of one name; the file that was changed last is meant. */
async function newest(pattern: string): Promise<string> {
  if (!pattern.includes("*")) return pattern;
  const found: { readonly path: string; readonly time: number }[] = [];
  // Only the star is meant: what else a glob knows stands for itself.
  for await (const path of glob(pattern.replace(/[[\]{}()?!+@\\]/g, "[$&]").replace(/\*+/g, "*"))) {
    found.push({ path, time: (await stat(path).catch(() => null))?.mtimeMs ?? 0 });
  }
  found.sort((a, b) => b.time - a.time || byCodeUnit(a.path, b.path));
  return found[0]?.path ?? pattern;
}
