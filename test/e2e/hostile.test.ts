/** Whatever stands in a folder: it is answered in a moment, does no harm, and its neighbours do not notice. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CheckJson,
  type DiagnosticJson,
  eventually,
  type Finished,
  makeConnectors,
  type Project,
  project,
  type RunJson,
  rowsOf,
  type ShowJson,
  tiny,
} from "./helpers.ts";
import { canMakeDevices, DEVICE, type Hostile, KINDS, MANIFESTS, NAMES, SECRETS } from "./support/hostile.ts";

/** A second's work at most; the rest is for a slow machine to start the process. */
const MUST_ANSWER_MS = 8000;
const GOOD = makeConnectors(6, 11, "good");
/** Control, bidirectional and invisible characters. */
const HIDDEN = /[\p{Cc}\p{Cf}]/u;
const FORMATS = ["pretty", "json", "github", "sarif"];

/** Writes a good connector into a folder whose name may be any bytes. */
function writeNamed(tree: Project, name: string | Buffer): void {
  const folder = Buffer.concat([Buffer.from(`${tree.connectors}/`), Buffer.from(name)]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from("/manifest.yaml")]), tiny("named"));
}

function bySlug(diagnostics: readonly DiagnosticJson[]): Map<string, DiagnosticJson[]> {
  return Map.groupBy(diagnostics, (one) => one.file.split("/")[1] ?? "");
}

