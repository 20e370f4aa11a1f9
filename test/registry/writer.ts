/** A process for tests to kill: `hold` registers one connector and waits; `write` registers without end and tells. */
import { setTimeout as sleep } from "node:timers/promises";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { createRegistry } from "../../src/registry/index.ts";
import { entry, scope } from "../contract/manifests.ts";

const [directory = "", mode = ""] = process.argv.slice(2);
const registry = createRegistry(openPglite({ directory }));
const { token } = await registry.machine.lease("w", `writer ${process.pid}`, 600);
if (mode === "hold") {
  await registry.machine.apply("w", token, [entry("held")], false);
  process.stdout.write("ready\n");
  await sleep(60_000);
}
for (let n = 0; ; n += 1) {
  const slug = `w-${process.pid}-${n}`;
  await registry.machine.apply("w", token, [entry(slug, { scopes: [scope("a"), scope("b")] })], false);
  process.stdout.write(`${slug}\n`);
}
