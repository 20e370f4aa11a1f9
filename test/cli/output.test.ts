import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  CODES,
  type Code,
  type Diagnostic,
  diagnostic,
  HIDDEN_CHARACTERS,
  UserError,
} from "../../src/base/index.ts";
import { Excerpts } from "../../src/cli/output/excerpt.ts";
import { githubAnnotations } from "../../src/cli/output/github.ts";
import { json } from "../../src/cli/output/json.ts";
import { type Format, Output } from "../../src/cli/output/output.ts";
import { relativeUri, sarif } from "../../src/cli/output/sarif.ts";
import { cells, clean, columns, guard, paint, shorten } from "../../src/cli/output/text.ts";

const dir = mkdtempSync(join(tmpdir(), "sentinel-output-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const hidden = (text: string): boolean => text.replace(/[\n\t]/g, "").search(HIDDEN_CHARACTERS) >= 0;

function finding(over: Partial<Diagnostic> = {}): Diagnostic {
  const span = { line: 2, column: 3, end_line: 2, end_column: 7 };
  return {
    ...diagnostic("manifest.unknown_key", "connectors/a/manifest.yaml", span, "There is no field."),
    ...over,
  };
}

/** What an Output writes to its two streams. */
async function printed(
  format: Format,
  act: (output: Output) => Promise<void> | void,
  colour = false,
): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    write(part: string, done: () => void) {
      text[name] += part;
      done();
      return true;
    },
  });
  const colours = { stdout: colour, stderr: colour };
  const output = new Output(
    { format, quiet: false, colour: colours, cwd: dir, version: "1.2.3" },
    stream("stdout"),
    stream("stderr"),
  );
  await act(output);
  await output.flush();
  return text;
}

describe("text for a terminal", () => {
  it("shows hidden characters instead of obeying them", () => {
    expect(clean("a\u001b[31mb\u202ec\nd")).toBe("a\\u{1b}[31mb\\u{202e}c\\u{a}d");
  });

  it("lets our own colours through and no other sequence", () => {
    expect(guard("\u001b[2J\u001b[31mred\u001b[39m\u009b2J")).toBe(
      "\\u{1b}[2J\u001b[31mred\u001b[39m\\u{9b}2J",
    );
  });

  it("lets nothing hidden through, whatever the input", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(hidden(clean(text))).toBe(false);
        expect(hidden(stripVTControlCharacters(guard(text)))).toBe(false);
      }),
    );
  });

  it("counts wide characters as two cells and marks as none", () => {
    expect([cells("abc"), cells("数据"), cells("e\u0301"), cells("🎉")]).toEqual([3, 4, 1, 2]);
  });

  it("shortens a text of several lines to one", () => {
    expect(shorten("Read\n  orders\r\n", 40)).toBe("Read orders");
    expect(shorten("Read\norders", 6)).toBe("Read …");
  });

  it("aligns columns by cells", () => {
    expect(
      columns(
        ["a", "b"],
        [
          ["数", "x"],
          ["long", "y"],
        ],
        paint(false),
      ),
    ).toEqual(["  a     b", "  数    x", "  long  y"]);
  });
});

describe("json", () => {
  it("puts the format's version first", () => {
    expect(json({ ok: true })).toBe('{\n  "format_version": 1,\n  "ok": true\n}');
  });

  it("escapes what a terminal would obey without changing a value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const written = json({ text });
        expect(hidden(written)).toBe(false);
        expect(JSON.parse(written).text).toBe(text);
      }),
    );
  });
});

describe("github annotations", () => {
  it("escape what would end a property or a message", () => {
    const line = githubAnnotations([finding({ file: "a,b:c%d", message: "50% of\nit", hint: "x::y" })]);
    expect(line).toBe(
      "::error file=a%2Cb%3Ac%25d,line=2,endLine=2,col=3,endColumn=7,title=manifest.unknown_key::50%25 of%0Ait%0Ax::y",
    );
  });

  it("are one line each, whatever the input", () => {
    const command = /^::(?:error|warning) [a-zA-Z]+=[^,:]*(?:,[a-zA-Z]+=[^,:]*)*::[^\r\n]*$/;
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (file, message) => {
        const text = githubAnnotations([finding({ file, message })]);
        expect(text).toMatch(command);
        expect(hidden(text)).toBe(false);
      }),
    );
  });

  it("leave columns out where a finding spans lines", () => {
    expect(githubAnnotations([finding({ end_line: 4 })])).toContain("line=2,endLine=4,title=");
  });
});