describe("a tree full of bad folders", () => {
  let tree: Project;
  let bad: Record<string, Hostile>;
  let before: ShowJson[];
  let servers: Record<string, string>;
  let ran: Finished;
  let found: Map<string, DiagnosticJson[]>;

  const status = async (): Promise<ShowJson[]> =>
    (await tree.json<{ connectors: ShowJson[] }>(["status"])).connectors;

  beforeAll(async () => {
    tree = project();
    bad = { ...MANIFESTS, ...KINDS, ...(canMakeDevices(tree.dir) ? DEVICE : {}) };
    for (const slug of Object.keys(bad)) tree.write(slug, tiny(slug));
    const first = await tree.run(["run"]);
    expect(first, first.stdout + first.stderr).toMatchObject({ code: 0 });
    before = await status();
    servers = Object.fromEntries(Object.keys(bad).map((slug) => [slug, tree.read(`${slug}/mcp.ts`)]));

    for (const [slug, { spoil }] of Object.entries(bad)) spoil(join(tree.connectors, slug));
    for (const name of NAMES) writeNamed(tree, name);
    tree.writeAll(GOOD);
    ran = await tree.run(["run", "--format", "json"]);
    found = bySlug(ran.json<RunJson>().diagnostics);
  });

  it("is reported as findings, not as a failure", () => {
    expect(ran.code).toBe(1);
    expect(ran.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(ran.json<RunJson>().summary).toMatchObject({
      created: Object.keys(GOOD).length,
      invalid: Object.keys(bad).length + NAMES.length,
      archived: 0,
      updated: 0,
    });
  });

  it("gives each bad folder one clear diagnostic", () => {
    const wrong: Record<string, unknown> = {};
    for (const [slug, { codes, most = 1 }] of Object.entries(bad)) {
      const mine = found.get(slug) ?? [];
      const clear =
        mine.length > 0 &&
        mine.length <= most &&
        mine.every(
          (one) => codes.includes(one.code) && one.hint.length > 0 && one.line >= 1 && one.column >= 1,
        );
      if (!clear) wrong[slug] = mine.map((one) => `${one.line}:${one.column} ${one.code}: ${one.message}`);
    }
    expect(wrong).toEqual({});
  });

  it("gives each bad name one clear diagnostic that can be printed", () => {
    const named = ran
      .json<RunJson>()
      .diagnostics.filter((one) => ["folder.name", "folder.reserved_name"].includes(one.code));
    expect(named.length).toBe(NAMES.length);
    expect(ran.json<RunJson>().diagnostics.filter((one) => HIDDEN.test(one.file + one.message))).toEqual([]);
  });

  it("registers the neighbours and keeps every last good revision", async () => {
    const after = await status();
    const slugs = new Set(Object.keys(bad));
    expect(after.filter((one) => slugs.has(one.provider_slug))).toEqual(before);
    expect(after.map((one) => one.provider_slug).filter((slug) => slug.startsWith("good-"))).toEqual(
      Object.keys(GOOD).sort(),
    );
    for (const [slug, text] of Object.entries(servers)) {
      if (tree.has(`${slug}/mcp.ts`)) expect(tree.read(`${slug}/mcp.ts`)).toBe(text);
    }
    for (const slug of Object.keys(GOOD)) expect(tree.has(`${slug}/mcp.ts`)).toBe(true);
  });

  // A garbage collector that is late once says nothing of what the input needs; one that is late each time does.
  it("takes at most 150 MB over what good folders take", { retry: 2 }, async () => {
    const plain = project();
    plain.writeAll(GOOD);
    for (const command of ["run", "check"]) {
      const easy = await plain.run([command], { measure: true });
      const hard = await tree.run([command], { measure: true });
      expect(easy.peakMiB).toBeGreaterThan(20);
      expect(hard.peakMiB - easy.peakMiB, command).toBeLessThanOrEqual(150);
    }
  });

  it("is answered folder by folder without a wait", async () => {
    const late: Record<string, number> = {};
    const slow = Object.entries(bad).filter(
      ([slug, one]) => one.heavy === true || /fifo|zero|device|huge/.test(slug),
    );
    for (const [slug] of slow) {
      const { code, milliseconds } = await tree.run(["check", slug], { timeoutMs: 30_000 });
      if (code !== 1 || milliseconds > MUST_ANSWER_MS) late[slug] = milliseconds;
    }
    expect(late).toEqual({});
  });

  it("prints no control character for people", async () => {
    const { code, stdout } = await tree.run(["check"]);
    expect(code).toBe(1);
    expect(stdout.replaceAll("\n", "")).not.toMatch(HIDDEN);
  });

  it("has executed nothing", () => {
    expect(
      readdirSync(tree.dir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("pwned")),
    ).toEqual([]);
  });
});

describe("a daemon under which bad folders appear", () => {
  it("says of each once what is wrong, and registers what comes after", async () => {
    const tree = project();
    tree.write("first", tiny("first"));
    const daemon = tree.start(["watch"]);
    await daemon.waitFor(/watching by/);
    for (const name of NAMES) writeNamed(tree, name);
    for (const [slug, { spoil }] of Object.entries(KINDS)) {
      tree.write(slug, tiny(slug));
      spoil(join(tree.connectors, slug));
    }
    const lines = (): { level: string; at?: string; code?: string; msg: string }[] =>
      daemon.output.stderr.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
    const errors = (): string[] =>
      lines().flatMap(({ level, at, code }) => (level === "error" ? [`${at} ${code}`] : []));
    await eventually("all is said", () =>
      expect(new Set(errors()).size).toBe(NAMES.length + Object.keys(KINDS).length),
    );
    for (const at of [0, 1, 2]) {
      tree.write(`late-${at}`, tiny(`late-${at}`));
      await eventually("a late neighbour is generated", () => tree.has(`late-${at}/mcp.ts`));
    }
    expect((await daemon.stop()).code).toBe(0);
    expect(errors().length).toBe(new Set(errors()).size);
    expect(lines().filter(({ msg }) => msg === "fine again")).toEqual([]);
  });
});

describe("text that would be code elsewhere", () => {
  it("is text in the registry and in the generated server", async () => {
    const pieces = [
      "{{ range.constructor('return process')().exit(3) }}",
      "{% include '/etc/passwd' %}",
      "*/ process.exit(3); /*",
      "`\x24{process.exit(3)}`",
      "</script><script>alert(1)</script>",
      "'); drop table connector_providers; --",
      "\\u0022); process.exit(3); //",
    ];
    const tree = project();
    for (const [at, piece] of pieces.entries()) {
      const quoted = JSON.stringify(piece);
      tree.write(
        `text-${at}`,
        `provider_slug: text-${at}\ndisplay_name: ${quoted}\ninstructions: ${quoted}\nscopes: [{name: a, description: ${quoted}}]\n` +
          `tools: [{name: t, title: ${quoted}, description: ${quoted}, scopes: [a], rest: {method: GET, url: "https://a.example/"}}]\n`,
      );
    }
    const report = await tree.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: true, summary: { created: pieces.length } });
    const found = await rowsOf(
      tree,
      "select display_name from public.connector_providers order by provider_id",
    );
    expect(found.map((row) => row.display_name)).toEqual(pieces);
    for (const at of pieces.keys()) {
      const server = tree.read(`text-${at}/mcp.ts`);
      expect(server).toMatch(/^[\t\n\x20-\x7e]*$/);
      expect(server).not.toContain("<script");
    }
  });
});

