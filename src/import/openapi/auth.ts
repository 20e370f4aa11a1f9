import type { JsonObject } from "../../base/index.ts";
import type { Notes } from "../notes.ts";
import type { Operation, Parameter, Requirement } from "./model.ts";
import { type Flow, grantOf, type Scheme } from "./security.ts";

/** How a connector signs in, and what follows from it. */
export interface Auth {
  /** The manifest's `auth`. */
  readonly auth: JsonObject;
  /** `both` where people may bring a key instead of signing in; null: as `auth` says. */
  readonly mode: "both" | null;
  /** Pages where a token is got that the connector can't get itself. */
  readonly links: readonly string[];
  /** Whether a parameter is a credential that is sent without anybody's doing. */
  readonly injects: (parameter: Parameter) => boolean;
}

/** Header fields that carry credentials, and no manifest may write. */
const CREDENTIAL_HEADER =
  /^(?:authorization|proxy-authorization|cookie|(?:x-)?api-key|x-auth-token|x-access-token)$/i;
const KEY_LIKE = /(?:^|[-_])(?:api|access|auth|secret)[-_]?(?:key|token)$/i;

/** More sets of schemes than any API means are not all tried. */
const MAX_CANDIDATES = 200;

const ONE_KIND = "a manifest holds one way to sign in";

/**
 * Chooses how the connector signs in: the schemes that alone suffice for most operations, and of equals the first that
 * the document has. Every other one is noted.
 * @param whole what `security` says of operations that say nothing themselves
 */
export function chooseAuth(
  schemes: readonly Scheme[],
  operations: readonly Operation[],
  whole: readonly Requirement[] | null,
  notes: Notes,
): Auth {
  const byName = new Map(schemes.map((scheme) => [scheme.name, scheme]));
  const wanted = operations.map((operation) => operation.security ?? whole ?? []);
  const chosen = withParameters(best(schemes, byName, wanted), schemes, operations);
  for (const scheme of schemes) {
    if (chosen.includes(scheme)) continue;
    const why = scheme.kind === null ? "a manifest has no such way to sign in" : ONE_KIND;
    notes.add(`the security scheme ${scheme.name} (${scheme.label})`, "security", why);
  }
  noteUncovered(operations, wanted, chosen, byName, notes);
  if (chosen.length === 0) return guess(operations, notes);
  return written(chosen, schemes, notes);
}

/** The set of schemes that suffices for most operations. */
function best(
  schemes: readonly Scheme[],
  byName: ReadonlyMap<string, Scheme>,
  wanted: readonly (readonly Requirement[])[],
): readonly Scheme[] {
  const candidates = new Map<string, readonly Scheme[]>();
  for (const scheme of schemes) candidates.set(scheme.name, [scheme]);
  for (const requirement of wanted.flat()) {
    const names = [...requirement.keys()];
    const set = names.map((name) => byName.get(name)).filter((one) => one !== undefined);
    if (set.length > 1) candidates.set(names.sort().join("\n"), set);
  }
  let winner: readonly Scheme[] = [];
  let most = -1;
  for (const set of [...candidates.values()].filter(isPossible).slice(0, MAX_CANDIDATES)) {
    const count = wanted.filter((alternatives) => alternatives.some((one) => isCovered(one, set))).length;
    if (count > most) [winner, most] = [set, count];
  }
  return winner;
}

/**
 * Adds the keys that operations have as parameters besides: who writes `key` and `token` as two schemes, and both as
 * parameters, wants both to be sent.
 */
function withParameters(
  chosen: readonly Scheme[],
  schemes: readonly Scheme[],
  operations: readonly Operation[],
): readonly Scheme[] {
  const more = schemes.filter(({ key, ...scheme }) => {
    if (key === null || scheme.kind !== "api_key" || chosen.some(({ name }) => name === scheme.name))
      return false;
    const having = operations.filter(({ parameters }) => parameters.some((one) => isKey(one, key)));
    return having.length > operations.length / 2;
  });
  const both = [...chosen, ...more];
  return chosen.length > 0 && isPossible(both) ? both : chosen;
}

/** Any number of keys, and one way of another kind at most. */
function isPossible(set: readonly Scheme[]): boolean {
  const others = set.filter((scheme) => scheme.kind !== "api_key");
  return set.length > 0 && set.length <= 6 && others.length <= 1 && others.every(({ kind }) => kind !== null);
}

function isCovered(requirement: Requirement, set: readonly Scheme[]): boolean {
  return (
    requirement.size > 0 &&
    [...requirement.keys()].every((name) => set.some((scheme) => scheme.name === name))
  );
}

function noteUncovered(
  operations: readonly Operation[],
  wanted: readonly (readonly Requirement[])[],
  chosen: readonly Scheme[],
  byName: ReadonlyMap<string, Scheme>,
  notes: Notes,
): void {
  operations.forEach((operation, index) => {
    const alternatives = wanted[index] ?? [];
    if (alternatives.length === 0) return;
    for (const name of new Set(alternatives.flatMap((one) => [...one.keys()]))) {
      if (!byName.has(name))
        notes.add(`the security scheme ${name}`, operation.identity, "nothing says what it is");
    }
    if (alternatives.some((one) => one.size === 0 || isCovered(one, chosen))) return;
    const names = alternatives.map((one) => [...one.keys()].join(" with ")).join(" or ");
    notes.add(`signing in by ${names}`, operation.identity, ONE_KIND);
  });
}

