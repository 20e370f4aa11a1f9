/**
 * Writes what is generated from the source: docs/diagnostics.md (from the table of codes) and
 * connectors/manifest.schema.json (from the shapes). `--check` compares instead, and exits 1 when a file is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { CODES, type CodeMeaning } from "../src/base/index.ts";
import { jsonSchema } from "../src/manifest/index.ts";

const GENERATED: Readonly<Record<string, () => string>> = {
  "docs/diagnostics.md": diagnostics,
  "connectors/manifest.schema.json": () => `${JSON.stringify(jsonSchema(), null, 2)}\n`,
};

/** One row per code, in one table per subject. */
function diagnostics(): string {
  const codes: [string, CodeMeaning][] = Object.entries(CODES);
  const subjects = [...new Set(codes.map(([code]) => code.split(".", 1)[0] ?? ""))];
  const tables = subjects.map((subject) => {
    const rows = codes
      .filter(([code]) => code.startsWith(`${subject}.`))
      .map(
        ([code, { severity, meaning, remedy }]) =>
          `| \`${code}\` | ${severity} | ${cell(meaning)} | ${cell(remedy)} |`,
      );
    return [
      `## ${subject}`,
      "",
      "| code | severity | reported when | what to do |",
      "|---|---|---|---|",
      ...rows,
    ].join("\n");
  });
  const intro = [
    "# Diagnostics",
    "",
    "Every finding has one of these codes. The list is closed, and a code keeps its name. An error makes a command exit 1;",
    "a warning does not; a command that can't do its work at all exits 2. This page is generated from the table of codes:",
    "`node scripts/docs.ts`.",
  ];
  return `${[intro.join("\n"), ...tables].join("\n\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

function read(path: string): string | null {
  try {
    return readFileSync(at(path), "utf8");
  } catch {
    return null;
  }
}

const stale = Object.entries(GENERATED).filter(([path, make]) => read(path) !== make());
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} is stale: run node scripts/docs.ts`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, make] of stale) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), make());
    console.log(`wrote ${path}`);
  }
}
