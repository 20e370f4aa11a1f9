/** A process of several on one registry: makes many calls at once, and prints how often each way of ending came. */
import { SharedDriver } from "../../../src/cli/sharing.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../../src/registry/drivers/postgres.ts";
import { createRegistry } from "../../../src/registry/index.ts";
import { loadKeyRing, ToolFailure } from "../../../src/runtime/index.ts";
import { house } from "../serve/house.ts";

const [where = "", host = "", count = "1", key = ""] = process.argv.slice(2);
const driver = where.startsWith("postgres:")
  ? openPostgres({ url: where })
  : new SharedDriver(openPglite({ directory: where, shares: true }), () => 0);
const registry = createRegistry(driver);
const ring = loadKeyRing({ text: key, file: null, ownFile: null });
const engine = house(registry, ring).engine({ hosts: [host] });
await engine.approved.refresh();
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
const signal = new AbortController().signal;
const ends = await Promise.all(
  Array.from({ length: Number(count) }, (_, at) =>
    engine.gate
      .call({
        agent: "ann",
        connector: "acme",
        tool: "get_item",
        account: null,
        input: { id: `${at}` },
        key: null,
        signal,
      })
      .then(
        () => "ok",
        (error: unknown) =>
          error instanceof ToolFailure ? `${error.code}: ${error.message}` : String(error),
      ),
  ),
);
await engine.close();
await registry.close();
process.stdout.write(
  `${JSON.stringify(Object.fromEntries(Map.groupBy(ends, (end) => end)), (_, value) => (Array.isArray(value) ? value.length : value))}\n`,
);
process.exit(0);
