import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createLogger, registerSecret, scrubText } from "../../src/base/index.ts";

// Put together at run time, so that no scanner takes this file for a leak.
const password = ["correct", "horse", 'bat"tery\\'].join("-");
const token = `gh${"p"}_${"aZ3".repeat(12)}`;
registerSecret(password);

async function logged(
  format: "json" | "pretty",
  write: (log: Awaited<ReturnType<typeof createLogger>>) => void,
) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(await createLogger({ level: "debug", format, destination }));
  return lines.join("");
}

function wrapped(message: string): Error {
  const inner = new Error(message);
  return Object.assign(new Error("outer", { cause: inner }), { detail: { config: { headers: [message] } } });
}

const places: Record<string, [message: string, fields: object]> = {
  "the message": [`connecting with ${password}`, {}],
  "a nested field": ["x", { a: { b: { c: { d: password } } } }],
  "an array": ["x", { list: ["fine", [password]] }],
  "an error's message": ["x", { error: new Error(`bad password ${password}`) }],
  "an error's stack and cause": ["x", { deep: { errors: [wrapped(password)] } }],
  "a field's name": ["x", { [password]: true }],
  "another case": ["x", { value: password.toUpperCase() }],
  "a URL": ["x", { url: `postgres://writer:${encodeURIComponent(password)}@db.internal/registry` }],
  "an encoded header": ["x", { headers: [["X-Auth", Buffer.from(password).toString("base64")]] }],
};

const leaks = (text: string): boolean => {
  const forms = [password, JSON.stringify(password).slice(1, -1), encodeURIComponent(password)];
  const lower = text.toLowerCase();
  return (
    forms.some((form) => lower.includes(form.toLowerCase())) ||
    text.includes(Buffer.from(password).toString("base64"))
  );
};

describe("log scrubbing", () => {
  for (const [place, [message, fields]] of Object.entries(places)) {
    for (const format of ["json", "pretty"] as const) {
      it(`finds a registered secret in ${place} (${format})`, async () => {
        const text = await logged(format, (log) => log.warn(message, fields));
        expect(leaks(inspect([message, fields], { depth: null })), "planted").toBe(true);
        expect(text).toContain("[redacted]");
        expect(leaks(text)).toBe(false);
      });
    }
  }

  it("finds a value of the vault's greatest length, and is not broken by it", () => {
    const key = Array.from(
      { length: 8192 },
      (_, at) => `${(at * 7919).toString(36).padStart(6, "-")}+/`,
    ).join("");
    registerSecret(key);
    const forms = [key, key.toUpperCase(), encodeURIComponent(key), Buffer.from(key).toString("base64")];
    expect(scrubText(`a ${forms.join(" b ")} c`)).toBe(
      "a [redacted] b [redacted] b [redacted] b [redacted] c",
    );
  });

  const shapes: Record<string, string> = {
    github: token,
    slack: ["xoxb", "123456789012", "abcdefghijkl"].join("-"),
    stripe: ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_"),
    aws: `AKI${"A"}IOSFODNN7EXAMPLE`,
    shopify: `shp${"at"}_${"0123456789abcdef".repeat(2)}`,
    jwt: ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "c2lnbmF0dXJl"].join("."),
    supabase: `sb_${"secret"}_${"abcDEF123456789"}`,
    bearer: `Bearer ${"f00dfeed".repeat(4)}`,
    userinfo: "https://robot:hunter2hunter2@example.com/x",
  };
  for (const [name, secret] of Object.entries(shapes)) {
    it(`knows the shape of a secret: ${name}`, () => {
      expect(scrubText(`before ${secret} after`)).toMatch(/^before .*\[redacted\].* after$/);
      expect(scrubText(`before ${secret} after`)).not.toContain(secret);
    });
  }

  it("hides text under a secret's name, in any case and depth, and leaves the rest alone", async () => {
    const text = await logged("json", (log) =>
      log.info("x", { Request: [{ "X-API-Key": "q1w2e3", PASSWORD: ["p1p2"], token: 7, slug: "shopify" }] }),
    );
    expect(JSON.parse(text).Request).toEqual([
      { "X-API-Key": "[redacted]", PASSWORD: ["[redacted]"], token: 7, slug: "shopify" },
    ]);
  });

  it("keeps ordinary words, paths and digests", () => {
    const text =
      "connectors/risk-desk/manifest.yaml:3:4 sha256 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978 task-list";
    expect(scrubText(text)).toBe(text);
  });

  it("says what an error is, wherever it stands", async () => {
    const cause = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
    const text = await logged("json", (log) => log.error("x", { tries: [new Error("away", { cause })] }));
    expect(JSON.parse(text).tries[0]).toMatchObject({
      type: "Error",
      message: "away",
      cause: { code: "ECONNREFUSED", message: "connection refused" },
    });
  });

  it("survives fields that refer to themselves", async () => {
    const loop: { self?: object } = {};
    loop.self = loop;
    expect(JSON.parse(await logged("json", (log) => log.info("x", { loop }))).loop).toEqual({
      self: "[cut]",
    });
  });
});

describe("logger", () => {
  it("writes JSON lines with level, time and message", async () => {
    const line = JSON.parse(await logged("json", (log) => log.info("ready", { connectors: 8 })));
    expect(line).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      connectors: 8,
      msg: "ready",
    });
  });

  it("changes its level while it runs", async () => {
    const text = await logged("json", (log) => {
      log.setLevel("warn");
      log.info("no");
      log.setLevel("debug");
      log.debug("yes");
    });
    expect(text).not.toContain('"no"');
    expect(text).toContain('"yes"');
  });

  it("is not loaded by importing the room", () => {
    const index = fileURLToPath(new URL("../../src/base/index.ts", import.meta.url));
    const code = `const { createRequire } = await import("node:module"); await import(${JSON.stringify(index)});
      process.stdout.write(String(Object.keys(createRequire(${JSON.stringify(index)}).cache).some((p) => p.includes("pino"))));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    expect(child.stdout).toBe("false");
  });
});
