import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CASES } from "../generate/cases.ts";
import { manifest } from "../generate/manifest.ts";
import { workspace } from "./workspace.ts";

const place = workspace();
afterAll(() => place.remove());

// Its package exports no command, so the path of the one that `mcp-inspector` starts is named here.
const inspector = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")),
  "clients/launcher/build/index.js",
);

describe.each(["legacy", "modern"])("the MCP Inspector, era %s", (era) => {
  it.each(Object.keys(CASES))("accepts the tools of the case %s under --strict", (name) => {
    const given = CASES[name] ?? manifest();
    const file = place.add(name, given);
    const options = ["--protocol-era", era, "--method", "tools/list", "--strict"];
    const ran = spawnSync(process.execPath, [inspector, "--cli", process.execPath, file, ...options], {
      encoding: "utf8",
      // Whatever it keeps of a run goes to the workspace, not to the home of whoever runs the tests.
      env: { ...process.env, HOME: place.path },
    });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });
    const { tools } = JSON.parse(ran.stdout);
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(given.tools.map((tool) => tool.name));
  });
});
