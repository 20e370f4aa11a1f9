/**
 * Any text in any field of a manifest, many times over: `node scripts/fuzz-generate.ts [runs] [seed]`.
 *
 * Each generated file must be pure ASCII, stable, and parse to the same syntax tree but for its literals. A sample of
 * them is type-checked under `strict` and run by Node, which must list its one tool over standard input and output.
 * Prints the seed of a failure; exits 1.
 */
import { strict as assert } from "node:assert";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { anySample, moduleWith, treeOf, withTexts } from "../test/generate/texts.ts";
import { typeCheck } from "../test/runtime/typecheck.ts";
import { workspace } from "../test/runtime/workspace.ts";

const SAMPLE = 100;
const runs = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
console.log(`${runs} manifests, seed ${seed}`);

const plain = treeOf(moduleWith(["x"]));
const all = anySample(runs, seed);
for (const [at, texts] of all.entries()) {
  const text = moduleWith(texts);
  assert.match(text, /^[\n -~]*$/, `run ${at}: not ASCII`);
  assert.equal(moduleWith(texts), text, `run ${at}: not stable`);
  assert.equal(treeOf(text), plain, `run ${at}: another syntax tree`);
}
console.log(`${runs} parse to one syntax tree, in ASCII, twice the same`);

const place = workspace();
try {
  const chosen = all.filter((_, at) => at % Math.ceil(runs / SAMPLE) === 0);
  const files = chosen.map((texts, at) => place.add(`c${at}`, withTexts(texts)));
  assert.equal(typeCheck(place), "");
  console.log(`${files.length} type-check under strict`);
  for (const [at, file] of files.entries()) {
    const mode = at % 2 === 0 ? "legacy" : { pin: "2026-07-28" };
    const client = new Client({ name: "fuzz", version: "1.0.0" }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [file] }));
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["list_orders"],
    );
    await client.close();
  }
  console.log(`${files.length} run and list their tool, half of them at each revision`);
} finally {
  place.remove();
}