function written(chosen: readonly Scheme[], schemes: readonly Scheme[], notes: Notes): Auth {
  const main = chosen.find(({ kind }) => kind !== "api_key") ?? chosen[0];
  const keys = chosen.flatMap(({ key }) => key ?? []);
  const also = keys.slice(main?.kind === "api_key" ? 1 : 0).map(keyFields);
  const extra = also.length === 0 ? {} : { also };
  const kinds = new Set(schemes.map(({ kind }) => kind));
  const byKey = kinds.has("api_key") || kinds.has("bearer") || kinds.has("basic");
  const result = {
    mode: kinds.has("oauth2") && byKey ? ("both" as const) : null,
    links: [],
    injects: (parameter: Parameter) => isCredential(parameter, keys),
  };
  const first = keys[0];
  for (const { name } of chosen.filter(({ signed }) => signed)) {
    notes.add(`the signature of each request by ${name}`, "security", "a manifest sends a key as it is");
  }
  if (main?.kind === "api_key" && first !== undefined) {
    return { ...result, auth: { type: "api_key", ...keyFields(first), ...extra } };
  }
  if (main?.kind === "oauth2") return { ...result, auth: { ...oauth2(main, notes), ...extra } };
  const links = (main?.flows ?? []).flatMap(({ authorizationUrl }) => authorizationUrl ?? []);
  for (const flow of main?.flows ?? [])
    noteFlow(main?.name ?? "", flow, "its token is stored as it is", notes);
  return { ...result, auth: { type: main?.kind ?? "none", ...extra }, links: [...new Set(links)] };
}

function keyFields(key: NonNullable<Scheme["key"]>): JsonObject {
  return { in: key.in, name: key.name, ...(key.prefix === "" ? {} : { prefix: key.prefix }) };
}

function oauth2(scheme: Scheme, notes: Notes): JsonObject {
  const usable = scheme.flows.filter((flow) => grantOf(flow) !== null);
  const flow = usable.find((one) => grantOf(one) === "authorization_code") ?? usable[0];
  for (const other of scheme.flows) if (other !== flow) noteFlow(scheme.name, other, ONE_KIND, notes);
  if (flow === undefined) return { type: "bearer" };
  const grant = grantOf(flow);
  const scopes = flow.scopes.map(({ name }) => name.trim()).filter(isScopeName);
  return {
    type: "oauth2",
    ...(grant === "authorization_code" && flow.authorizationUrl !== null
      ? { authorization_url: flow.authorizationUrl }
      : {}),
    token_url: flow.tokenUrl,
    ...(flow.refreshUrl === null ? {} : { refresh_url: flow.refreshUrl }),
    ...(grant === "client_credentials" ? { grant } : {}),
    ...(scopes.length === 0 ? {} : { scopes: { default: scopes } }),
  };
}

function noteFlow(scheme: string, flow: Flow, why: string, notes: Notes): void {
  notes.add(`the flow ${flow.name} of ${scheme}`, "security", why);
}

/** Whether a manifest can hold a scope's name: on one line, and not too long. */
export function isScopeName(name: string): boolean {
  return name !== "" && name.length <= 200 && !/[\r\n]/.test(name);
}

function isKey({ in: place, name }: Parameter, key: NonNullable<Scheme["key"]>): boolean {
  const same = place === "header" ? key.name.toLowerCase() === name.toLowerCase() : key.name === name;
  return same && key.in === place;
}

function isCredential(parameter: Parameter, keys: readonly NonNullable<Scheme["key"]>[]): boolean {
  const { in: place, name } = parameter;
  return keys.some((key) => isKey(parameter, key)) || (place === "header" && CREDENTIAL_HEADER.test(name));
}

/** Where no scheme says how to sign in, a parameter of the operations may be the credential. */
function guess(operations: readonly Operation[], notes: Notes): Auth {
  const parameters = operations.flatMap((operation) => operation.parameters);
  const found = parameters.find(
    ({ in: place, name }) =>
      (place === "header" && CREDENTIAL_HEADER.test(name)) ||
      ((place === "header" || place === "query") && KEY_LIKE.test(name) && /^[\w.-]{1,64}$/.test(name)),
  );
  const none = { mode: null, links: [], injects: (one: Parameter) => isCredential(one, []) };
  if (found === undefined || (found.in !== "header" && found.in !== "query")) {
    return { ...none, auth: { type: "none" } };
  }
  notes.add(
    `the parameter ${found.name}`,
    "security",
    "it is the credential, so it is stored in the vault and sent along",
  );
  if (/^authorization$/i.test(found.name)) return { ...none, auth: { type: "bearer" } };
  const key = { in: found.in, name: found.name, prefix: "" };
  return {
    ...none,
    auth: { type: "api_key", ...keyFields(key) },
    injects: (one) => isCredential(one, [key]),
  };
}
