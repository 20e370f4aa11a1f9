import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, expect } from "vitest";
import { openReader, type Reading } from "../../src/manifest/index.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const schemas = ["build", "diagnostic"].map((name) =>
  JSON.parse(readFileSync(at(`docs/schemas/${name}.json`), "utf8")),
);
const isReport = new Ajv({ schemas, strict: false, validateFormats: false }).getSchema("build.json");

/** What a command line came to. */
export interface Ran {
  readonly status: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it prints
  readonly report: any;
}

/** A person's project in a folder of its own, with the command line at hand. */
export class Project {
  readonly cwd = realpathSync(mkdtempSync(join(tmpdir(), "sdk-")));

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.cwd, path)), { recursive: true });
    writeFileSync(join(this.cwd, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.cwd, path), "utf8");
  }

  sentinel(...args: string[]): Ran {
    const command = [at("src/cli/main.ts"), "--cwd", this.cwd, ...args, "--format", "json"];
    const environment = { ...process.env, SOME_CREDENTIAL: "of the environment" };
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      encoding: "utf8",
      env: environment,
    });
    return { status, report: JSON.parse(stdout || JSON.stringify({ stderr })) };
  }

  /** Writes and builds a file; the report is what docs/schemas says. */
  build(text: string, file = "acme.ts", ...args: string[]): Ran {
    this.write(file, text);
    const ran = this.sentinel("build", file, ...args);
    if (ran.report.error === undefined) {
      expect(isReport?.(ran.report), JSON.stringify([ran, isReport?.errors])).toBe(true);
    }
    return ran;
  }

  /** Reads a connector as `check` does. */
  async reading(slug: string): Promise<Reading> {
    const reader = openReader({ root: join(this.cwd, "connectors"), display: "connectors" });
    const reading = await reader.read(slug);
    await reader.close();
    return reading;
  }
}

const projects: Project[] = [];
afterAll(() => {
  for (const { cwd } of projects) rmSync(cwd, { recursive: true, force: true });
});

/** A new project; it goes away at the file's end. */
export function project(): Project {
  const made = new Project();
  projects.push(made);
  return made;
}

/** The TypeScript of docs/sdk.md: the file, and its service.ts. */
export function documented(): readonly string[] {
  const text = readFileSync(at("docs/sdk.md"), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}

/** A file with one connector of these fields and tools, as TypeScript. */
export function fileOf(tools: string, fields = "", above = ""): string {
  return `import { auth, defineConnector, tool } from "connector-sentinel/sdk";
import * as z from "zod";
${above}
export default defineConnector({
  provider_slug: "acme",
  display_name: "Acme",
  base_url: "https://api.acme.example",
  auth: auth.none(),
  ${fields}
  tools: [${tools}],
});
`;
}