describe("sarif", () => {
  const require = createRequire(import.meta.url);
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  // Written in draft-04, of which it uses nothing that later drafts read otherwise.
  const { $schema, id, ...published } = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
  const validate = ajv.compile(published);
  const valid = (text: string): unknown => (validate(JSON.parse(text)) ? null : validate.errors);

  it("is valid against the published schema with every code there is", () => {
    const codes = Object.keys(CODES) as Code[];
    const all = codes.map((code) =>
      diagnostic(code, "connectors/a b/#ü?.yaml", finding(), "Something is wrong."),
    );
    expect([$schema, id]).toEqual([
      expect.stringContaining("draft-04"),
      expect.stringContaining("sarif-2.1.0"),
    ]);
    expect(valid(sarif(all, "1.2.3"))).toBeNull();
    expect(JSON.parse(sarif(all, "1.2.3")).runs[0].results).toHaveLength(codes.length);
  });

  it("is valid for no findings and for a command that could not run", () => {
    expect(valid(sarif([], "1.2.3"))).toBeNull();
    const failed = sarif([], "1.2.3", { code: "config.cwd", message: "No.", hint: "Yes." });
    expect(valid(failed)).toBeNull();
    expect(JSON.parse(failed).runs[0].invocations[0].executionSuccessful).toBe(false);
  });

  it("is not taken for valid when it isn't", () => {
    expect(valid('{"version": "2.1.0", "runs": [{"results": []}]}')).not.toBeNull();
  });

  it("names files as relative references that decode to the path", () => {
    expect(relativeUri("a:b/c d#?%/ü.yaml")).toBe("a%3Ab/c%20d%23%3F%25/%C3%BC.yaml");
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { minLength: 1 }), (segments) => {
        const path = segments.map((part) => part.replaceAll("/", "_")).join("/");
        const uri = relativeUri(path);
        expect(uri).not.toMatch(/[^\x21-\x7e]|:/);
        expect(decodeURIComponent(uri)).toBe(path);
      }),
    );
  });

  it("says how its columns count", () => {
    expect(JSON.parse(sarif([finding()], "1.2.3")).runs[0]).toMatchObject({
      columnKind: "unicodeCodePoints",
      results: [{ ruleId: "manifest.unknown_key", ruleIndex: 0, level: "error" }],
    });
  });
});

describe("excerpts", () => {
  const file = (name: string, text: string): string => {
    mkdirSync(join(dir, "x"), { recursive: true });
    writeFileSync(join(dir, "x", name), text);
    return `x/${name}`;
  };
  const excerpt = (path: string, over: Partial<Diagnostic>, others: Diagnostic[] = []) => {
    const one = finding({ file: path, ...over });
    return new Excerpts(dir, [one, ...others]).of(one);
  };

  it("put the caret below what is meant", () => {
    const path = file("a.yaml", "first: 1\n  scpoes: []\n");
    expect(excerpt(path, { line: 2, column: 3, end_line: 2, end_column: 9 })).toEqual({
      line: "  scpoes: []",
      caret: "  ^^^^^^",
    });
  });

  it("count what is wide and what is not in cells, and columns in code points", () => {
    const path = file("wide.yaml", "🎉数: bad\n");
    expect(excerpt(path, { line: 1, column: 5, end_line: 1, end_column: 8 })).toEqual({
      line: "🎉数: bad",
      caret: "      ^^^",
    });
  });

  it("show hidden characters as one visible cell", () => {
    const path = file("hidden.yaml", "a\u202eb: 1\n");
    expect(excerpt(path, { line: 1, column: 2, end_line: 1, end_column: 3 })).toEqual({
      line: "a\ufffdb: 1",
      caret: " ^",
    });
  });

  it("cut long lines around the place", () => {
    const path = file("long.yaml", `${"a".repeat(5000)}B${"c".repeat(5000)}`);
    const shown = excerpt(path, { line: 1, column: 5001, end_line: 1, end_column: 5002 });
    expect(shown?.line).toHaveLength(102);
    expect(shown?.line[shown.caret.indexOf("^")]).toBe("B");
  });

  it("never show a line with a secret, also not for its other findings", () => {
    const secret = ["gh", "p_", "a1B2c3D4e5".repeat(4)].join("");
    const path = file("secret.yaml", `summary: ${secret}\nhomepage: x\n`);
    const place = { line: 1, column: 1, end_line: 1, end_column: 8 };
    expect(excerpt(path, place)).toBeNull();
    const other = finding({ file: path, code: "file.secret", line: 2, end_line: 2 });
    expect(excerpt(path, { ...place, line: 2, end_line: 2 }, [other])).toBeNull();
  });

  it("are left out where there is no plain file to show", () => {
    symlinkSync(join(dir, "x", "a.yaml"), join(dir, "link.yaml"));
    expect(excerpt("link.yaml", {})).toBeNull();
    expect(excerpt("nowhere.yaml", {})).toBeNull();
    expect(excerpt("x", {})).toBeNull();
    expect(excerpt(file("short.yaml", "one line"), { line: 9, end_line: 9 })).toBeNull();
  });
});

