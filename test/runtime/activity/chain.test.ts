import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, sha256 } from "../../../src/base/index.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { createRegistry, type LogPage, type LogRow } from "../../../src/registry/index.ts";
import { eventText, verifyChain } from "../../../src/runtime/activity/chain.ts";
import { Checkpoints } from "../../../src/runtime/activity/checkpoints.ts";
import { type KeyRing, newKey } from "../../../src/runtime/vault/keys.ts";
import { asking, callOnce, shop } from "../../contract/calls.ts";
import { entry, register } from "../../contract/manifests.ts";
import { pgliteFolder } from "../../helpers/pglite.ts";

const BEGINNING = "0".repeat(64);
const ODD: JsonObject = {
  text: 'a"b\\c/d\b\f\n\r\t\u0001\u001f\u007f é 漢 \u{1f600} \u2028 </script>',
  numbers: [0, -0.5, 1e21, 1.5e-7, 123456789012345680000, 0.1],
  "": { bb: null, a: true, b: [], ccc: {} },
  long: "x".repeat(2000),
};

/** A log as the database gives it, in pages. */
const reader =
  (rows: readonly LogRow[], head?: { event_id: number; hash: string }, size = 3) =>
  async (after: number): Promise<LogPage> => {
    const last = rows.at(-1);
    return {
      head: head ?? { event_id: last?.event_id ?? 0, hash: last?.hash ?? BEGINNING },
      events: rows.filter(({ event_id }) => after === 0 || event_id > after).slice(0, size),
    };
  };

/** What somebody does who can write to the database and knows how hashes are made. */
function chained(rows: readonly LogRow[]): LogRow[] {
  let hash = BEGINNING;
  return rows.map((row, at) => {
    const linked = { ...row, event_id: at + 1, prev_hash: hash };
    hash = sha256(hash + eventText(linked));
    return { ...linked, hash };
  });
}

describe("the activity log", () => {
  const folder = pgliteFolder();
  const registry = createRegistry(openPglite({ directory: folder.directory }));
  let rows: readonly LogRow[] = [];
  const people = registry.human("Jane Ünïcode").governance;

  beforeAll(async () => {
    const one = shop("logged");
    await register(registry, "s", one, entry("other"));
    await registry.human("jane").approve("logged", one.digest);
    for (let n = 0; n < 3; n += 1) await callOnce(registry.runtime, asking(one, "note", { arguments: ODD }));
    await registry.runtime.record([
      { action: "read", actor: 'a"gent', provider_id: "logged", digest: null, details: ODD },
      { action: "refused", actor: "ann", provider_id: "logged", digest: one.digest, details: {} },
    ]);
    rows = (await people.log({})).events;
  });
  afterAll(async () => {
    await registry.close();
    folder.remove();
  });

  const row = (n: number): LogRow => {
    const found = rows[n - 1];
    if (!found) throw new Error(`no row ${n}`);
    return found;
  };
  const faultOf = async (
    changed: readonly LogRow[],
    remembered: LogRow[] = [],
    head?: { event_id: number; hash: string },
  ) => {
    const { fault } = await verifyChain(reader(changed, head), remembered);
    return fault && `${fault.code} ${fault.event_id}`;
  };

  it("is worked out again to the last hash, whatever stands in it", async () => {
    const read = reader(rows);
    const found = await verifyChain(read, [row(2), row(5)]);
    expect(found).toMatchObject({ events: rows.length, fault: null, head: { event_id: rows.length } });
    expect(rows.length).toBeGreaterThan(9);
    expect([found.ledger.receipts.size, found.ledger.calls.size]).toEqual([3, 3]);
  });

  it.each(["actor", "action", "at", "digest", "details", "provider_id", "face", "source"] as const)(
    "names the row whose %s was edited",
    async (field) => {
      const edited = rows.map((one, at) =>
        at === 3 ? { ...one, [field]: field === "details" ? "{}" : "x" } : one,
      );
      expect(await faultOf(edited)).toBe("log.edited 4");
    },
  );

  it("names a row that was edited and given a hash to match", async () => {
    const other = { ...row(4), actor: "nobody" };
    const edited = rows.map((one, at) =>
      at === 3 ? { ...other, hash: sha256(other.prev_hash + eventText(other)) } : one,
    );
    expect(await faultOf(edited)).toBe("log.relinked 4");
  });

  it("names rows that were deleted, first, middle and last", async () => {
    expect(await faultOf(rows.slice(1))).toBe("log.deleted 1");
    expect(await faultOf(rows.filter((_, at) => at !== 4 && at !== 5))).toBe("log.deleted 5");
    const head = { event_id: rows.length, hash: row(rows.length).hash };
    expect(await faultOf(rows.slice(0, -2), [], head)).toBe(`log.truncated ${rows.length - 1}`);
    expect(await faultOf([], [], head)).toBe("log.truncated 1");
  });

  it("names the first row of a log that was cut or chained anew, where a checkpoint remembers it", async () => {
    const cut = rows.slice(0, 4);
    expect(await faultOf(cut)).toBeNull();
    expect(await faultOf(cut, [row(2), row(6)])).toBe("log.truncated 5");
    const anew = chained(rows.map((one, at) => (at === 3 ? { ...one, actor: "nobody" } : one)));
    expect(await faultOf(anew)).toBeNull();
    expect(await faultOf(anew, [row(3), row(4), row(8)])).toBe("log.rewritten 4");
    expect(await faultOf(anew, [row(2), row(8)])).toBe("log.rewritten 3");
    expect(await faultOf(anew, [row(2), row(2), row(8)])).toBe("log.rewritten 3");
    expect(await faultOf(rows, [row(2), row(2), { ...row(2), hash: "other" }])).toBe("log.rewritten 2");
    expect(await faultOf(chained(rows.filter((_, at) => at !== 6)), [row(rows.length)])).toBe(
      `log.truncated ${rows.length}`,
    );
  });

  it("is held against every checkpoint, whatever one of an empty log or of no row stands before them", async () => {
    const anew = chained(rows.map((one, at) => (at === 3 ? { ...one, actor: "nobody" } : one)));
    const empty = { ...row(1), event_id: 0, hash: BEGINNING };
    expect(await faultOf(rows, [empty, row(8)])).toBeNull();
    expect(await faultOf(anew, [empty, row(8)])).toBe("log.rewritten 1");
    expect(await faultOf([], [empty])).toBeNull();
    expect(await faultOf(rows, [{ ...empty, hash: "other" }])).toBe("log.rewritten 0");
    expect(await faultOf(rows, [{ ...row(3), event_id: 2.5 }])).toBe("log.rewritten 1");
  });

  it("is verified on as it goes on, against the checkpoints since then", async () => {
    let there: readonly LogRow[] = rows.slice(0, 5);
    const chain = await verifyChain((after) => reader(there)(after), []);
    there = rows;
    expect(await chain.readOn(row(7))).toBeNull();
    expect(chain.events).toBe(7);
    expect(await chain.holdAgainst([row(7), row(8)])).toBeNull();
    expect(chain.head).toEqual({ event_id: rows.length, hash: row(rows.length).hash });
    const last = row(rows.length);
    expect(await chain.holdAgainst([{ ...last, hash: "other" }])).toMatchObject({ code: "log.rewritten" });
  });

  it("names a row that was put in before the first one", async () => {
    expect(await faultOf([{ ...row(1), event_id: -7 }, ...rows])).toBe("log.relinked -7");
    expect(await faultOf([{ ...row(1), event_id: 0 }, ...rows])).toBe("log.relinked 0");
  });
});

