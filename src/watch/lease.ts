import { UserError } from "../base/index.ts";
import type { Fingerprints, Lease, MachineFace, Registry } from "../registry/index.ts";

/**
 * Holds the source's lease for as long as the daemon lives, and shows the registry to `run` as one that is already leased:
 * there, taking the lease costs nothing while it is fresh, and giving it back after each run does not happen.
 */
export class LeaseKeeper {
  /** For `run`. */
  readonly registry: Registry;
  readonly #machine: MachineFace;
  readonly #source: string;
  readonly #holder: string;
  readonly #ttlSeconds: number;
  /**
   * When the registry was last called, and last called for more than "is it as I know it?", which an embedded one answers
   * under its lock but without being opened. On the clock of `performance.now()`; null: not since it was let go.
   */
  askedAt: number | null = null;
  usedAt: number | null = null;
  #lease: { readonly lease: Lease; readonly renewedAt: number } | null = null;

  /** @param onFingerprints sees what `run` learns of the registered connectors */
  constructor(
    registry: Registry,
    options: { source: string; holder: string; ttlSeconds: number },
    onFingerprints: (seen: Fingerprints) => void,
  ) {
    this.#machine = registry.machine;
    this.#source = options.source;
    this.#holder = options.holder;
    this.#ttlSeconds = options.ttlSeconds;
    const inner = registry.machine;
    const used = <T>(reply: Promise<T>): Promise<T> => {
      this.askedAt = performance.now();
      this.usedAt = this.askedAt;
      return reply;
    };
    this.registry = {
      driver: registry.driver,
      runtime: registry.runtime,
      human: (name) => registry.human(name),
      close: () => registry.close(),
      machine: {
        fingerprints: async (source, known) => {
          this.askedAt = performance.now();
          const seen = await inner.fingerprints(source, known);
          if (seen.connectors !== null) this.usedAt = this.askedAt;
          onFingerprints(seen);
          return seen;
        },
        lookup: (slugs) => used(inner.lookup(slugs)),
        diff: (source, batch) => used(inner.diff(source, batch)),
        lease: () => this.keep(),
        release: async () => {},
        apply: (source, token, batch, withChanges) => used(inner.apply(source, token, batch, withChanges)),
        archive: (source, token, slugs, allow) => used(inner.archive(source, token, slugs, allow)),
      },
    };
  }

  /** When the lease is to be renewed, on the clock of `performance.now()`; null when it is not held. */
  get renewAt(): number | null {
    return this.#lease && this.#lease.renewedAt + (this.#ttlSeconds * 1000) / 2;
  }

  /**
   * Takes the lease, or renews it when it is no longer fresh.
   * @throws RegistryRefusal `registry.lease_held` when another holder has it.
   */
  async keep(): Promise<Lease> {
    const now = performance.now();
    if (this.#lease && this.renewAt !== null && now < this.renewAt) return this.#lease.lease;
    try {
      const token = this.#lease?.lease.token;
      this.askedAt = now;
      this.usedAt = now;
      const lease = await this.#machine.lease(this.#source, this.#holder, this.#ttlSeconds, token);
      this.#lease = { lease, renewedAt: now };
      return lease;
    } catch (error) {
      if (error instanceof UserError && isLeaseRefusal(error)) this.#lease = null;
      throw error;
    }
  }

  /** It is another's by now: the next `keep` asks anew. */
  lost(): void {
    this.#lease = null;
  }

  /** Gives the lease back; when that fails it runs out by itself. */
  async release(): Promise<void> {
    const held = this.#lease;
    this.#lease = null;
    this.askedAt = null;
    this.usedAt = null;
    if (held) await this.#machine.release(this.#source, held.lease.token);
  }
}

/** Whether the registry said that the lease is another's. */
export function isLeaseRefusal({ code }: UserError): boolean {
  return code === "registry.lease_held" || code === "registry.lease_lost";
}
