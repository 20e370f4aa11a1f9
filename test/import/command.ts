import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterEach, beforeEach, expect } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const schemas = ["import", "diagnostic"].map((name) =>
  JSON.parse(readFileSync(at(`docs/schemas/${name}.json`), "utf8")),
);
const isReport = new Ajv({ schemas, strict: false, validateFormats: false }).getSchema("import.json");

/** What a command said. */
export interface Said {
  readonly status: number | null;
  readonly report: JsonObject;
}

/** The command line in a temporary tree of its own for each test. */
export class Commands {
  cwd = "";

  constructor() {
    beforeEach(() => {
      this.cwd = mkdtempSync(join(tmpdir(), "import-cli-"));
    });
    afterEach(() => rmSync(this.cwd, { recursive: true, force: true }));
  }

  /** Runs `sentinel` and gives what it printed. */
  plain(...args: string[]): { status: number | null; stdout: string } {
    const command = [at("src/cli/main.ts"), "--cwd", this.cwd, ...args];
    const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8" });
    return { status, stdout };
  }

  run(...args: string[]): Said {
    const { status, stdout } = this.plain(...args, "--format", "json");
    return { status, report: JSON.parse(stdout) };
  }

  /** Runs `sentinel import`; what it says is as docs/schemas/import.json describes it. */
  importing(...args: string[]): Said {
    const said = this.run("import", ...args);
    if (said.report.error === undefined)
      expect(isReport?.(said.report), JSON.stringify(isReport?.errors)).toBe(true);
    return said;
  }

  write(path: string, content: string | JsonObject): void {
    mkdirSync(dirname(join(this.cwd, path)), { recursive: true });
    writeFileSync(join(this.cwd, path), typeof content === "string" ? content : JSON.stringify(content));
  }

  read(path: string): string {
    return readFileSync(join(this.cwd, path), "utf8");
  }

  /** Paths of all that is in the tree, sorted. */
  tree(): string[] {
    return readdirSync(this.cwd, { recursive: true, encoding: "utf8" }).sort();
  }
}