describe("checkpoints", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
  });
  const at = "2026-11-21T00:00:00.000Z";
  const head = (event_id: number, hash = `h${event_id}`) => ({ event_id, hash });

  function made(ring: KeyRing = ringOf(newKey())) {
    const folder = mkdtempSync(join(tmpdir(), "sentinel-log-"));
    folders.push(folder);
    const path = join(folder, "state", "log");
    return { path, ring, checkpoints: new Checkpoints(path, () => ring) };
  }
  const ringOf = (...keys: ReturnType<typeof newKey>[]): KeyRing => {
    const [current] = keys;
    if (!current) throw new Error("no key");
    return { current, keys, file: null };
  };

  it("are read back in order, go forward only, and pass over a torn last line", () => {
    const { path, checkpoints, ring } = made();
    expect(checkpoints.read()).toEqual({ good: [], badLine: null });
    for (const n of [3, 3, 7]) expect(checkpoints.add(head(n), at)).toBe(true);
    expect(checkpoints.add(head(5), at)).toBe(false);
    expect(checkpoints.add(head(7, "other"), at)).toBe(false);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"event_id": 9, "ha`);
    const { good, badLine } = new Checkpoints(path, () => ring).read();
    expect([good.map(({ event_id }) => event_id), badLine]).toEqual([[3, 7], null]);
  });

  it("are not made of a log without rows", () => {
    const { checkpoints } = made();
    expect(checkpoints.add(head(0, BEGINNING), at)).toBe(true);
    expect(checkpoints.read().good).toEqual([]);
  });

  it("are not believed when changed, put in or signed by another", () => {
    const { path, checkpoints, ring } = made();
    for (const n of [1, 2, 3]) checkpoints.add(head(n), at);
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    const badLine = (changed: string[]): number | null => {
      writeFileSync(path, changed.map((line) => `${line}\n`).join(""));
      return new Checkpoints(path, () => ring).read().badLine;
    };
    const [one = "", two = "", three = ""] = lines;
    expect(badLine([one, two.replace("h2", "h9"), three])).toBe(2);
    expect(checkpoints.add(head(9), at)).toBe(false);
    expect(badLine([one.replace('"event_id":1', '"event_id":4'), two])).toBe(1);
    expect(badLine([one, "nonsense"])).toBe(2);
    expect(badLine([three, one, two])).toBeNull();
    expect(new Checkpoints(path, () => ring).read().good.map(({ hash }) => hash)).toEqual(["h1", "h2", "h3"]);
    expect(new Checkpoints(path, () => ringOf(newKey())).read().badLine).toBe(1);
  });

  it("come from several processes in turn", () => {
    const { path, checkpoints, ring } = made();
    const other = new Checkpoints(path, () => ring);
    expect([checkpoints.add(head(1), at), other.add(head(5), at), checkpoints.add(head(3), at)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(checkpoints.add(head(200), at)).toBe(true);
    for (let n = 201; n < 400; n += 1) other.add(head(n), at);
    expect(checkpoints.add(head(300), at)).toBe(false);
    expect(checkpoints.read()).toMatchObject({ badLine: null, good: { length: 202 } });
  });

  it("are signed anew when the master key changes", () => {
    const { path, checkpoints, ring } = made();
    for (const n of [1, 2]) checkpoints.add(head(n), at);
    const next = ringOf(newKey());
    checkpoints.signAnew(checkpoints.read().good, next);
    expect(new Checkpoints(path, () => next).read().good.map(({ hash }) => hash)).toEqual(["h1", "h2"]);
    expect(new Checkpoints(path, () => ring).read().badLine).toBe(1);
  });
});
