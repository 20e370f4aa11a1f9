import { type JsonObject, stripHidden } from "../../base/index.ts";
import { LIST, TEXT } from "../../manifest/index.ts";
import { put } from "../json.ts";
import { uniqueNames, wordsOf } from "../names.ts";
import type { Notes } from "../notes.ts";
import { cut, describe, oneLine, plainText, shortened } from "../text.ts";
import { argumentNames, BODY } from "./arguments.ts";
import type { Auth } from "./auth.ts";
import { capabilityOf } from "./capability.ts";
import type { Document } from "./document.ts";
import { effectsOf } from "./effects.ts";
import type { Body, Operation, Parameter, Requirement } from "./model.ts";
import { isOddPath, type Request, requestOf } from "./request.ts";
import type { Schemas } from "./schema.ts";

/** What all tools of one document are made with. */
export interface Workshop {
  readonly document: Document;
  readonly schemas: Schemas;
  readonly auth: Auth;
  /** What `security` says of operations that say nothing themselves. */
  readonly security: readonly Requirement[] | null;
  /** Names of the scopes that the manifest declares. */
  readonly scopes: ReadonlySet<string>;
  readonly notes: Notes;
}

/** Names of tools are cut at this length: longer ones break clients. */
const MAX_NAME = 44;
/** An operationId that a machine made up. */
const MEANINGLESS = /^(?:[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{27,})$/i;

/** The name of each operation's tool, by `METHOD path`; the same whatever the order of the document. */
export function toolNames(operations: readonly Operation[]): Map<string, string> {
  const wishes = operations.map((operation) => ({ identity: operation.identity, wish: wishOf(operation) }));
  return uniqueNames(wishes, MAX_NAME);
}

function wishOf({ id, method, path }: Operation): string {
  const given = id === null || MEANINGLESS.test(id) ? "" : wordsOf(id).join("_");
  const verb = method.toLowerCase().replaceAll("-", "_");
  const name = given === "" ? [verb, ...wordsOf(path.replace(/[?#].*$/s, ""))].join("_") : given;
  return /^[a-z]/.test(name) ? name : `${verb}_${name}`;
}

/**
 * Makes the tool of an operation.
 * @param base where the operation is, when that is not the manifest's base_url
 */
export function toolOf(
  operation: Operation,
  name: string,
  base: string | null,
  workshop: Workshop,
): JsonObject {
  const { document, auth, notes } = workshop;
  const argument = argumentNames(operation);
  const request = requestOf(document, operation, argument, base, auth, notes);
  const { side_effecting, destructive, idempotent } = effectsOf(operation);
  const scopes = scopesOf(operation, workshop);
  const title = titleOf(operation);
  return {
    name,
    capability: capabilityOf(operation),
    ...(title === "" ? {} : { title }),
    description: descriptionOf(operation, title, notes),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(side_effecting ? { side_effecting } : {}),
    ...(destructive ? { destructive } : {}),
    ...(idempotent ? { idempotent } : {}),
    input: inputOf(operation, request, argument, workshop),
    rest: request.rest,
  };
}

function titleOf({ summary }: Operation): string {
  return cut(oneLine(plainText((summary ?? "").slice(0, 2000))), TEXT.display_name);
}

/** The description, the summary before it where the title could not hold it, or at least what is called. */
function descriptionOf(
  { summary, description, identity, deprecated }: Operation,
  title: string,
  notes: Notes,
): string {
  const source = description ?? "";
  const limit = TEXT.description * 10;
  const short = oneLine(plainText((summary ?? "").slice(0, 2000)));
  const long = plainText(source.slice(0, limit));
  const lead = short !== title && !long.startsWith(short) ? [short] : [];
  const said = [...lead, long === "" ? short : long].filter((part) => part !== "");
  const parts = [...(deprecated ? ["Deprecated."] : []), ...(said.length === 0 ? [`${identity}.`] : said)];
  const text = stripHidden([...new Set(parts)].join("\n\n"));
  return shortened(text, identity, notes, TEXT.description, source.length > limit);
}

/** Every scope that one of the alternatives wants: whoever may call the tool must be allowed all that it may use. */
function scopesOf(operation: Operation, { security, scopes, notes }: Workshop): string[] {
  const wanted = (operation.security ?? security ?? []).flatMap((one) => [...one.values()].flat());
  const names = [...new Set(wanted.map((name) => name.trim()))].filter((name) => name !== "");
  for (const name of names) {
    if (!scopes.has(name))
      notes.add(`the scope ${name}`, operation.identity, "no security scheme declares it");
  }
  const declared = names.filter((name) => scopes.has(name));
  for (const name of declared.slice(LIST.short)) {
    notes.add(`the scope ${name}`, operation.identity, `a tool has at most ${LIST.short}`);
  }
  return declared.slice(0, LIST.short);
}

function inputOf(
  operation: Operation,
  request: Request,
  argument: ReadonlyMap<Parameter, string>,
  workshop: Workshop,
): JsonObject {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const parameter of request.taken) {
    const name = argument.get(parameter) ?? parameter.name;
    put(properties, name, parameterSchema(operation, parameter, workshop));
    if (parameter.required) required.push(name);
  }
  const { body } = operation;
  if (request.takesBody && body !== null) {
    properties[BODY] = bodySchema(operation, body, workshop);
    if (body.required) required.push(BODY);
  }
  return {
    type: "object",
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function parameterSchema(operation: Operation, parameter: Parameter, workshop: Workshop): JsonObject {
  const { schemas, notes, document } = workshop;
  const where = `${operation.identity} ${parameter.name}`;
  if (isOddPath(document, parameter)) {
    notes.add(`the style ${parameter.style} of a list or map`, where, "it is written with commas");
  }
  const schema = schemas.convert(parameter.schema, where);
  return described(schema, parameter.description, where, notes);
}

function bodySchema(operation: Operation, body: Body, { schemas, notes }: Workshop): JsonObject {
  const where = `${operation.identity} body`;
  if (body.encoding === "binary") {
    const schema = { type: "string", contentEncoding: "base64", contentMediaType: body.mediaType };
    return described(schema, body.description, where, notes);
  }
  const schema = schemas.convert(body.schema, where);
  if (body.encoding !== "text" || schema.type === "string")
    return described(schema, body.description, where, notes);
  if (Object.keys(schema).length > 0) {
    notes.add("what the body is made of", operation.identity, `it is given as the text of ${body.mediaType}`);
  }
  return described({ type: "string", contentMediaType: body.mediaType }, body.description, where, notes);
}

function described(schema: JsonObject, description: string | null, where: string, notes: Notes): JsonObject {
  const text = describe(description, where, notes);
  return text === "" ? schema : { ...schema, description: text };
}
