import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { createRegistry, type ReceiptText } from "../../../src/registry/index.ts";
import { Ledger, verifyReceipts } from "../../../src/runtime/activity/ledger.ts";
import { verifyLog } from "../../../src/runtime/activity/verify.ts";
import { asking, callOnce, shop } from "../../contract/calls.ts";
import { register } from "../../contract/manifests.ts";

const OPEN = `alter table tool_calls disable trigger user; alter table tool_receipts disable trigger user;
  alter table sentinel_events disable trigger user;`;

describe("what the log says of side effects", () => {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-ledger-"));
  const directory = join(folder, "registry");
  const done = { key: "the-key-of-one", call_id: "" };
  let copies = 0;

  beforeAll(async () => {
    const registry = createRegistry(openPglite({ directory }));
    const one = shop("logged");
    await register(registry, "s", one);
    await registry.human("jane").approve("logged", one.digest);
    const { runtime } = registry;
    const call = asking(one, "note", { key: done.key });
    done.call_id = call.call_id;
    await callOnce(runtime, call);
    for (const end of ["failed", "not_sent", "unknown"] as const)
      await callOnce(runtime, asking(one, "note"), end);
    // A second attempt, and a key made of arguments that was used again later.
    const again = asking(one, "put");
    await callOnce(runtime, again, "not_sent");
    await callOnce(runtime, again);
    const derived = { key: "of-arguments", is_derived: true, window_seconds: 0 };
    for (let n = 0; n < 2; n += 1) await callOnce(runtime, asking(one, "note", derived));
    await registry.human("jane").governance.log({});
    await runtime.begin(asking(one, "note"));
    await registry.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What is found after somebody has written to the database past every guard. */
  async function found(sql = ""): Promise<string | null> {
    copies += 1;
    const copy = join(folder, `copy-${copies}`);
    cpSync(directory, copy, { recursive: true });
    const db = await PGlite.create(copy);
    await db.exec(OPEN + sql);
    await db.close();
    const registry = createRegistry(openPglite({ directory: copy }));
    const { fault } = await verifyLog(registry.human("jane").governance, []);
    await registry.close();
    return fault && `${fault.code} ${fault.event_id}: ${fault.message}`;
  }
  const theOne = `idempotency_key = '${done.key}'`;

  it("is what their rows say, however they ended", async () => {
    expect(await found()).toBeNull();
  });

  it("names a row that was put in before the first one", async () => {
    const put = `insert into sentinel_events select -3, at, actor, face, action, source, provider_id, digest, details, prev_hash, hash
      from sentinel_events where event_id = 1`;
    expect(await found(put)).toBe("log.relinked -3: Row -3 was put in before the first one.");
  });

  it("names a receipt that was taken away, changed or put in", async () => {
    const missing = await found(`delete from tool_receipts where call_id = '${done.call_id}'`);
    expect(missing).toMatch(/^log\.receipt_changed \d+: The receipt [0-9a-f-]{36} of row \d+ is missing\.$/);
    expect(await found("delete from tool_receipts")).toMatch(/ is missing, and so are 4 more\.$/);
    const changed = await found(
      `update tool_receipts set result = '{"id": 8}' where call_id = '${done.call_id}'`,
    );
    expect(changed).toMatch(/^log\.receipt_changed [1-9]\d*: The receipt \S+ was changed or put in\.$/);
    const put = `insert into tool_receipts (receipt_id, agent_id, provider_id, tool_name, digest, outcome, details, call_id, account)
      select gen_random_uuid(), agent_id, provider_id, tool_name, digest, outcome, details, gen_random_uuid(), account from tool_receipts where call_id = '${done.call_id}'`;
    expect(await found(put)).toMatch(/^log\.receipt_changed 0: The receipt \S+ was changed or put in\.$/);
  });

  it("names a call whose row was taken away, so that it could be made again", async () => {
    expect(await found(`delete from tool_calls where ${theOne}`)).toMatch(
      new RegExp(`^log\\.call_changed \\d+: The call ${done.call_id} of row \\d+ is missing\\.$`),
    );
  });

  it.each([
    "state = 'not_sent'",
    "state = 'unknown'",
    "agent_id = 'zoe'",
    "tool_name = 'wipe'",
    "account = 'eu'",
    "digest = 'other'",
    "fence = 2",
    "is_logged = false",
  ])("names a call with %s", async (change) => {
    expect(await found(`update tool_calls set ${change} where ${theOne}`)).toMatch(
      new RegExp(`^log\\.call_changed \\d+: The call ${done.call_id} was changed or put in\\.$`),
    );
  });

  it("names a call that was put in as done", async () => {
    const put = `insert into tool_calls select gen_random_uuid(), agent_id, 'another-key', is_derived, provider_id, account, tool_name,
      digest, request_hash, entity, state, fence, holder, grants, arguments, begun_at, lease_until, is_logged
      from tool_calls where ${theOne}`;
    expect(await found(put)).toMatch(/^log\.call_changed 0: The call \S+ was changed or put in\.$/);
  });

  it("names what is logged a second time", async () => {
    const again = (more: string) => found(`update tool_calls set state = 'begun'${more} where ${theOne}`);
    expect(await again("")).toMatch(
      /^log\.receipt_changed \d+: Row \d+ has the receipt \S+ a second time, which row \d+ has\.$/,
    );
    expect(await again(", is_logged = false")).toMatch(
      new RegExp(
        `^log\\.call_changed \\d+: Row \\d+ has the call ${done.call_id} of row \\d+ begin or end a second time\\.$`,
      ),
    );
  });
});

describe("receipts", () => {
  const text = "{}";
  const one: ReceiptText = { receipt_id: "r", text };
  const read = async (after?: string) => (after ? [] : [one]);

  it("that are younger than the look are good, and those that the log never had are forged", async () => {
    const ledger = new Ledger();
    const hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    const later = async () => ledger.receipts.set("r", { event_id: 1, hash });
    expect(await verifyReceipts(read, ledger, later)).toBeNull();
    expect((await verifyReceipts(read, new Ledger(), async () => null))?.message).toContain("put in");
  });
});
