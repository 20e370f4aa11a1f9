import { describe, expect, it } from "vitest";
import { type Diagnostic, diagnostic, WHOLE_FILE } from "../../src/base/index.ts";
import { Findings } from "../../src/watch/findings.ts";
import { memoryLogger } from "./helpers.ts";

const finding = (slug: string, message: string): Diagnostic =>
  diagnostic("generated.foreign_file", `connectors/${slug}/mcp.ts`, WHOLE_FILE, message);

function noting() {
  const logger = memoryLogger();
  const findings = new Findings(logger, "connectors");
  const note = (diagnostics: Diagnostic[], looked: string[] | null) => {
    logger.lines.length = 0;
    findings.note(diagnostics, looked);
    return logger.lines.map(({ message, fields }) => [fields.slug, message]);
  };
  return { findings, note };
}

describe("findings in the log", () => {
  it("says a folder's findings once, however often they are found", () => {
    const { note } = noting();
    const found = [finding("shopify", "one"), finding("shopify", "two")];
    expect(note(found, null)).toEqual([
      ["shopify", "one"],
      ["shopify", "two"],
    ]);
    expect(note(found, null)).toEqual([]);
    expect(note(found, ["shopify"])).toEqual([]);
  });

  it("says them again when they change", () => {
    const { note } = noting();
    note([finding("shopify", "one")], ["shopify"]);
    expect(note([finding("shopify", "two")], ["shopify"])).toEqual([["shopify", "two"]]);
  });

  it("says that a mended folder is fine, once, and only when it was looked at", () => {
    const { findings, note } = noting();
    note([finding("shopify", "one"), finding("github", "two")], null);
    expect(findings.invalid).toEqual(new Set(["shopify", "github"]));
    expect(note([], ["slack"])).toEqual([]);
    expect(note([], ["shopify"])).toEqual([["shopify", "fine again"]]);
    expect(findings.invalid).toEqual(new Set(["github"]));
    expect(note([], null)).toEqual([["github", "fine again"]]);
    expect(note([], null)).toEqual([]);
  });

  it("knows findings of the tree as a whole", () => {
    const { findings, note } = noting();
    const missing = diagnostic("root.missing", "connectors", WHOLE_FILE, "There is no folder connectors.");
    expect(note([missing], null)).toEqual([[undefined, "There is no folder connectors."]]);
    expect(findings.invalid.size).toBe(0);
    expect(note([], null)).toEqual([[undefined, "fine again"]]);
  });

  it("keeps a bad name with a dot in it apart from the tree", () => {
    const { note } = noting();
    const evil = diagnostic("folder.name", "connectors/..evil", WHOLE_FILE, "bad name");
    expect(note([evil], ["..evil"])).toEqual([["..evil", "bad name"]]);
    const missing = diagnostic("root.missing", "connectors", WHOLE_FILE, "no folder");
    expect(note([evil, missing], null)).toEqual([[undefined, "no folder"]]);
  });

  it("logs errors as errors and warnings as warnings, with place and hint", () => {
    const logger = memoryLogger();
    const warning = diagnostic("generated.missing", "connectors/a/mcp.ts", WHOLE_FILE, "gone", "write it");
    new Findings(logger, "connectors").note([warning, finding("b", "foreign")], null);
    expect(logger.lines).toMatchObject([
      {
        level: "warn",
        message: "gone",
        fields: { code: "generated.missing", at: "connectors/a/mcp.ts:1:1", hint: "write it" },
      },
      { level: "error", message: "foreign" },
    ]);
  });
});
