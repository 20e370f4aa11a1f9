import type { CommandModule } from "../definitions.ts";
import { count } from "../output/text.ts";

/** `sentinel migrate`. */
export const run: CommandModule["run"] = async ({ registry, output }) => {
  const { driver } = await registry();
  const { applied, total } = await driver.migrate();
  await output.result({
    json: { ok: true, registry: driver.location, applied, total },
    pretty: () =>
      applied.length === 0
        ? `Nothing to do: ${driver.location} has all ${count(total, "migration")}.`
        : [
            ...applied.map((name) => `applied ${name}`),
            "",
            `${driver.location} has ${count(total, "migration")} now.`,
          ].join("\n"),
  });
  return 0;
};
