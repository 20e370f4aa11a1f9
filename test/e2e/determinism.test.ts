/** The same folders give the same registry and the same files: in any order, by any way, in any place. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  dumpOf,
  eventually,
  makeConnectors,
  makeManifest,
  type Project,
  project,
  type RunJson,
  type ShowJson,
  SMALLEST,
  seeded,
} from "./helpers.ts";
import { FULL, fullAs } from "./support/full.ts";

const FOLDERS = { ...makeConnectors(8, 7), shopify: SMALLEST, "full-house": FULL };

function reversed<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).reverse());
}

/** The generated files, without what the author wrote. */
function generated(from: Project): Record<string, string> {
  return Object.fromEntries(Object.entries(from.files()).filter(([path]) => /\/mcp\.[^/]+$/.test(path)));
}

describe("the registry's rows", () => {
  it("do not know in which order and how often the folders were fed", async () => {
    const once = project();
    once.writeAll(FOLDERS);
    expect((await once.run(["run"])).code).toBe(0);

    const piecemeal = project();
    for (const [slug, content] of Object.entries(reversed(FOLDERS))) {
      piecemeal.write(slug, content);
      if (slug.endsWith("3") || slug === "shopify") await piecemeal.run(["run"]);
    }
    expect((await piecemeal.run(["run"])).code).toBe(0);

    const rows = await dumpOf(once);
    expect(rows.match(/"provider_id": "full-house"/g)?.length).toBeGreaterThan(10);
    expect(await dumpOf(piecemeal)).toBe(rows);
    expect(generated(piecemeal)).toEqual(generated(once));
  });

  it("do not know by which edits and re-edits the daemon came there", async () => {
    const once = project();
    once.writeAll(FOLDERS);
    expect((await once.run(["run"])).code).toBe(0);

    const edited = project();
    const random = seeded(99);
    for (const slug of Object.keys(FOLDERS)) {
      if (slug !== "full-house") edited.write(slug, makeManifest(slug, random));
    }
    // One that has had budgets, UTM patterns, a marketplace and files, of which nothing may stay.
    edited.write("made-0", fullAs("made-0"));
    const daemon = edited.start(["watch"]);
    const settled = (count: number): Promise<void> =>
      eventually(`${count} servers are generated`, () => Object.keys(generated(edited)).length === count);
    await settled(Object.keys(FOLDERS).length - 1);
    // Half-way contents, an invalid one among them, some replaced before the daemon has looked.
    for (const slug of Object.keys(FOLDERS).filter((one) => one.startsWith("made-"))) {
      edited.write(slug, makeManifest(slug, random));
      edited.write(slug, slug === "made-3" ? "provider_slug: [" : makeManifest(slug, random));
    }
    edited.remove("made-5");
    for (const path of ["tools", "service.ts", "icon.svg"]) edited.remove(`made-0/${path}`);
    await daemon.waitFor(/made-3/);
    edited.writeAll(reversed(FOLDERS));
    const expected = generated(once);
    await eventually("all is generated", () => expect(generated(edited)).toEqual(expected));
    expect((await daemon.stop()).code).toBe(0);
    expect(await dumpOf(edited)).toBe(await dumpOf(once));

    const report = await edited.json<RunJson>(["run"]);
    expect(report.summary).toMatchObject({ created: 0, updated: 0, restored: 0, invalid: 0 });
  });
});

/** The same declaration as SMALLEST: other order, comments, quotes, line ends. */
const RESPELLED = `# a comment
display_name: Shopify   # another
utm_capabilities: [social, email]
kpis: [{standard: gross_sales, raw: total_sales}]

scopes:
- requires_firearm: true
  name: write_products
- requires_firearm: false
  description: >-
    Read access
    to orders
  name: read_orders
provider_slug: shopify
`;

describe("spelling", () => {
  let shop: Project;
  let before: { digest: string; server: string };
  const state = async (): Promise<typeof before> => ({
    digest: (await shop.json<ShowJson>(["show", "shopify"])).digest,
    server: shop.read("shopify/mcp.ts"),
  });
  beforeAll(async () => {
    shop = project();
    shop.write("shopify", SMALLEST);
    expect((await shop.run(["run"])).code).toBe(0);
    before = await state();
  });

  it.each([
    ["comments, key order, quotes and list order", RESPELLED],
    ["CRLF line ends", SMALLEST.replaceAll("\n", "\r\n")],
    ["both", RESPELLED.replaceAll("\n", "\r\n")],
    ["no newline at the end", SMALLEST.trimEnd()],
  ])("%s change nothing", async (_what, text) => {
    shop.write("shopify", text);
    const report = await shop.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: true, summary: { unchanged: 1, updated: 0 } });
    expect(await state()).toEqual(before);
  });

  it("is all that changes nothing: a word does", async () => {
    shop.write("shopify", SMALLEST.replace("Read access", "read access"));
    const report = await shop.json<RunJson>(["run"]);
    expect(report.summary).toMatchObject({ updated: 1 });
    expect((await state()).digest).not.toBe(before.digest);
  });
});

describe("the machine", () => {
  it("does not show: neither its time zone nor its language nor the folder", async () => {
    const [here, there] = [project(), project()];
    // Names whose order differs between languages.
    const awkward = `provider_slug: order
display_name: Örder Čech Straße
scopes: [{name: Z}, {name: a}, {name: ä}, {name: z}, {name: ch}, {name: ČB}, {name: ç}, {name: i}, {name: I}, {name: ı}]
kpis: [{raw: ß, standard: net}, {raw: ss, standard: net}, {raw: sz, standard: net}]
`;
    for (const one of [here, there]) one.writeAll({ order: awkward, "full-house": FULL });
    const plain = { TZ: "UTC", LANG: "C", LC_ALL: "C" };
    const far = { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "cs_CZ.UTF-8", LANGUAGE: "de" };
    const first = await here.run(["run", "--format", "json"], { env: plain });
    const second = await there.run(["run", "--format", "json"], { env: far });
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(second.stdout).toBe(first.stdout);
    expect(there.files()).toEqual(here.files());
    expect(await dumpOf(there)).toBe(await dumpOf(here));
  });
});
