import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, describe, expect, it } from "vitest";
import { importArgentos } from "../../src/import/index.ts";
import { workspace } from "../runtime/workspace.ts";
import { DATA, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const place = workspace();
const cwd = mkdtempSync(join(tmpdir(), "argentos-"));
afterAll(() => {
  place.remove();
  rmSync(cwd, { recursive: true, force: true });
});

/** The folders of real connectors; null where they are not there. */
const REAL = DATA === null ? null : join(DATA, "argentos");
const names = REAL === null ? [] : readdirSync(REAL).filter((name) => name.startsWith("aos-"));

async function importReal(name: string) {
  const read = (file: string): Buffer => readFileSync(join(REAL ?? "", name, file));
  return importArgentos({
    name,
    connector: read("connector.json"),
    permissions: read("permissions.json"),
    others: [],
  });
}

/** Runs the command line in the temporary tree. */
function sentinel(...args: string[]) {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const command = [main, "--cwd", cwd, ...args, "--format", "json"];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8" });
  return { status, report: JSON.parse(stdout) };
}

// Reason to skip: the connectors belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(REAL === null)("the connectors of ArgentOS", () => {
  it("pass check, are registered as drafts, and can't be approved before their tools do something", async () => {
    for (const name of names) {
      const { slug, files } = await importReal(name);
      for (const [path, text] of Object.entries(files)) {
        const file = join(cwd, "connectors", slug, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    const run = sentinel("run");
    expect(run.report).toMatchObject({ ok: true, summary: { created: 20, invalid: 0 } });
    const check = sentinel("check");
    expect(check.report).toMatchObject({ ok: true, summary: { connectors: 20, errors: 0 } });
    const codes = new Set(check.report.diagnostics.map(({ code }: { code: string }) => code));
    expect([...codes]).toEqual(["tool.no_executor"]);
    const approve = sentinel("review", "approve", "telegram", "--yes", "--as", "me");
    expect(approve.status).toBe(1);
    expect(approve.report.blockers).toHaveLength(6);
  });

  it.each(names)("%s lists all its tools over MCP", async (name) => {
    const { slug, files } = await importReal(name);
    bench.write(slug, files);
    const reading = await bench.read(slug);
    if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [place.add(slug, reading.manifest)] }),
    );
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      listed.push(...page.tools.map((tool) => tool.name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    await client.close();
    expect(listed).toEqual(reading.manifest.tools.map((tool) => tool.name));
  });
});
