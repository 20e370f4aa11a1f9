import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Decision,
  type Local,
  type Presence,
  planArchive,
  planConnector,
  Registered,
} from "../../src/reconcile/plan.ts";
import type { Fingerprint, RevisionStatus } from "../../src/registry/index.ts";

const registered = (slug: string, rest: Partial<Fingerprint> = {}): Fingerprint => ({
  slug,
  source: "mine",
  status: "draft",
  version: null,
  digest: "d1",
  approved_version: null,
  approved_digest: null,
  ...rest,
});

const decide = (local: Partial<Local>, ...known: Fingerprint[]): Decision =>
  planConnector({ slug: "shop", digest: "d1", version: null, ...local }, new Registered(known), "mine");

describe("what is done with a connector", () => {
  it.each<[string, Partial<Local>, Fingerprint[], string]>([
    ["new", {}, [], "create"],
    ["the same", {}, [registered("shop")], "unchanged"],
    ["other content", { digest: "d2" }, [registered("shop")], "update"],
    ["back again", {}, [registered("shop", { status: "archived" })], "restore"],
    [
      "archived by another source",
      {},
      [registered("shop", { status: "archived", source: "other" })],
      "restore",
    ],
    [
      "other content under a new version",
      { digest: "d2", version: "1.1.0" },
      [registered("shop", { approved_version: "1.0.0", approved_digest: "d1" })],
      "update",
    ],
    [
      "other content over an approved revision without a version",
      { digest: "d2" },
      [registered("shop", { approved_digest: "d1" })],
      "update",
    ],
    [
      "what was approved, come back over a newer draft",
      { digest: "d1", version: "1.0.0" },
      [registered("shop", { digest: "d2", approved_version: "1.0.0", approved_digest: "d1" })],
      "update",
    ],
  ])("%s", (_name, local, known, action) => {
    expect(decide(local, ...known)).toEqual({ action });
  });

  it("is refused when another source has the slug, and both are named", () => {
    const decision = decide({}, registered("shop", { source: "theirs" }));
    expect(decision).toMatchObject({ refusal: { code: "registry.slug_taken", field: "provider_slug" } });
    expect(JSON.stringify(decision)).toMatch(/mine.*theirs|theirs.*mine/);
  });

  it.each<RevisionStatus>(["draft", "archived"])(
    "is refused when a rival that is %s has the vault keys",
    (status) => {
      const decision = decide({ slug: "a-b" }, registered("a_b", { source: "theirs", status }));
      expect(decision).toMatchObject({
        refusal: { code: "registry.vault_prefix_taken", field: "provider_slug" },
      });
      expect(JSON.stringify(decision)).toMatch(/a-b.*a_b/);
    },
  );

  it("is refused when an approved version has other content", () => {
    const approved = registered("shop", { approved_version: "1.0.0", approved_digest: "d1" });
    expect(decide({ digest: "d2", version: "1.0.0" }, approved)).toMatchObject({
      refusal: { code: "registry.version_immutable", field: "version" },
    });
  });
});

const LIVE = Array.from({ length: 10 }, (_, at) => registered(`c${at}`));
const names = (from: number): string[] => LIVE.slice(from).map(({ slug }) => slug);
const presence = (rest: Partial<Presence>): Presence => ({
  root: "present",
  names: names(0),
  source: "mine",
  allowArchive: 0,
  archivedOfLate: 0,
  ...rest,
});
const archive = (rest: Partial<Presence>): ReturnType<typeof planArchive> =>
  planArchive(new Registered(LIVE), presence(rest));

describe("what is archived", () => {
  it("is nothing when all is there", () => {
    expect(archive({})).toEqual({ archive: [], refusal: null });
  });

  it("is what is gone, up to a fifth", () => {
    expect(archive({ names: names(2) })).toEqual({ archive: ["c0", "c1"], refusal: null });
  });

  it("is nothing at all when more than a fifth is gone, and the way out is named", () => {
    const { archive: going, refusal } = archive({ names: names(3) });
    expect(going).toEqual([]);
    expect(refusal).toMatchObject({
      code: "plan.archive_budget",
      hint: expect.stringContaining("--allow-archive 3"),
    });
  });

  it("is what is gone when that many were allowed, not one more", () => {
    expect(archive({ names: names(3), allowArchive: 3 }).archive).toEqual(["c0", "c1", "c2"]);
    expect(archive({ names: names(4), allowArchive: 3 }).archive).toEqual([]);
  });

  it.each(["empty", "missing"] as const)("is nothing while the root is %s, not even a tenth", (root) => {
    const one = new Registered(LIVE.slice(0, 1));
    expect(planArchive(one, presence({ root, names: [] }))).toMatchObject({
      archive: [],
      refusal: { code: "plan.archive_budget" },
    });
    expect(planArchive(one, presence({ root, names: [], allowArchive: 1 })).archive).toEqual(["c0"]);
  });

  it("is nothing while the root can't be read, whatever was allowed", () => {
    expect(archive({ root: "unusable", names: [], allowArchive: 10 })).toEqual({
      archive: [],
      refusal: null,
    });
  });

  it("counts what earlier passes archived a short while ago", () => {
    expect(archive({ names: names(1), archivedOfLate: 1 }).archive).toEqual(["c0"]);
    expect(archive({ names: names(1), archivedOfLate: 3 }).refusal).not.toBeNull();
  });

  it("is only what was asked for, while the budget counts everything that is gone", () => {
    expect(archive({ names: names(2), slugs: ["c1"] }).archive).toEqual(["c1"]);
    expect(archive({ names: names(5), slugs: ["c1"] }).refusal).not.toBeNull();
  });

  it("spares a folder whose name only changed its case", () => {
    expect(archive({ names: ["C0", ...names(1)] })).toEqual({ archive: [], refusal: null });
  });

  it("never takes another source's", () => {
    const theirs = new Registered([registered("theirs", { source: "other" }), ...LIVE]);
    expect(planArchive(theirs, presence({}))).toEqual({ archive: [], refusal: null });
  });
});

