import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { SharedDriver } from "../../src/cli/sharing.ts";
import { lastOwnedMs, openPglite } from "../../src/registry/drivers/pglite.ts";
import { createRegistry } from "../../src/registry/index.ts";
import { asking, shop } from "../contract/calls.ts";
import { register } from "../contract/manifests.ts";
import { pgliteFolder } from "../helpers/pglite.ts";

const { directory, remove } = pgliteFolder();
afterAll(remove);

/** The registry as a server has it. */
function server() {
  const driver = new SharedDriver(openPglite({ directory, shares: true }), () => lastOwnedMs(directory));
  return { driver, registry: createRegistry(driver) };
}

it("is let go for others, who are waited for, and only those that may have decided something count as a change", async () => {
  const owner = createRegistry(openPglite({ directory }));
  await owner.driver.migrate();
  await owner.close();
  const [one, other] = [server(), server()];
  expect([one.driver.moved(), other.driver.moved()]).toEqual([true, true]);
  // At once: whoever comes second waits until the first lets go.
  await Promise.all([one.registry.runtime.catalogue(), other.registry.runtime.catalogue()]);
  expect([one.driver.moved(), other.driver.moved()]).toEqual([false, false]);
  await owner.human("jane").list();
  await owner.close();
  expect([one.driver.moved(), other.driver.moved()]).toEqual([true, true]);
  // Only what was read counts as seen.
  await one.registry.runtime.accounts("acme");
  expect(one.driver.moved()).toBe(true);
  await one.registry.runtime.catalogue();
  expect(one.driver.moved()).toBe(false);
  await Promise.all([one.registry.close(), other.registry.close()]);
});

it("is kept from the begin of a side effect to its end, however long that takes", async () => {
  const owner = createRegistry(openPglite({ directory }));
  const one = shop("kept");
  await register(owner, "s", one);
  await owner.human("jane").approve("kept", one.digest);
  await owner.close();
  const [busy, next] = [server(), server()];
  const call = asking(one, "note");
  expect(await busy.registry.runtime.begin(call)).toMatchObject({ outcome: "begun", call_id: call.call_id });
  const waiting = next.registry.runtime.catalogue();
  expect(await Promise.race([waiting, sleep(1000, "waits")])).toBe("waits");
  const ended = { outcome: "succeeded", code: null, result: null, details: {} } as const;
  const { call_id } = call;
  const finished = await busy.registry.runtime.finish({
    call_id,
    receipt_id: randomUUID(),
    fence: 1,
    ...ended,
  });
  expect(finished.accepted).toBe(true);
  expect((await waiting).connectors).toHaveLength(1);
  await Promise.all([busy.registry.close(), next.registry.close()]);
});
