/**
 * A process for tests to kill: makes many calls at once under one key against a provider that counts, and prints how each
 * of them ended.
 */
import { UserError } from "../../../src/base/index.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../../src/registry/drivers/postgres.ts";
import { createRegistry } from "../../../src/registry/index.ts";
import { ToolFailure } from "../../../src/runtime/seams.ts";
import { stand } from "./stand.ts";

const [where = "", slug = "", tool = "", key = "", count = "1", provider = ""] = process.argv.slice(2);
const driver = where.startsWith("postgres:")
  ? openPostgres({ url: where })
  : openPglite({ directory: where });
const registry = createRegistry(driver);
const made = stand(registry, slug, { leaseSeconds: 1 });
made.provider = async (_tool, _input, _connection, signal) => {
  try {
    const answer = await fetch(provider, { method: "POST", body: key, signal });
    return await answer.text();
  } catch (cause) {
    throw new ToolFailure("api.timeout", "The answer was lost.", "", { sent: true, cause });
  }
};
await made.approved.refresh();
process.stdout.write("ready\n");
const answers = await Promise.all(
  Array.from({ length: Number(count) }, () =>
    made.call(tool, { text: "once" }, { key }).then(
      ({ receipt }) => receipt?.receipt_id ?? "no receipt",
      (error: unknown) =>
        error instanceof UserError || error instanceof ToolFailure ? error.code : String(error),
    ),
  ),
);
await made.recorder.close();
await registry.close();
process.stdout.write(`${JSON.stringify([...new Set(answers)])}\n`);
process.exit(0);