const slug = fc.constantFrom("a", "b", "c", "d-e", "d_e", "f", "g", "h");
const status = fc.constantFrom<RevisionStatus>("draft", "approved", "rejected", "deprecated", "archived");
const fingerprints = fc.uniqueArray(
  fc.record({
    slug,
    source: fc.constantFrom("mine", "theirs"),
    status,
    version: fc.constantFrom(null, "1.0.0"),
    digest: fc.constantFrom("d1", "d2"),
    approved_version: fc.constantFrom(null, "1.0.0"),
    approved_digest: fc.constantFrom(null, "d1"),
  }),
  { selector: (one) => one.slug.replace("-", "_") },
);
const locals = fc.uniqueArray(
  fc.record({ slug, digest: fc.constantFrom("d1", "d2"), version: fc.constantFrom(null, "1.0.0") }),
  { selector: (one) => one.slug.replace("-", "_") },
);

/** What the registry would hold after a plan was carried out. */
function carriedOut(
  local: readonly Local[],
  known: readonly Fingerprint[],
  invalid: readonly string[],
): Fingerprint[] {
  const registry = new Registered(known);
  const after = new Map(known.map((one) => [one.slug, one]));
  const plan = presence({ names: [...invalid, ...local.map((one) => one.slug)], allowArchive: 100 });
  for (const gone of planArchive(registry, plan).archive) {
    const one = after.get(gone);
    if (one) after.set(gone, { ...one, status: "archived" });
  }
  for (const one of local) {
    if (planConnector(one, registry, "mine").action === "refuse") continue;
    const before = after.get(one.slug) ?? registered(one.slug);
    const approved = before.approved_digest === one.digest;
    after.set(one.slug, { ...before, ...one, source: "mine", status: approved ? "approved" : "draft" });
  }
  return [...after.values()];
}

describe("any plan", () => {
  it("carried out leaves nothing to do", () => {
    fc.assert(
      fc.property(locals, fingerprints, (local, known) => {
        const registry = new Registered(carriedOut(local, known, []));
        for (const one of local) {
          const first = planConnector(one, new Registered(known), "mine");
          const { action } = planConnector(one, registry, "mine");
          expect(action).toBe(first.action === "refuse" ? "refuse" : "unchanged");
        }
        const names = local.map((one) => one.slug);
        expect(planArchive(registry, presence({ names, allowArchive: 100 })).archive).toEqual([]);
      }),
    );
  });

  it("does not depend on the order of folders or rows", () => {
    fc.assert(
      fc.property(locals, fingerprints, fc.nat({ max: 3 }), (local, known, allowArchive) => {
        const plan = (names: string[], rows: Fingerprint[]): unknown =>
          planArchive(new Registered(rows), presence({ names, allowArchive }));
        const names = local.map((one) => one.slug);
        expect(plan([...names].reverse(), [...known].reverse())).toEqual(plan(names, known));
      }),
    );
  });

  it("never archives more than a fifth unasked, what is there, or another source's", () => {
    fc.assert(
      fc.property(fc.uniqueArray(slug), fingerprints, fc.nat({ max: 3 }), (present, known, allowArchive) => {
        const registry = new Registered(known);
        const live = registry.live("mine").map((one) => one.slug);
        const going = planArchive(registry, presence({ names: present, allowArchive })).archive;
        expect(going.length).toBeLessThanOrEqual(Math.max(allowArchive, live.length / 5));
        for (const one of going) {
          expect(present).not.toContain(one);
          expect(live).toContain(one);
        }
      }),
    );
  });
});
