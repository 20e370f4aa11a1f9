import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cliDocs } from "../../scripts/docs-cli.ts";
import { CREDENTIALS, ENVIRONMENT } from "../../src/cli/config.ts";
import { COMMANDS, type CommandDefinition } from "../../src/cli/definitions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(root + path, "utf8");

function all(definitions: readonly CommandDefinition[]): CommandDefinition[] {
  return definitions.flatMap((one) => [one, ...all(one.commands ?? [])]);
}

describe("docs/cli.md", () => {
  it("is what the help says", () => {
    expect(read("docs/cli.md")).toBe(cliDocs());
  });
});

describe("every command", () => {
  it.each(all(COMMANDS).map((one) => [one.name, one] as const))("%s has help with examples", (_name, one) => {
    expect(one.summary).toMatch(/^\S.{5,70}$/);
    expect(one.description.length).toBeGreaterThan(20);
    expect(one.examples.length).toBeGreaterThan(0);
    for (const [command] of one.examples) expect(command).toMatch(/^sentinel /);
  });

  it.each(all(COMMANDS).flatMap(({ name, load }) => (load === undefined ? [] : [[name, load] as const])))(
    "%s can be loaded",
    async (_name, load) => {
      expect(await load()).toHaveProperty("run", expect.any(Function));
    },
  );
});

describe("docs/config.md", () => {
  it("names every variable that is read", () => {
    const text = read("docs/config.md");
    const names = [...Object.keys(ENVIRONMENT), ...CREDENTIALS, "SUPABASE_URL", "NO_COLOR"];
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("docs/dependencies.md", () => {
  it("has a row with a reason for every dependency", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    const rows = new Map(
      [...read("docs/dependencies.md").matchAll(/^\| `([^`]+)` \| [^|]+ \| [^|]+ \| ([^|]{5,}) \|$/gm)].map(
        ([, name, why]) => [name, why] as const,
      ),
    );
    const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    expect([...rows.keys()].sort()).toEqual(names.sort());
  });
});

describe("the skill to build a connector", () => {
  const text = read(".agent/skills/build-connector/SKILL.md");

  it("has a name and a description, fits a few looks, and names commands and files that are there", () => {
    const [, front = ""] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
    expect(front).toMatch(/^name: build-connector$/m);
    expect(front).toMatch(/^description: \S.{50,1000}$/m);
    expect(text.split("\n").length).toBeLessThanOrEqual(200);
    const commands = new Set(all(COMMANDS).map(({ name }) => name));
    const named = [...text.matchAll(/^(?:.*`)?sentinel ([a-z]+)/gm)].map(([, name = ""]) => name);
    expect(named.filter((name) => !commands.has(name))).toEqual([]);
    const pages = [...text.matchAll(/\bdocs\/([a-z-]+\.md)\b/g)].map(([, page = ""]) => page);
    expect(pages.filter((page) => !readdirSync(`${root}docs`).includes(page))).toEqual([]);
  });
});

describe("AGENTS.md", () => {
  it("states the nine laws, fits one look, and points to files that are there", () => {
    const text = read("AGENTS.md");
    expect(text.split("\n").length).toBeLessThanOrEqual(150);
    expect(text.match(/^\d\. \*\*/gm)).toHaveLength(9);
    const named = new Set(
      [...text.matchAll(/\bdocs\/[a-z-]+\.md\b/g)].map(([path]) => path.slice("docs/".length)),
    );
    const there = new Set(readdirSync(`${root}docs`));
    expect([...named].filter((name) => !there.has(name))).toEqual([]);
  });
});
