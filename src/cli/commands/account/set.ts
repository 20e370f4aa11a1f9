import { CODES, UserError } from "../../../base/index.ts";
import { DEFAULT_ACCOUNT, parseAccount } from "../../../runtime/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { argument, flag } from "../../options.ts";
import { manifestOf } from "../vault/place.ts";
import { usableFields } from "./fields.ts";

/** `sentinel account set`: makes an account, sets and takes away fields. */
export const run: CommandModule["run"] = async (context, given) => {
  const { connector, account: named } = parseAccount(argument(given, 0));
  const account = named ?? DEFAULT_ACCOUNT;
  const changes = given.args.slice(1).map(pair);
  const human = await context.human();
  const { governance } = human;
  if (!flag(given, "any")) checkNames(changes, usableFields(manifestOf(await human.show(connector))));
  const standing =
    (await governance.accounts(connector)).find((one) => one.account === account)?.fields ?? {};
  const fields: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(standing), ...changes]) {
    if (value === "") delete fields[name];
    else fields[name] = String(value);
  }
  await governance.setAccount(connector, account, fields);
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  await context.output.result({
    json: { ok: true, provider_slug: connector, account, fields },
    pretty: () => `${connector}:${account} has ${shown.length === 0 ? "no fields" : shown.join(" ")}.`,
  });
  return 0;
};

/** @throws UserError `account.unknown_field` for a name that is given a value and that nothing would read */
function checkNames(changes: readonly (readonly [string, string])[], usable: readonly string[]): void {
  const wrong = changes.filter(([name, value]) => value !== "" && !usable.includes(name));
  if (wrong.length === 0) return;
  const names = wrong.map(([name]) => name).join(", ");
  const message = `The connector has no use for ${names}; it has for ${usable.join(", ") || "none"}.`;
  throw new UserError("account.unknown_field", message, CODES["account.unknown_field"].remedy);
}

function pair(text: string): [string, string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UserError(
    "usage.field",
    // Not the argument itself: it may be a secret, given by mistake.
    "One of the arguments sets no field.",
    "Write name=value; name= takes the field away.",
  );
}
