import { CODES, type RuntimeCode, registerSecret } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import type { AccountRow, RuntimeFace } from "../../registry/index.ts";
import { type Connection, ToolFailure } from "../seams.ts";
import type { KeyRing } from "./keys.ts";
import { DEFAULT_ACCOUNT } from "./names.ts";
import { Scrubber } from "./scrub.ts";
import { open } from "./seal.ts";

/** Gives a fresh access token for one that the provider refused, or null; what OAuth knows of, this room does not. */
export type Refresh = (connection: Connection, manifest: Manifest, refused: string) => Promise<string | null>;

/** What a vault is made of. */
export interface VaultOptions {
  readonly runtime: Pick<RuntimeFace, "accounts" | "secret">;
  /** Asked for at the first secret, so that connectors without any need no key. */
  readonly ring: () => KeyRing;
  readonly refresh?: Refresh;
  /** How long an answer of the registry counts; a deleted secret is out of use after that. */
  readonly freshMs?: number;
}

const FRESH_MS = 5000;

/** The accounts and secrets of one connector, as far as they were read. */
interface Shelf {
  readonly readAt: number;
  readonly accounts: Promise<readonly AccountRow[]>;
  readonly secrets: Map<string, Promise<string | null>>;
}

/** What blacks out values in texts, and in all texts of a value. */
export type Blackout = Pick<Scrubber, "text" | "json">;

/** Opens accounts of connectors. What it has given away for an account it blacks out again in what comes back. */
export class Vault {
  readonly #options: VaultOptions;
  readonly #shelves = new Map<string, Shelf>();
  readonly #scrubbers = new Map<string, Scrubber>();

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** The names of a connector's accounts, sorted. */
  async accounts(connector: string): Promise<readonly string[]> {
    const rows = await this.#shelf(connector).accounts;
    return rows.map(({ account }) => account);
  }

  /**
   * Opens an account: the one named, or the only one there is. A connector for which nothing is stored has one account,
   * `default`, with nothing in it.
   * @throws ToolFailure `account.needed`, `account.unknown`
   */
  async connect(manifest: Manifest, account: string | null): Promise<Connection> {
    const connector = manifest.provider_slug;
    const rows = await this.#shelf(connector).accounts;
    const row =
      rows.find((one) => one.account === account) ??
      (account === null && rows.length === 1 ? rows[0] : undefined);
    if (row === undefined) {
      const names = rows.map((one) => one.account).join(", ");
      if (account !== null && !(rows.length === 0 && account === DEFAULT_ACCOUNT)) {
        throw refusal(
          "account.unknown",
          `${connector} has no account ${account}${names && `; it has ${names}`}.`,
        );
      }
      if (rows.length > 1) throw refusal("account.needed", `${connector} has several accounts: ${names}.`);
    }
    return this.#connection(manifest, row ?? { account: DEFAULT_ACCOUNT, fields: {}, keys: [] });
  }

  /** Forgets what was read: what was stored a moment ago counts from the next call on. */
  forget(connector: string): void {
    this.#shelves.delete(connector);
  }

  /** Makes a value of an account black from now on: an access token that was just fetched, say. */
  conceal({ connector, account }: Pick<Connection, "connector" | "account">, value: string): void {
    if (this.#scrubber(connector, account).add(value)) registerSecret(value);
  }

  /** Blacks out what was given away for an account: all that its provider can echo. */
  blackout({ connector, account }: Pick<Connection, "connector" | "account">): Blackout {
    return this.#scrubber(connector, account);
  }

  /** Blacks out what was given away for any account, where it is not known whose it may be. */
  get everything(): Blackout {
    const all = [...this.#scrubbers.values()];
    return {
      text: (text) => all.reduce((clean, scrubber) => scrubber.text(clean), text),
      json: (value) => all.reduce((clean, scrubber) => scrubber.json(clean), value),
    };
  }

  #scrubber(connector: string, account: string): Scrubber {
    const name = `${connector}:${account}`;
    const scrubber = this.#scrubbers.get(name) ?? new Scrubber();
    this.#scrubbers.set(name, scrubber);
    return scrubber;
  }

  #connection(manifest: Manifest, row: AccountRow): Connection {
    const connector = manifest.provider_slug;
    const { account } = row;
    const connection: Connection = {
      connector,
      account,
      fields: texts(row.fields),
      secret: (key) => this.#secret(connector, account, key),
      refresh: async (refused) => {
        const fresh = (await this.#options.refresh?.(connection, manifest, refused)) ?? null;
        if (fresh !== null) {
          this.conceal(connection, fresh);
          // The next call reads the new one, instead of being refused with the old.
          this.forget(connector);
        }
        return fresh;
      },
      scrub: (text) => this.#scrubber(connector, account).text(text),
    };
    return connection;
  }

  #secret(connector: string, account: string, key: string): Promise<string | null> {
    const { secrets } = this.#shelf(connector);
    const name = `${account}/${key}`;
    let value = secrets.get(name);
    if (value === undefined) {
      value = this.#read(connector, account, key);
      // What failed is asked for again.
      value.catch(() => secrets.delete(name));
      secrets.set(name, value);
    }
    return value;
  }

  async #read(connector: string, account: string, key: string): Promise<string | null> {
    const sealed = await this.#options.runtime.secret(connector, account, key);
    if (sealed === null) return null;
    const value = open(this.#options.ring(), { connector, account, key }, sealed);
    // A date is no secret, and may stand in any answer.
    const isDate = key === "EXPIRES_AT" && !Number.isNaN(Date.parse(value));
    if (!isDate) this.conceal({ connector, account }, value);
    return value;
  }

  #shelf(connector: string): Shelf {
    const now = performance.now();
    const standing = this.#shelves.get(connector);
    if (standing && now - standing.readAt < (this.#options.freshMs ?? FRESH_MS)) return standing;
    const accounts = this.#options.runtime.accounts(connector);
    accounts.catch(() => this.#shelves.delete(connector));
    const shelf: Shelf = { readAt: now, accounts, secrets: new Map() };
    this.#shelves.set(connector, shelf);
    return shelf;
  }
}

function texts(fields: AccountRow["fields"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

function refusal(code: RuntimeCode, message: string): ToolFailure {
  return new ToolFailure(code, message, CODES[code].remedy);
}
