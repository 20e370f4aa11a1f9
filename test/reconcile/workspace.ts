import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import {
  type ReconcileOptions,
  type ReconcileReport,
  run,
  type Workspace,
} from "../../src/reconcile/index.ts";
import { MemoryRegistry } from "./memory.ts";

/** A manifest that registers, with one scope named after `what`, so that other content is one word away. */
export function manifest(slug: string, what = "orders", version: string | null = null): string {
  const line = version === null ? "" : `version: "${version}"\n`;
  return `provider_slug: "${slug}"\ndisplay_name: "${slug}"\n${line}scopes:\n  - name: "read_${what}"\n    requires_firearm: false\n`;
}

/** A project in a temporary directory, with a registry in memory unless the test brings its own. */
export class Tree {
  readonly cwd: string;
  readonly workspace: Workspace;
  readonly memory = new MemoryRegistry();

  constructor() {
    this.cwd = mkdtempSync(join(tmpdir(), "sentinel-reconcile-"));
    onTestFinished(() => rmSync(this.cwd, { recursive: true, force: true }));
    this.workspace = {
      cwd: this.cwd,
      connectors: join(this.cwd, "connectors"),
      display: "connectors",
      cacheDir: join(this.cwd, ".sentinel/cache"),
    };
    mkdirSync(this.workspace.connectors);
  }

  path(path: string): string {
    return join(this.workspace.connectors, path);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Connectors that register, each the same for the same name and `what`. */
  fill(slugs: readonly string[], what?: string): void {
    for (const slug of slugs) this.write(`${slug}/manifest.yaml`, manifest(slug, what));
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true });
  }

  list(path: string): string[] {
    return readdirSync(this.path(path)).sort();
  }

  /** Gives a file another time and leaves its bytes. */
  touch(path: string): void {
    utimesSync(this.path(path), 1, 1);
  }

  options(rest: Partial<ReconcileOptions> = {}): ReconcileOptions {
    return { source: "mine", allowArchive: 0, withChanges: false, clock: systemClock, holder: "me", ...rest };
  }

  run(rest: Partial<ReconcileOptions> = {}): Promise<ReconcileReport> {
    return run(this.workspace, this.memory.registry, this.options(rest));
  }
}

/** Outcome by slug. */
export function outcomes({ connectors }: ReconcileReport): Record<string, string> {
  return Object.fromEntries(connectors.map(({ slug, outcome }) => [slug, outcome]));
}

/** What was found, as `code file:line`. */
export function findings({ diagnostics }: Pick<ReconcileReport, "diagnostics">): string[] {
  return diagnostics.map(({ code, file, line }) => `${code} ${file}:${line}`);
}
