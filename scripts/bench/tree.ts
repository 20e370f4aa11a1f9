/**
 * Writes a tree of connectors, the same bytes for the same seed: 12 scopes, 4 KPIs and 5 tools each, one of them a
 * function in service.ts.
 * Usage: tree.ts <directory> [count] [seed]
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Numbers in [0, 1) from a seed: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const AREAS = [
  "orders",
  "products",
  "customers",
  "reports",
  "campaigns",
  "invoices",
  "tickets",
  "files",
  "events",
];
const VERBS = ["list", "create", "get"];
const UNITS = ["currency", "count", "percent", "seconds"];

/** The slug of the nth connector. */
export function slugOf(at: number): string {
  return `bench-${String(at).padStart(5, "0")}`;
}

/** The files of one connector, by path. */
export function connectorFiles(at: number, seed = 1): Record<string, string> {
  const slug = slugOf(at);
  return {
    "manifest.yaml": manifest(slug, random(seed * 1_000_003 + at)),
    "README.md": `# ${slug}\n\nA connector made for measuring. It speaks to nobody.\n`,
    "service.ts":
      "/** Counts what it is given. */\n" +
      "export async function summarise(input: { items: string[] }): Promise<{ total: number }> {\n" +
      "  return { total: input.items.length };\n" +
      "}\n",
  };
}

function manifest(slug: string, next: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? "";
  const docs = `https://docs.example.com/${slug}`;
  const scopes = Array.from({ length: 12 }, (_, at) => {
    const write = at % 3 === 2;
    const area = `${pick(AREAS)}_${at}`;
    return { name: `${write ? "write" : "read"}_${area}`, area, write };
  });
  const lines = [
    "# yaml-language-server: $schema=../manifest.schema.json",
    `provider_slug: "${slug}"`,
    `display_name: "Bench ${slug.slice(-5)}"`,
    'summary: "A connector that was made for measuring."',
    `version: "1.${Math.floor(next() * 20)}.0"`,
    `docs_url: "${docs}"`,
    `base_url: "https://api.example.com/${slug}"`,
    "auth:",
    "  type: bearer",
    "scopes:",
    ...scopes.flatMap(({ name, area, write }) => [
      `  - name: "${name}"`,
      `    description: "${write ? "Change" : "See"} ${area}"`,
      `    requires_firearm: ${write}`,
    ]),
    "kpis:",
    ...Array.from({ length: 4 }, (_, at) => [
      `  - raw: "metric_${at}_${pick(AREAS)}"`,
      `    standard: "standard_${at}"`,
      `    unit: "${pick(UNITS)}"`,
    ]).flat(),
    "utm_capabilities:",
    '  - "email"',
    '  - "social"',
    "tools:",
    ...VERBS.flatMap((verb, at) => restTool(verb, scopes[at]?.name ?? "", pick(AREAS))),
    ...restTool("search", scopes[4]?.name ?? "", pick(AREAS)),
    "  - name: summarise",
    "    capability: report.summarise",
    '    description: "Counts the items it is given."',
    "    input:",
    "      type: object",
    "      additionalProperties: false",
    "      properties:",
    "        items: { type: array, items: { type: string } }",
    "      required: [items]",
    "    handler: summarise",
  ];
  return `${lines.join("\n")}\n`;
}

function restTool(verb: string, scope: string, area: string): string[] {
  const writes = verb === "create";
  return [
    `  - name: ${verb}_${area}`,
    `    capability: ${area}.${verb}`,
    `    description: "${verb} ${area} of the account, a page at a time."`,
    `    scopes: ["${scope}"]`,
    ...(writes ? ["    side_effecting: true"] : []),
    "    input:",
    "      type: object",
    "      additionalProperties: false",
    "      properties:",
    "        id: { type: string }",
    "        limit: { type: integer, maximum: 100 }",
    "    rest:",
    `      method: ${writes ? "POST" : "GET"}`,
    `      path: "/v1/${area}"`,
    ...(writes
      ? ["      body:", '        id: "{{ params.id }}"']
      : ["      query:", '        limit: "{{ params.limit | default: 20 }}"']),
  ];
}

/** Writes connectors `from` up to `count` below `<directory>/connectors`. */
export function writeTree(directory: string, count: number, seed = 1, from = 0): void {
  for (let at = from; at < count; at += 1) {
    const folder = join(directory, "connectors", slugOf(at));
    mkdirSync(folder, { recursive: true });
    for (const [path, text] of Object.entries(connectorFiles(at, seed)))
      writeFileSync(join(folder, path), text);
  }
}

/** Changes what the connectors named by their numbers say, each time in another way. */
export function touchTree(directory: string, numbers: Iterable<number>, round: number): void {
  for (const at of numbers) {
    const path = join(directory, "connectors", slugOf(at), "manifest.yaml");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/^summary: .*$/m, `summary: "Changed for the ${round}th time."`));
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [directory = "", count = "10000", seed = "1"] = process.argv.slice(2);
  if (directory === "") throw new Error("usage: tree.ts <directory> [count] [seed]");
  rmSync(join(directory, "connectors"), { recursive: true, force: true });
  writeTree(directory, Number(count), Number(seed));
}
