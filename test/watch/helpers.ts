import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Logger } from "../../src/base/index.ts";

/** A folder of its own for one test, removed after it. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sentinel-watch-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and the folders above it. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Waits until something holds; says what it waited for when it never does. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 30_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. */
export function memoryLogger(): Logger & { readonly lines: Line[]; messages(level?: string): string[] } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      lines.push({ level, message, fields: { ...fields } });
    };
  return {
    lines,
    messages: (level) => lines.filter((line) => !level || line.level === level).map(({ message }) => message),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    setLevel: (level) => lines.push({ level: "set", message: level, fields: {} }),
  };
}

/** The smallest manifest that is valid, with something to tell its contents apart. */
export function manifest(slug: string, name = slug): string {
  return `provider_slug: "${slug}"
display_name: "${name}"
scopes:
  - name: "read_orders"
    description: "Read access to orders"
    requires_firearm: false
kpis:
  - raw: "total_sales"
    standard: "gross_sales"
utm_capabilities:
  - "email"
`;
}