describe("output", () => {
  const report = { pretty: () => "done", json: { ok: false, diagnostics: [] }, diagnostics: [finding()] };

  it("prints a result in the format asked for, on stdout only", async () => {
    const formats: readonly Format[] = ["pretty", "json", "github", "sarif"];
    const texts = await Promise.all(
      formats.map((format) => printed(format, (output) => output.result(report))),
    );
    expect(texts.map(({ stderr }) => stderr)).toEqual(["", "", "", ""]);
    expect(texts.map(({ stdout }) => stdout.slice(0, 12))).toEqual([
      "connectors/a",
      '{\n  "format_',
      "::error file",
      '{\n  "$schema',
    ]);
    expect(texts[0]?.stdout).toContain(
      "connectors/a/manifest.yaml:2:3 error manifest.unknown_key\n  There is no field.\n  hint:",
    );
  });

  it("says why a command could not run: to people on stderr, to machines on stdout", async () => {
    const error = new UserError("config.cwd", "There is no folder.", "Create it.");
    const pretty = await printed("pretty", (output) => output.failure(error));
    expect(pretty).toEqual({
      stdout: "",
      stderr: "error config.cwd\n  There is no folder.\n  hint: Create it.\n",
    });
    const machine = await printed("json", (output) => output.failure(error));
    expect(machine.stderr).toBe("");
    expect(JSON.parse(machine.stdout)).toEqual({
      format_version: 1,
      ok: false,
      error: { code: "config.cwd", message: "There is no folder.", hint: "Create it." },
    });
  });

  it("keeps the stack of our own faults and prints it to people", async () => {
    const { stderr } = await printed("json", (output) =>
      output.failure(new TypeError("x is not a function")),
    );
    expect(stderr).toMatch(/x is not a function[\s\S]*at .*output\.test/);
  });

  it("does not print the password that a driver's message quotes", async () => {
    const url = ["postgres://u:", "hunter2hunter2", "@db/x"].join("");
    const error = new UserError("registry.unavailable", `Can't reach ${url}.`, "Start it.");
    const { stderr } = await printed("pretty", (output) => output.failure(error));
    expect(stderr).toContain("postgres://u:");
    expect(stderr).not.toContain("hunter2");
  });

  it("prints progress on a terminal only", async () => {
    expect(await printed("pretty", (output) => output.progress("1 of 2"))).toEqual({
      stdout: "",
      stderr: "",
    });
  });

  it("colours only where asked to", async () => {
    const coloured = await printed("pretty", (output) => output.result(report), true);
    expect(coloured.stdout).toContain("\u001b[");
    const plain = await printed("pretty", (output) => output.result(report), false);
    expect(plain.stdout).not.toContain("\u001b[");
  });
});
