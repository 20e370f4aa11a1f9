import { RegistryRefusal } from "../../src/base/index.ts";
import {
  type Applied,
  type BatchEntry,
  type Fingerprint,
  type Fingerprints,
  type Lease,
  type MachineFace,
  type Registry,
  sourceState,
} from "../../src/registry/index.ts";

/**
 * A registry in memory that keeps the machine face's rules as far as reconciling sees them. For what is tested here by
 * the thousand, or needs a registry that fails on cue; the real one is tested beside it.
 */
export class MemoryRegistry implements MachineFace {
  readonly providers = new Map<string, Fingerprint & { manifest: BatchEntry["manifest"] }>();
  readonly lent = new Map<string, Lease>();
  /** Called before each call takes effect; throws what the call shall throw. */
  before: (call: keyof MachineFace) => void | Promise<void> = () => {};
  /** Called after each call took effect: what is thrown here is a lost reply. */
  after: (call: keyof MachineFace) => void | Promise<void> = () => {};
  #token = 0;

  /** As the rest of the house sees a registry. */
  get registry(): Registry {
    const never = (): never => {
      throw new Error("not for people");
    };
    return {
      driver: { kind: "postgres", location: "memory", call: never, migrate: never, close: async () => {} },
      machine: this,
      get runtime() {
        return never();
      },
      human: never,
      close: async () => {},
    };
  }

  async fingerprints(source: string, known?: string): Promise<Fingerprints> {
    return this.#call("fingerprints", () => {
      const connectors = [...this.providers.values()].sort((a, b) => (a.slug < b.slug ? -1 : 1));
      const state = this.#state(source);
      return { state, connectors: state === known ? null : connectors };
    });
  }

  async lookup(slugs: readonly string[]): Promise<readonly Fingerprint[]> {
    const prefix = (slug: string): string => slug.replaceAll("-", "_");
    const asked = new Set(slugs.map(prefix));
    return this.#call("lookup", () =>
      [...this.providers.values()].filter(({ slug }) => asked.has(prefix(slug))),
    );
  }

  async diff(source: string, batch: readonly BatchEntry[]): Promise<readonly Applied[]> {
    return this.#call("diff", () => batch.map((entry) => this.#judge(source, entry)));
  }

  async lease(source: string, holder: string, _ttl: number, token?: number): Promise<Lease> {
    return this.#call("lease", () => {
      const held = this.lent.get(source);
      if (held !== undefined && held.token !== token && held.holder !== holder) {
        throw new RegistryRefusal("registry.lease_held", "held", "wait", { holder: held.holder });
      }
      const lease = { token: token ?? ++this.#token, holder };
      this.lent.set(source, lease);
      return lease;
    });
  }

  async release(source: string, token: number): Promise<void> {
    return this.#call("release", () => {
      if (this.lent.get(source)?.token === token) this.lent.delete(source);
    });
  }

  async apply(source: string, token: number, batch: readonly BatchEntry[]): Promise<readonly Applied[]> {
    return this.#call("apply", () => {
      this.#fence(source, token);
      return batch.map((entry) => {
        const applied = this.#judge(source, entry);
        if (applied.outcome !== "refused") this.#write(source, applied.slug, entry);
        return applied;
      });
    });
  }

  async archive(source: string, token: number, slugs: readonly string[]): Promise<readonly Applied[]> {
    return this.#call("archive", () => {
      this.#fence(source, token);
      return slugs.map((slug): Applied => {
        const known = this.providers.get(slug);
        const live = known !== undefined && known.status !== "archived";
        if (live) this.providers.set(slug, { ...known, status: "archived" });
        return { slug, outcome: live ? "archived" : "unchanged", refusal: null, changes: [] };
      });
    });
  }

  async #call<T>(name: keyof MachineFace, work: () => T): Promise<T> {
    await this.before(name);
    const result = work();
    await this.after(name);
    return result;
  }

  #fence(source: string, token: number): void {
    if (this.lent.get(source)?.token !== token) {
      throw new RegistryRefusal("registry.lease_lost", "lost", "run again");
    }
  }

  #judge(source: string, { digest, manifest }: BatchEntry): Applied {
    const slug = String(manifest.provider_slug);
    const known = this.providers.get(slug);
    const refused = known !== undefined && known.source !== source && known.status !== "archived";
    const refusal = refused ? { code: "registry.slug_taken", message: "taken" } : null;
    const outcome = refused
      ? "refused"
      : known === undefined
        ? "created"
        : known.status === "archived"
          ? "restored"
          : known.digest === digest
            ? "unchanged"
            : "updated";
    return { slug, outcome, refusal, changes: [] };
  }

  #write(source: string, slug: string, { digest, manifest }: BatchEntry): void {
    const known = this.providers.get(slug);
    const version = typeof manifest.version === "string" ? manifest.version : null;
    const approved = known?.approved_digest ?? null;
    this.providers.set(slug, {
      slug,
      source,
      status: approved === digest ? "approved" : "draft",
      version,
      digest,
      approved_version: known?.approved_version ?? null,
      approved_digest: approved,
      manifest,
    });
  }

  #state(source: string): string {
    const own = [...this.providers.values()].filter(
      (one) => one.source === source && one.status !== "archived",
    );
    return sourceState(own);
  }
}
