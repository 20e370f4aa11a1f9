import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/base/index.ts";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

/** Codes of users' errors, as the sources write them. */
const thrown = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) =>
    [...readFileSync(SOURCES + path, "utf8").matchAll(/new UserError\(\s*"([^"]+)"/g)].map(
      ([, code]) => code,
    ),
  );

/** What the parser of the command line says, in our words' form. */
const PARSED = [
  "unknown_command",
  "unknown_option",
  "missing_argument",
  "excess_arguments",
  "invalid_argument",
  "option_missing_argument",
  "conflicting_option",
];

describe("the closed list of codes", () => {
  it.each([...new Set(thrown), ...PARSED.map((name) => `usage.${name}`)])("has %s", (code) => {
    expect(Object.keys(CODES)).toContain(code);
  });
});
