import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest } from "../../manifest/index.ts";
import type { RuntimeFace, SealedSecret } from "../../registry/index.ts";
import { type Connection, ToolFailure } from "../seams.ts";
import type { KeyRing } from "../vault/keys.ts";
import { secretName } from "../vault/names.ts";
import { open, type SecretPlace, seal } from "../vault/seal.ts";
import type { TokenClient } from "./endpoint.ts";
import { ask, type Tokens } from "./grants.ts";

export interface RefreshOptions {
  readonly runtime: Pick<RuntimeFace, "secret" | "renewSecret" | "lease">;
  readonly ring: () => KeyRing;
  readonly client: TokenClient;
}

/** Longer than a token endpoint may take: whoever holds the lease is done, or dead. */
const LEASE_SECONDS = 20;
const PATIENCE_MS = 25_000;

/** What EXPIRES_AT says of a token whose provider no longer says how long it is good. */
const NEVER = "9999-12-31T00:00:00.000Z";

/**
 * Renews access tokens, each once, however many calls find it expired at one moment, in however many processes: a lease in
 * the registry says whose turn it is, and whoever comes later finds the new token there.
 */
export class Refresher {
  readonly #options: RefreshOptions;
  readonly #holder = randomUUID();
  readonly #running = new Map<string, Promise<string | null>>();

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /**
   * A token that is not the refused one; null where there is no way to one.
   * @param refused empty: there was none
   * @throws ToolFailure
   */
  readonly refresh = (
    connection: Connection,
    manifest: Manifest,
    refused: string,
  ): Promise<string | null> => {
    const name = JSON.stringify([connection.connector, connection.account, refused]);
    const running = this.#running.get(name) ?? this.#inTurn(connection, manifest, refused);
    this.#running.set(name, running);
    const done = (): boolean => this.#running.delete(name);
    running.then(done, done);
    return running;
  };

  async #inTurn(connection: Connection, manifest: Manifest, refused: string): Promise<string | null> {
    if (manifest.auth.type !== "oauth2") return null;
    const { runtime } = this.#options;
    const lease = `oauth:${connection.connector}:${connection.account}`;
    for (const until = performance.now() + PATIENCE_MS; ; ) {
      const found = await this.#other(connection, refused);
      if (found !== null) return found;
      if (await runtime.lease(lease, this.#holder, LEASE_SECONDS)) break;
      if (performance.now() > until) {
        const message = "Another process renews the access token, and does not come to an end.";
        throw new ToolFailure("api.timeout", message, "Call again later.");
      }
      await sleep(40 + Math.random() * 80);
    }
    try {
      // Somebody may have been done between the look and the lease.
      return (await this.#other(connection, refused)) ?? (await this.#renew(connection, manifest));
    } finally {
      await runtime.lease(lease, this.#holder, 0).catch(() => false);
    }
  }

  /** The stored token, if it is another than the refused one. */
  async #other(connection: Connection, refused: string): Promise<string | null> {
    const stored = await this.#read(connection, "ACCESS_TOKEN");
    return stored === null || stored.value === refused ? null : stored.value;
  }

  async #renew(connection: Connection, manifest: Manifest): Promise<string | null> {
    const { auth } = manifest;
    if (auth.type !== "oauth2") return null;
    const old = await this.#read(connection, "REFRESH_TOKEN");
    if (old === null && auth.grant !== "client_credentials") return null;
    const what =
      old === null ? ({ kind: "client" } as const) : ({ kind: "refresh", token: old.value } as const);
    const tokens = await ask(this.#options.client, manifest, auth, connection, what);
    if (tokens === null) return null;
    await this.store(connection, manifest, tokens);
    return tokens.access;
  }

  /** Keeps new tokens; the one that brings the next first, as without it a person would have to connect again. */
  async store(connection: Connection, manifest: Manifest, tokens: Tokens): Promise<void> {
    const { access, refresh, expiresIn } = tokens;
    if (refresh !== null) await this.#write(connection, manifest, "REFRESH_TOKEN", refresh);
    // Before the token that it speaks of: who reads between the two must not take the new one for the old.
    // Zero is what some say who mean: it does not.
    const known = expiresIn !== null && expiresIn > 0;
    if (known || (await this.#read(connection, "EXPIRES_AT")) !== null) {
      const at = known ? new Date(Date.now() + expiresIn * 1000).toISOString() : NEVER;
      await this.#write(connection, manifest, "EXPIRES_AT", at);
    }
    await this.#write(connection, manifest, "ACCESS_TOKEN", access);
  }

  async #read(
    { connector, account }: Connection,
    key: string,
  ): Promise<{ readonly value: string; readonly version: number } | null> {
    const sealed = await this.#options.runtime.secret(connector, account, key);
    if (sealed === null) return null;
    return {
      value: open(this.#options.ring(), { connector, account, key }, sealed),
      version: sealed.version,
    };
  }

  /**
   * Where somebody else was faster, theirs stays: it is newer than what we knew. A rotation of the master key is nobody
   * else: it has sealed anew what stood there, and ours is stored behind it, with a key that is still at hand.
   */
  async #write(
    { connector, account }: Connection,
    manifest: Manifest,
    key: string,
    value: string,
  ): Promise<void> {
    const { runtime, ring } = this.#options;
    const place = { connector, account, key };
    for (;;) {
      const standing = await runtime.secret(connector, account, key);
      const key_name = standing?.key_name ?? secretName(manifest, account, key);
      // Read after the look: a rotation has its key in the ring before it seals anything with it.
      const keys = ring();
      const sealed = seal(keys, place, key_name, value);
      const version = standing?.version ?? 0;
      const isOurs = await runtime.renewSecret(connector, account, key, { key_name, version, ...sealed });
      if (isOurs && ring().keys.some(({ id }) => id === sealed.key_id)) return;
      if (!isOurs && !(await this.#isResealed(place, standing, keys))) return;
    }
  }

  /** Whether a secret is what it was, under another key. */
  async #isResealed(place: SecretPlace, before: SealedSecret | null, keys: KeyRing): Promise<boolean> {
    const { runtime, ring } = this.#options;
    const now = await runtime.secret(place.connector, place.account, place.key);
    if (before === null || now === null || before.key_id === now.key_id) return false;
    return open(keys, place, before) === open(ring(), place, now);
  }
}
