import canonicalize from "canonicalize";
import { Bug, CODES, type JsonObject, sha256 } from "../../base/index.ts";
import type { Tool } from "../../manifest/index.ts";
import { ToolFailure } from "../seams.ts";

/** What makes two calls the same one. */
export interface CallIdentity {
  readonly connector: string;
  readonly account: string;
  readonly tool: Tool;
  readonly input: JsonObject;
}

/** What the registry tells calls apart by. */
export interface CallKeys {
  readonly key: string;
  /** Made from the arguments, because none was given. */
  readonly is_derived: boolean;
  readonly request_hash: string;
  readonly entity: string;
}

/** @throws ToolFailure `call.bad_key` */
export function checkKey(given: string | null): void {
  if (given === null || /^[\x21-\x7e]{1,200}$/.test(given)) return;
  throw new ToolFailure("call.bad_key", "The idempotency key is not one.", CODES["call.bad_key"].remedy);
}

/**
 * The key of a call: the one given, or the hash of what is asked. The registry keeps keys apart by agent: two agents who
 * ask the same have asked twice, each under its own grants, and neither is given the other's receipt.
 */
export function keysOf(call: CallIdentity, given: string | null): CallKeys {
  const { connector, account, tool, input } = call;
  // The RFC 8785 form, which the text of a list of texts is by itself.
  const text = canonicalize(input);
  if (text === undefined) throw new Bug("a call has no canonical form");
  const request_hash = sha256(JSON.stringify([connector, account, tool.name]) + text);
  const entity = [connector, account, ...(entityOf(tool, input) ?? [tool.name, text])];
  return {
    key: given === null ? `derived:${request_hash}` : `given:${given}`,
    is_derived: given === null,
    request_hash,
    entity: sha256(JSON.stringify(entity)),
  };
}

/**
 * What a call acts on: the thing that the capability names (`order.hold`: the order) with the id among the arguments, so
 * that two tools never work on one order at a time. Null without an id: then it is the whole request.
 */
function entityOf({ capability, name }: Tool, input: JsonObject): [noun: string, id: string] | null {
  const noun = capability?.split(".", 1)[0] ?? null;
  const id = input.id ?? (noun === null ? undefined : input[`${noun}_id`]);
  const named = typeof id === "string" || typeof id === "number";
  return named ? [noun ?? name, String(id)] : null;
}
