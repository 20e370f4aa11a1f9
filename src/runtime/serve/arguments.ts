import type { Json, JsonObject } from "../../base/index.ts";
import type { Manifest, Tool } from "../../manifest/index.ts";
import { no } from "../gate/refusals.ts";
import type { ObjectSchema, ToolData } from "../types.ts";

/** What of a call's arguments is for the gate, and what for the tool. */
export interface Split {
  readonly account: string | null;
  readonly key: string | null;
  readonly input: JsonObject;
}

/** A tool as agents see it, and how their arguments are read. */
export interface Offered {
  readonly data: ToolData;
  /** @throws ToolFailure `call.invalid_input` where one of the gate's is no text */
  readonly split: (given: JsonObject) => Split;
}

const ACCOUNT = { type: "string", description: "The account to use, where there are several." };
const KEY = { type: "string", description: "Names this call: under one key it is made once." };

/**
 * A tool with the arguments that the gate takes beside the tool's own: `account` where the connector can have accounts,
 * `idempotency_key` where it changes something. Where the tool has an argument of that name, ours gets a longer one.
 * @param data the tool with its own schemas, self-contained
 * @param name under which it is listed
 */
export function offer(data: ToolData, name: string, { auth, account_fields }: Manifest, tool: Tool): Offered {
  const own = propertiesOf(data.inputSchema);
  const hasAccounts = auth.type !== "none" || account_fields.length > 0;
  const account = hasAccounts ? freeName(own, "account") : null;
  const key = tool.side_effecting ? freeName(own, "idempotency_key") : null;
  const added = {
    ...(account !== null && { [account]: ACCOUNT }),
    ...(key !== null && { [key]: KEY }),
  };
  const { outputSchema, ...rest } = data;
  const output = outputSchema && withOrigin(outputSchema);
  return {
    data: {
      ...rest,
      name,
      inputSchema: { ...data.inputSchema, properties: { ...own, ...added } },
      ...(output && { outputSchema: output }),
    },
    split: (given) => {
      const input = { ...given };
      return { account: take(name, input, account), key: take(name, input, key), input };
    },
  };
}

function take(tool: string, input: JsonObject, name: string | null): string | null {
  const value = name === null ? undefined : input[name];
  if (name === null || value === undefined) return null;
  if (typeof value !== "string")
    throw no("call.invalid_input", `The arguments do not fit ${tool}: ${name} must be string.`);
  delete input[name];
  return value;
}

function freeName(own: object, name: string): string {
  let free = name;
  while (Object.hasOwn(own, free)) free = `call_${free}`;
  return free;
}

/**
 * The schema of a result: an object of the tool with `connector` and `account` in it. Undefined where the schema is put
 * together in a way that leaves no room for the two, or has one of its own.
 */
function withOrigin(schema: ObjectSchema): ObjectSchema | undefined {
  const plain = resolved(schema);
  if (["allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef"].some((word) => word in plain))
    return undefined;
  const own = propertiesOf(plain);
  if ("connector" in own || "account" in own) return undefined;
  const text = { type: "string" };
  return { ...plain, type: "object", properties: { ...own, connector: text, account: text } };
}

/** A schema that is nothing but a reference to a shared one, as that one. */
function resolved(schema: ObjectSchema): ObjectSchema {
  const { $ref, $defs } = schema;
  const name = typeof $ref === "string" ? /^#\/\$defs\/([^/]+)$/.exec($ref)?.[1] : undefined;
  const target: unknown = name === undefined ? undefined : Object(Object($defs)[name]);
  return target === undefined ? schema : { ...Object(target), type: "object", $defs };
}

function propertiesOf({ properties }: ObjectSchema): Record<string, Json> {
  return { ...Object(properties) };
}
