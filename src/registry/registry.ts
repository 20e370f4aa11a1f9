import { type JsonObject, RegistryRefusal } from "../base/index.ts";
import type {
  Applied,
  BatchEntry,
  Caller,
  Change,
  Driver,
  Fingerprint,
  Fingerprints,
  HumanFace,
  Lease,
  MachineFace,
  ProviderBrief,
  ProviderDetail,
  Registry,
} from "./contract.ts";
import { createGovernance } from "./people.ts";
import type { GovernanceFace } from "./people-contract.ts";
import { Runtime } from "./runtime.ts";
import { boolean, json, list, nullable, number, object, oneOf, record, type Shape, text } from "./shapes.ts";

const status = oneOf("draft", "approved", "rejected", "deprecated", "archived");

const fingerprint = object<Fingerprint>({
  slug: text,
  source: text,
  status,
  version: nullable(text),
  digest: text,
  approved_version: nullable(text),
  approved_digest: nullable(text),
});

const fingerprints = object<Fingerprints>({ state: text, connectors: nullable(list(fingerprint)) });

const change = object<Change>({ table: text, key: text, field: nullable(text), from: json, to: json });

const applied = object<Applied>({
  slug: text,
  outcome: oneOf("created", "updated", "unchanged", "restored", "archived", "refused"),
  refusal: nullable(object<{ code: string; message: string }>({ code: text, message: text })),
  changes: list(change),
});

const lease = object<Lease>({ token: number, holder: text });

const brief = object<ProviderBrief>({
  provider_slug: text,
  display_name: text,
  status,
  is_approved: boolean,
  version: nullable(text),
  digest: text,
  approved_digest: nullable(text),
  source: text,
  scopes: number,
  tools: number,
  metrics: number,
  blockers: number,
});

const detailFields = {
  provider_slug: text,
  display_name: text,
  status,
  is_approved: boolean,
  version: nullable(text),
  digest: text,
  approved_digest: nullable(text),
  source: text,
  manifest: record,
  scopes: list(record),
  tools: list(record),
  metrics: list(record),
  kpi_mappings: list(record),
  blockers: list(record),
};

const detail: Shape<ProviderDetail> = (value, at) => ({
  ...record(value, at),
  ...object<{ [K in keyof typeof detailFields]: ReturnType<(typeof detailFields)[K]> }>(detailFields)(
    value,
    at,
  ),
});

class Machine implements MachineFace {
  readonly #driver: Driver;
  constructor(driver: Driver) {
    this.#driver = driver;
  }

  async #call<T>(fn: string, args: JsonObject, shape: Shape<T>): Promise<T> {
    return shape(await this.#driver.call(fn, args, { face: "machine" }), fn);
  }

  fingerprints(source: string, known?: string): Promise<Fingerprints> {
    return this.#call("sentinel_fingerprints", { source, known: known ?? null }, fingerprints);
  }

  lookup(slugs: readonly string[]): Promise<readonly Fingerprint[]> {
    return this.#call("sentinel_lookup", { slugs: [...slugs] }, list(fingerprint));
  }

  diff(source: string, batch: readonly BatchEntry[]): Promise<readonly Applied[]> {
    return this.#call("sentinel_diff", { source, batch: toBatch(batch) }, list(applied));
  }

  lease(source: string, holder: string, ttlSeconds: number, token?: number): Promise<Lease> {
    const args = { source, holder, ttl_seconds: Math.ceil(ttlSeconds), token: token ?? null };
    return this.#call("sentinel_lease", args, lease);
  }

  async release(source: string, token: number): Promise<void> {
    await this.#call("sentinel_release", { source, token }, json);
  }

  apply(
    source: string,
    token: number,
    batch: readonly BatchEntry[],
    withChanges: boolean,
  ): Promise<readonly Applied[]> {
    const args = { source, token, batch: toBatch(batch), with_changes: withChanges };
    return this.#call("sentinel_apply", args, list(applied));
  }

  archive(
    source: string,
    token: number,
    slugs: readonly string[],
    allow: number,
  ): Promise<readonly Applied[]> {
    return this.#call("sentinel_archive", { source, token, slugs: [...slugs], allow }, list(applied));
  }
}

function toBatch(batch: readonly BatchEntry[]): JsonObject[] {
  return batch.map(({ digest, manifest, files, contents = {} }) => ({ digest, manifest, files, contents }));
}

class Human implements HumanFace {
  readonly governance: GovernanceFace;
  readonly #driver: Driver;
  readonly #caller: Caller;
  constructor(driver: Driver, caller: Caller) {
    this.#driver = driver;
    this.#caller = caller;
    this.governance = createGovernance((fn, args, shape) => this.#call(fn, args, shape));
  }

  async #call<T>(fn: string, args: JsonObject, shape: Shape<T>): Promise<T> {
    return shape(await this.#driver.call(fn, args, this.#caller), fn);
  }

  /** Reading is open to the machine too: a login that can't act for people may still look on. */
  async #read<T>(fn: string, args: JsonObject, shape: Shape<T>): Promise<T> {
    try {
      return await this.#call(fn, args, shape);
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || error.code !== "registry.forbidden") throw error;
      return shape(await this.#driver.call(fn, args, { face: "machine" }), fn);
    }
  }

  list(): Promise<readonly ProviderBrief[]> {
    return this.#read("review_list", {}, list(brief));
  }

  show(slug: string): Promise<ProviderDetail> {
    return this.#read("review_show", { slug }, detail);
  }

  diff(slug: string): Promise<readonly Change[]> {
    return this.#read("review_diff", { slug }, list(change));
  }

  setScopes: HumanFace["setScopes"] = (slug, scopes, decision) => {
    const args = { slug, scopes: scopes && [...scopes], ...decision };
    return this.#call("review_set_scopes", args, number);
  };

  async mapKpi(slug: string, raw: string, coreKpi: string | null): Promise<void> {
    await this.#call("review_map_kpi", { slug, raw, core_kpi: coreKpi }, json);
  }

  async approve(slug: string, digest: string): Promise<void> {
    await this.#call("review_approve", { slug, digest }, json);
  }

  async reject(slug: string, digest: string, reason: string): Promise<void> {
    await this.#call("review_reject", { slug, digest, reason }, json);
  }

  async deprecate(slug: string, reason: string): Promise<void> {
    await this.#call("review_deprecate", { slug, reason }, json);
  }

  vocabulary(): Promise<JsonObject> {
    return this.#read("review_vocabulary", {}, record);
  }
}

/** The registry behind a driver: its functions as typed calls, every answer checked. */
export function createRegistry(driver: Driver): Registry {
  return {
    driver,
    machine: new Machine(driver),
    runtime: new Runtime(driver),
    human: (name) => new Human(driver, { face: "human", name }),
    close: () => driver.close(),
  };
}
