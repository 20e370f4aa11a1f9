import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT, vaultPlatform } from "../../manifest/index.ts";
import { get, isMap, listAt, mapAt } from "../json.ts";
import { identifier } from "../names.ts";
import { cut } from "../text.ts";
import type { Ledger } from "./ledger.ts";

/** Names that are never a secret's. */
const FACT =
  /(?:^|_)(?:ID|GID|URL|DOMAIN|EMAIL|PREFIX|NAME|ALIAS|ENVIRONMENT|VERSION|SECONDS|DATE|STATUS|REGION)$/;
/** Names that may be a secret's, whatever they end in. */
const SECRET =
  /TOKEN(?!_URL)|SECRET|PASSWORD|CLIENT_ID|WEBHOOK_URL|(?:^|_)(?:API|ACCESS|AUTH|ROUTING|PRIVATE|SERVICE|INTEGRATION)_KEY$/;
/** The name of a service key. */
const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** A service key of ArgentOS: a secret, or something that a connection has to know. */
interface ServiceKey {
  readonly name: string;
  optional: boolean;
  /** Tools that take it by default. */
  readonly tools: Set<string>;
}

/** The service keys of a connector, and which are secrets. */
export class ServiceKeys {
  readonly #keys = new Map<string, ServiceKey>();
  readonly #prefix: string;
  readonly #slug: string;
  /** Ids of worker fields: a service key of that name is an input's default. */
  readonly #fields: ReadonlySet<string>;

  constructor(connector: JsonObject, slug: string, ledger: Ledger) {
    this.#slug = `${vaultPlatform(slug)}_`;
    const auth = get(connector, "auth");
    const scope = get(connector, "scope");
    const needed = [...names(auth, "service_keys", ledger), ...names(scope, "required", ledger)];
    const others = [...names(auth, "optional_service_keys", ledger), ...names(scope, "optional", ledger)];
    this.#prefix = prefixOf([...needed, ...others], this.#slug);
    this.#fields = new Set(listAt(scope, "fields").map((field) => String(get(field, "id"))));
    for (const name of needed) this.#add(name, false);
    for (const name of others) this.#add(name, true);
  }

  /** Whether a text that a command has by default is the name of a service key. */
  isName(value: Json): value is string {
    if (typeof value !== "string" || !NAME.test(value)) return false;
    return this.#keys.has(value) || value.startsWith(this.#prefix) || value.startsWith(this.#slug);
  }

  /** Notes that a tool takes a service key by default. */
  give(name: string, tool: string): void {
    this.#add(name, true).tools.add(tool);
  }

  /** The secrets, as keys of the manifest's `auth`. */
  get secrets(): JsonObject[] {
    return this.#named(true).map(([name, key]) => ({
      name,
      description: describe(key),
      ...(key.optional ? { optional: true } : {}),
    }));
  }

  /** The rest, as the manifest's `account_fields`. */
  get facts(): JsonObject[] {
    return this.#named(false).map(([name, key]) => ({
      name: identifier(name.toLowerCase()),
      description: describe(key),
    }));
  }

  #add(name: string, optional: boolean): ServiceKey {
    const known = this.#keys.get(name) ?? { name, optional, tools: new Set<string>() };
    this.#keys.set(name, known);
    return known;
  }

  /** Each without the provider's name, which the vault's names have anyway; where two would be one, as it is. */
  #named(secret: boolean): [string, ServiceKey][] {
    const keys = [...this.#keys.values()].filter((key) => this.#isSecret(key) === secret);
    const taken = new Set<string>();
    return keys.map((key) => {
      const short = this.#short(key.name);
      const name = taken.has(short) ? key.name : short;
      taken.add(name);
      return [name, key];
    });
  }

  /** In doubt it is one: what is stored in the vault is seen by nobody. */
  #isSecret({ name, tools }: ServiceKey): boolean {
    const short = this.#short(name);
    if (SECRET.test(short)) return true;
    return !FACT.test(short) && tools.size === 0 && !this.#fields.has(short.toLowerCase());
  }

  #short(name: string): string {
    const prefix = [this.#prefix, this.#slug].find((one) => one !== "" && name.startsWith(one)) ?? "";
    const short = name.slice(prefix.length);
    return /^[A-Z]/.test(short) ? short : name;
  }
}

/** Takes the names of service keys from a list. */
function names(parent: Json | undefined, key: string, ledger: Ledger): string[] {
  const list = get(parent, key);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => {
    if (typeof item !== "string" || !/^[A-Z][A-Z0-9_]{0,63}$/.test(item)) return [];
    ledger.take(list, index);
    return [item];
  });
}

/** What the names of all service keys begin with: the provider's name. */
function prefixOf(all: readonly string[], slug: string): string {
  const [first] = all;
  if (first === undefined || all.every((name) => name.startsWith(slug))) return slug;
  const head = `${first.split("_", 1)[0]}_`;
  return all.every((name) => name.startsWith(head)) ? head : "";
}

function describe({ name, optional, tools }: ServiceKey): string {
  const parts = [`${name} in ArgentOS`];
  if (optional) parts.push("optional");
  if (tools.size > 0) parts.push(`what these tools are given by default: ${[...tools].join(", ")}`);
  return cut(`${parts.join("; ")}.`, TEXT.description);
}

/** Takes what commands are given by default: names of service keys here, the rest is for `input.ts`. */
export function takeDefaults(
  scope: Json | undefined,
  tools: ReadonlyMap<string, string>,
  keys: ServiceKeys,
  ledger: Ledger,
): void {
  for (const section of DEFAULTS) {
    for (const [id, defaults] of Object.entries(mapAt(scope, section))) {
      const tool = tools.get(id);
      if (tool === undefined || !isMap(defaults)) continue;
      for (const holder of [defaults, get(defaults, "args"), get(defaults, "options")]) {
        if (typeof holder !== "object" || holder === null) continue;
        for (const [key, value] of Object.entries(holder)) {
          if (!keys.isName(value)) continue;
          keys.give(value, tool);
          ledger.take(holder, key);
        }
      }
    }
  }
}

/** Where connectors say what commands are given by default. */
export const DEFAULTS = ["commandDefaults", "command_defaults"] as const;
