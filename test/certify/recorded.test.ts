import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Manifest, openReader, readTests, type TestCase, type Tool } from "../../src/manifest/index.ts";
import { ToolFailure } from "../../src/runtime/seams.ts";
import { good } from "../manifest/folder.ts";
import { account, executorFor, upstream } from "../runtime/execution/workbench.ts";

const root = fileURLToPath(new URL("../../connectors", import.meta.url));
const reader = openReader({ root, display: "connectors" });
afterAll(() => reader.close());

/** The connector with its provider somewhere else. */
function movedTo(host: string, manifest: Manifest, tool: Tool): [Manifest, Tool] {
  const moved = (url: string | null): string | null =>
    url?.replace(/^https:\/\/[^/?]+/, `https://${host}`) ?? null;
  const { rest, graphql } = tool;
  return [
    { ...manifest, base_url: moved(manifest.base_url) },
    {
      ...tool,
      rest: rest === null ? null : { ...rest, url: moved(rest.url) },
      graphql: graphql === null ? null : { ...graphql, url: moved(graphql.url) },
    },
  ];
}

/** What a case's call ends with: its output without what every result carries, or the error of tests.yaml. */
async function ending(manifest: Manifest, one: TestCase, fields: Readonly<Record<string, string>>) {
  const waiting = [...one.responses];
  const provider = await upstream((_request, response) => {
    const next = waiting.shift();
    response.writeHead(next?.status ?? 599, { "content-type": "application/json", ...next?.headers });
    response.end(JSON.stringify(next?.body ?? null));
  });
  const executor = executorFor(provider);
  const tool = manifest.tools.find(({ name }) => name === one.tool);
  if (tool === undefined) throw new Error(`no tool ${one.tool}`);
  const secrets =
    one.credentials === "missing" ? {} : { ACCESS_TOKEN: "no-real-token", API_KEY: "no-real-key" };
  const connection = account(secrets, { connector: manifest.provider_slug, fields });
  try {
    const { value } = await executor.execute(
      ...movedTo(provider.host, manifest, tool),
      one.input,
      connection,
      { timeMs: 10_000 },
      new AbortController().signal,
    );
    const { connector: _c, account: _a, ...output } = Object(value);
    return { output, error: null };
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    return { error: error.code === "auth.missing" ? "needs_setup" : "provider_error" };
  } finally {
    await Promise.all([executor.close(), provider.close()]);
  }
}

const slugs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe("the recorded answers of", () => {
  it.each(slugs.map(({ name }) => name))("connectors/%s give what its cases expect", async (slug) => {
    const { manifest } = good(await reader.read(slug));
    const read = readTests(join(root, slug, "tests.yaml"), "tests.yaml", manifest, () => []);
    const tests = read?.tests;
    if (tests == null) throw new Error(`${slug} has no cases`);
    // What a mode refuses is the gate's to show.
    const cases = tests.cases.filter(({ expect: { error } }) => error !== "mode_refused");
    for (const one of cases) {
      const wanted = one.expect.error === null ? { error: null, output: one.expect.output } : one.expect;
      expect({ case: one.name, ...(await ending(manifest, one, tests.account)) }).toEqual({
        case: one.name,
        ...wanted,
      });
    }
  });
});