describe("a secret in a connector's folder", () => {
  it("is refused and never printed, of whatever kind, in whatever file and format", async () => {
    const tree = project();
    tree.writeAll(GOOD);
    const files = ["README.md", "manifest.yaml", "service.ts"];
    for (const [kind, secret] of Object.entries(SECRETS)) {
      tree.write(`secret-${kind}`, {
        "manifest.yaml": tiny(`secret-${kind}`, `    description: "use ${secret} here"\n`),
        "service.ts": `export const token = "${secret}";\n`,
        "README.md": `Call it with ${secret}.\n`,
      });
    }
    for (const format of FORMATS) {
      const check = await tree.run(["check", "--format", format]);
      expect(check.code).toBe(1);
      expect(check.stdout).toContain("file.secret");
      for (const secret of Object.values(SECRETS)) {
        const middle = secret.slice(secret.length / 2, secret.length / 2 + 12);
        expect(check.stdout + check.stderr).not.toContain(middle);
      }
    }
    const { diagnostics } = await tree.json<CheckJson>(["check"]);
    const found = diagnostics.filter((one) => one.code === "file.secret").map((one) => one.file);
    expect([...new Set(found)]).toEqual(
      Object.keys(SECRETS)
        .sort()
        .flatMap((kind) => files.map((file) => `connectors/secret-${kind}/${file}`)),
    );
  });

  it("reaches neither registry nor cache nor generated file", async () => {
    const secret = SECRETS.github ?? "";
    const tree = project();
    tree.write("leaky", tiny("leaky", `    description: ${secret}\n`));
    const ran = await tree.run(["run"]);
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).not.toContain(secret);
    expect(tree.has("leaky/mcp.ts")).toBe(false);
    const kept = readdirSync(join(tree.dir, ".sentinel"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(secret));
    expect(kept.map((entry) => entry.name)).toEqual([]);
  });
});

describe("a file of somebody else at mcp.ts", () => {
  it("is never overwritten, nor what it links to", async () => {
    const tree = project();
    const victim = join(tree.dir, "victim.ts");
    writeFileSync(victim, "// mine\n");
    tree.writeAll({
      linked: tiny("linked"),
      own: { "manifest.yaml": tiny("own"), "mcp.ts": "// by hand\n" },
    });
    symlinkSync(victim, join(tree.connectors, "linked/mcp.ts"));
    tree.writeAll(GOOD);
    const report = await tree.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: false, summary: { created: Object.keys(GOOD).length } });
    expect(report.diagnostics.map((one) => [one.code, one.file])).toEqual([
      ["generated.foreign_file", "connectors/linked/mcp.ts"],
      ["generated.foreign_file", "connectors/own/mcp.ts"],
    ]);
    expect(readFileSync(victim, "utf8")).toBe("// mine\n");
    expect(tree.read("own/mcp.ts")).toBe("// by hand\n");
  });
});
