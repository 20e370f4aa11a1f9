import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

/** Who may import whom (AGENTS.md draws it); `types` allows type imports only. */
const ARROWS: Record<string, Record<string, "all" | "types">> = {
  base: {},
  manifest: { base: "all" },
  registry: { base: "all" },
  sdk: { base: "all" },
  generate: { base: "all", manifest: "all" },
  import: { base: "all", manifest: "all" },
  certify: { base: "all", manifest: "all", generate: "all" },
  runtime: { base: "all", manifest: "types", registry: "all", sdk: "types" },
  reconcile: { base: "all", manifest: "all", generate: "all", registry: "all" },
  watch: { base: "all", reconcile: "all", registry: "types" },
  console: { base: "all", manifest: "types", registry: "all" },
  cli: {
    base: "all",
    manifest: "all",
    registry: "all",
    generate: "all",
    import: "all",
    certify: "all",
    sdk: "all",
    runtime: "all",
    reconcile: "all",
    watch: "all",
    console: "all",
  },
};

interface Import {
  from: string;
  specifier: string;
  typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const from = relative(src, file).split(sep).join("/");
  const { program } = parse(text, {
    sourceType: "module",
    plugins: file.endsWith("x") ? ["typescript", "jsx"] : ["typescript"],
  });
  const found: Import[] = [];
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") {
      const kinds = node.specifiers.map((one) => one.type === "ImportSpecifier" && one.importKind === "type");
      const typeOnly = node.importKind === "type" || (kinds.length > 0 && kinds.every(Boolean));
      found.push({ from, specifier: node.source.value, typeOnly });
    } else if (node.type === "ExportNamedDeclaration" && node.source) {
      const kinds = node.specifiers.map((one) => one.type === "ExportSpecifier" && one.exportKind === "type");
      found.push({
        from,
        specifier: node.source.value,
        typeOnly: node.exportKind === "type" || kinds.every(Boolean),
      });
    } else if (node.type === "ExportAllDeclaration") {
      found.push({ from, specifier: node.source.value, typeOnly: node.exportKind === "type" });
    }
  }
  // Dynamic imports and type positions (`import("…").Name`) are found as text.
  for (const [, typeof_, specifier = ""] of text.matchAll(/(typeof )?\bimport\(\s*"([^"]+)"/g)) {
    found.push({ from, specifier, typeOnly: typeof_ !== undefined });
  }
  return found;
}

const roomOf = (path: string): string => path.split("/")[0] ?? "";
const files = sources(src);
const imports = files.flatMap(importsOf).filter(({ specifier }) => specifier.startsWith("."));
const target = ({ from, specifier }: Import): string =>
  relative(src, resolve(src, dirname(from), specifier))
    .split(sep)
    .join("/");

describe("architecture", () => {
  it("reads the house", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it("has no room that is not in the table", () => {
    const rooms = new Set(files.map((file) => roomOf(relative(src, file).split(sep).join("/"))));
    expect([...rooms].filter((room) => !(room in ARROWS))).toEqual([]);
  });

  it("has no arrow that is not in the table", () => {
    const wrong = imports.filter((one) => {
      const [here, there] = [roomOf(one.from), roomOf(target(one))];
      if (here === there) return false;
      const arrow = ARROWS[here]?.[there];
      return !(arrow === "all" || (arrow === "types" && one.typeOnly));
    });
    expect(wrong).toEqual([]);
  });

  it("goes into a room by its index.ts only", () => {
    // Drivers are heavy and load lazily: wire.ts names the one that it needs.
    const driver = /^registry\/drivers\/(pglite|postgres|supabase)\.ts$/;
    const wrong = imports.filter((one) => {
      const there = target(one);
      if (roomOf(one.from) === roomOf(there)) return false;
      if (one.from === "cli/wire.ts" && driver.test(there)) return false;
      return there !== `${roomOf(there)}/index.ts`;
    });
    expect(wrong).toEqual([]);
  });

  it("names a room's exports one by one", () => {
    const starred = files.filter(
      (file) => file.endsWith("index.ts") && /export \*/.test(readFileSync(file, "utf8")),
    );
    expect(starred).toEqual([]);
  });

  it("starts no database for `check`", () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const one of imports) if (one.from === path && !one.typeOnly) visit(target(one));
    };
    visit("cli/commands/check.ts");
    expect(reached.size).toBeGreaterThan(3);
    expect([...reached].filter((path) => path.startsWith("registry/drivers/"))).toEqual([]);
  });

  it("prints only in cli/output", () => {
    const printing = files
      .filter((file) => !relative(src, file).startsWith(join("cli", "output")))
      .filter((file) => /\bconsole\.|process\.(stdout|stderr)\.write/.test(readFileSync(file, "utf8")));
    expect(printing).toEqual([]);
  });

  it("has no file over 400 lines", () => {
    const long = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 401);
    expect(long).toEqual([]);
  });

  it("documents every exported function", () => {
    const bare: string[] = [];
    for (const file of files) {
      const lines = readFileSync(file, "utf8").split("\n");
      lines.forEach((line, at) => {
        if (!/^export (async )?function\*? /.test(line)) return;
        if (!/\*\/\s*$/.test(lines[at - 1] ?? "")) bare.push(`${relative(src, file)}:${at + 1} ${line}`);
      });
    }
    expect(bare).toEqual([]);
  });
});
