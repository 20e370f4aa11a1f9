/**
 * `npm run bench:import`: what an import costs. One document of 1,000 operations against fixed bounds; and, where the
 * documents of real APIs are (SENTINEL_TEST_DATA, or ../shared/data), all of them against openapi-mcp-generator, in
 * fresh processes in turn. That one writes the source of a server, ours the folder of a connector.
 * Usage: import.ts [--rounds 3]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, once, type Row, type Sample, type Side, table } from "./measure.ts";

/** Pinned, and installed for the run only: nothing of ours depends on it. */
const PEER = "openapi-mcp-generator@4.0.1";
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const rounds = Number(values.rounds);
const ground = mkdtempSync(join(tmpdir(), "sentinel-bench-import-"));

/** A document of 1,000 operations over 200 schemas that refer to each other, as large descriptions are. */
function largeDocument(): string {
  const name = (index: number): string => `Thing${index % 200}`;
  const schemas = Array.from({ length: 200 }, (_, index) => ({
    [name(index)]: {
      type: "object",
      description: `What thing ${index} is, and how it came to be.`,
      required: ["id"],
      properties: {
        id: { type: "string", format: "uuid", description: "The id that it was given." },
        parent: { $ref: `#/components/schemas/${name(index + 1)}` },
        kind: { type: "string", enum: ["small", "large", `special-${index}`], nullable: true },
        tags: { type: "array", items: { type: "string", maxLength: 50 }, maxItems: 20 },
      },
    },
  }));
  const operation = (index: number, method: string): object => ({
    operationId: `${method}Thing${index}`,
    summary: `${method} thing ${index}`,
    description: `Does <b>${method}</b> to thing ${index}.\n\n${"It takes its time. ".repeat(10)}`,
    tags: [`Group ${index % 20}`],
    security: [{ oauth: [`things:${method === "get" ? "read" : "write"}`] }],
    parameters: [
      { name: "id", in: "path", required: true, schema: { type: "string" }, description: "Which one." },
      {
        name: "filter[kind]",
        in: "query",
        schema: { type: "array", items: { type: "string" } },
        explode: false,
      },
      { name: "X-Request-Id", in: "header", schema: { type: "string" } },
    ],
    ...(method === "get"
      ? {}
      : {
          requestBody: {
            content: { "application/json": { schema: { $ref: `#/components/schemas/${name(index)}` } } },
          },
        }),
    responses: {
      200: {
        description: "Done.",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${name(index)}` } } },
      },
    },
  });
  const paths = Array.from({ length: 250 }, (_, index) => ({
    [`/group${index % 20}/things${index}/{id}`]: Object.fromEntries(
      ["get", "post", "put", "delete"].map((method) => [method, operation(index, method)]),
    ),
  }));
  const flows = {
    authorizationCode: {
      authorizationUrl: "https://api.example.com/authorize",
      tokenUrl: "https://api.example.com/token",
      scopes: { "things:read": "Read things.", "things:write": "Change things." },
    },
  };
  return JSON.stringify(
    {
      openapi: "3.0.3",
      info: { title: "Large", version: "1" },
      servers: [{ url: "https://api.example.com" }],
      paths: Object.assign({}, ...paths),
      components: {
        schemas: Object.assign({}, ...schemas),
        securitySchemes: { oauth: { type: "oauth2", flows } },
      },
    },
    null,
    2,
  );
}

function ours(document: string): Side {
  const cwd = join(ground, "ours");
  return {
    name: "sentinel import",
    command: process.execPath,
    args: [
      at("dist/cli/main.js"),
      "--cwd",
      cwd,
      "--quiet",
      "import",
      "openapi",
      document,
      "--slug",
      "measured",
    ],
    before: () => {
      rmSync(cwd, { recursive: true, force: true });
      mkdirSync(cwd);
    },
    // 2: what is no description is refused.
    accept: [0, 2],
  };
}

function theirs(document: string): Side {
  const output = join(ground, "theirs");
  const bin = join(ground, "peer/node_modules/openapi-mcp-generator/bin/openapi-mcp-generator.js");
  return {
    name: PEER,
    command: process.execPath,
    args: [bin, "--input", document, "--output", output, "--force"],
    before: () => rmSync(output, { recursive: true, force: true }),
    accept: [0, 1],
  };
}

async function large(): Promise<Row[]> {
  const document = join(ground, "large.json");
  writeFileSync(document, largeDocument());
  const samples: Sample[] = [];
  const peak = (await once(ours(document), true)).peakMiB;
  for (let round = 0; round < rounds; round++) samples.push(await once(ours(document)));
  const seconds = median(samples.map((sample) => sample.seconds));
  const row = { what: "`import openapi`, 1,000 operations", reach: 1, note: "" };
  return [
    { ...row, against: "2 s", ours: `${seconds.toFixed(2)} s`, theirs: "2 s", ratio: seconds / 2 },
    { ...row, against: "500 MiB", ours: `${peak.toFixed(0)} MiB`, theirs: "500 MiB", ratio: peak / 500 },
  ];
}

/** All documents, both sides in turn; a round's figure is the sum over the documents. */
async function real(folder: string): Promise<Row[]> {
  const npm = [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--prefix",
    join(ground, "peer"),
    PEER,
  ];
  execFileSync("npm", npm, { stdio: "ignore" });
  const documents = readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
  const sums: { ours: number; theirs: number }[] = [];
  const peaks = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const sum = { ours: 0, theirs: 0 };
    for (const document of documents) {
      // The first round warms the disk's cache, and is the one in which memory is looked at.
      const watched = round === 0;
      const [other, own] = [await once(theirs(document), watched), await once(ours(document), watched)];
      sum.ours += own.seconds;
      sum.theirs += other.seconds;
      if (watched) {
        peaks.ours.push(own.peakMiB);
        peaks.theirs.push(other.peakMiB);
      }
    }
    process.stderr.write(`round ${round}: ${sum.ours.toFixed(2)} / ${sum.theirs.toFixed(2)} s\n`);
    if (round > 0) sums.push(sum);
  }
  const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  const total = { ours: median(sums.map((sum) => sum.ours)), theirs: median(sums.map((sum) => sum.theirs)) };
  const memory = { ours: mean(peaks.ours), theirs: mean(peaks.theirs) };
  const highest = `highest ${Math.max(...peaks.ours).toFixed(0)} against ${Math.max(...peaks.theirs).toFixed(0)} MiB`;
  const row = { what: `${documents.length} documents of real APIs`, against: PEER, reach: 1 };
  const ratio = median(sums.map((sum) => sum.ours / sum.theirs));
  const time = {
    ours: `${total.ours.toFixed(2)} s`,
    theirs: `${total.theirs.toFixed(2)} s`,
    ratio,
    note: "total",
  };
  const space = {
    ours: `${memory.ours.toFixed(1)} MiB`,
    theirs: `${memory.theirs.toFixed(1)} MiB`,
    ratio: memory.ours / memory.theirs,
    note: `mean peak; ${highest}`,
  };
  return [
    { ...row, ...time },
    { ...row, ...space },
  ];
}

try {
  const rows = await large();
  const data = join(process.env.SENTINEL_TEST_DATA ?? at("../shared/data"), "openapi/docs");
  if (existsSync(data)) rows.push(...(await real(data)));
  else process.stderr.write("The documents of real APIs are not here: set SENTINEL_TEST_DATA.\n");
  console.log(table(rows));
} finally {
  rmSync(ground, { recursive: true, force: true });
}
