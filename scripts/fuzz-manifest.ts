/**
 * Feeds mutated manifests to the reader: none may throw, hang, or be read differently the second time.
 * `node scripts/fuzz-manifest.ts [count] [seed]`; 100,000 from seed 1 unless told otherwise.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReader, type Reading } from "../src/manifest/index.ts";

/** What a run of the fuzzer saw. */
export interface FuzzReport {
  readonly count: number;
  readonly accepted: number;
  /** Milliseconds of the slowest reading. */
  readonly slowest: number;
  /** Texts at which something went wrong, with what. */
  readonly failures: readonly { readonly text: string; readonly what: string }[];
}

const fixture = (path: string): string =>
  readFileSync(new URL(`../test/fixtures/${path}`, import.meta.url), "utf8");

/** A small generator of numbers from 0 to 1 (mulberry32): the same seed, the same run. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const TOKENS = [
  ...[
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "<<: ",
    "--- ",
    "...\n",
    "%YAML 1.1\n",
    "? ",
    "- ",
    ": ",
    "#",
    "|",
    ">",
    "{",
    "}",
  ],
  ...[
    "[",
    "]",
    '"',
    "'",
    "\\",
    "\t",
    "\r",
    "\0",
    "\ufeff",
    "\u202e",
    "\u2028",
    "__proto__: 1\n",
    "constructor",
    "no",
  ],
  ...[
    "0777",
    "1e999",
    ".nan",
    "~",
    "null",
    "{{ params.x }}",
    "{{",
    "{%",
    "}}",
    "$ref: '#'",
    "^(a+)+$",
    "run: x\n",
  ],
  ...["a: &a [*a]\n", "auth: bearer\n", "😀", "\\ud800", "- - - - ", "[[[[[[", "name: name\n", "tools: []\n"],
];

/** Mutates a text a few times. */
function mutate(text: string, next: () => number, words: readonly string[]): string {
  const at = (): number => Math.floor(next() * (result.length + 1));
  const pick = <T>(list: readonly T[], otherwise: T): T =>
    list[Math.floor(next() * list.length)] ?? otherwise;
  let result = text;
  for (let count = 1 + Math.floor(next() * 4); count > 0; count--) {
    const start = at();
    const end = Math.min(result.length, start + Math.floor(next() ** 3 * 400));
    const middle = result.slice(start, end);
    const replacements = [
      "",
      middle + middle,
      pick(TOKENS, ""),
      pick(words, ""),
      middle.replaceAll(" ", ""),
      middle.replaceAll("\n", "\n "),
      JSON.stringify(middle),
      [...middle].reverse().join(""),
      pick(TOKENS, "").repeat(Math.floor(next() ** 6 * 3000)),
    ];
    const kept = next() < 0.3 ? middle : "";
    result = result.slice(0, start) + pick(replacements, "") + kept + result.slice(end);
  }
  return result;
}

/** Reads `count` mutated manifests. */
export async function fuzz(count: number, seed: number): Promise<FuzzReport> {
  const root = mkdtempSync(join(tmpdir(), "fuzz-"));
  const reader = openReader({ root, display: "connectors" });
  const next = random(seed);
  const words: string[] = JSON.parse(fixture("hostile/blns.json"));
  const seeds = [
    fixture("manifest/everything/manifest.yaml"),
    fixture("manifest/everything/tools/orders.yaml"),
  ];
  const failures: { text: string; what: string }[] = [];
  let accepted = 0;
  let slowest = 0;
  mkdirSync(join(root, "everything", "tools"), { recursive: true });
  writeFileSync(join(root, "everything", "service.ts"), fixture("manifest/everything/service.ts"));
  writeFileSync(join(root, "everything", "icon.svg"), fixture("manifest/everything/icon.svg"));
  for (let n = 0; n < count; n++) {
    const [manifest = "", orders = ""] = seeds;
    const inTools = next() < 0.2;
    const text = mutate(inTools ? orders : manifest, next, words);
    writeFileSync(join(root, "everything", "manifest.yaml"), inTools ? manifest : text);
    writeFileSync(join(root, "everything", "tools", "orders.yaml"), inTools ? text : orders);
    try {
      const started = performance.now();
      const reading = await reader.read("everything");
      slowest = Math.max(slowest, performance.now() - started);
      if (reading.ok) accepted++;
      const what = wrongWith(reading, n % 50 === 0 ? await reader.read("everything") : reading);
      if (what !== null) failures.push({ text, what });
    } catch (error) {
      failures.push({ text, what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  await reader.close();
  rmSync(root, { recursive: true, force: true });
  return { count, accepted, slowest, failures };
}

function wrongWith(reading: Reading, again: Reading): string | null {
  const errors = reading.diagnostics.filter((found) => found.severity === "error");
  if (reading.ok !== (errors.length === 0)) return "its diagnostics do not fit its verdict";
  if (reading.ok && !/^[0-9a-f]{64}$/.test(reading.digest)) return "its digest is none";
  if (reading.diagnostics.length > 60) return "it has too many diagnostics";
  if (reading.diagnostics.some((found) => found.line < 1 || found.column < 1 || found.hint === ""))
    return "a bad place";
  if (JSON.stringify(reading) !== JSON.stringify(again)) return "it was read differently the second time";
  return null;
}

if (import.meta.main) {
  const [count = "100000", seed = "1"] = process.argv.slice(2);
  const started = performance.now();
  const report = await fuzz(Number(count), Number(seed));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${report.count} manifests in ${seconds} s, ${report.accepted} accepted`);
  console.log(`slowest ${report.slowest.toFixed(0)} ms, ${report.failures.length} failures`);
  for (const { what, text } of report.failures.slice(0, 5)) console.log(`\n${what}\n---\n${text}`);
  process.exitCode = report.failures.length > 0 ? 1 : 0;
}
