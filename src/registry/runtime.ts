import type { Json, JsonObject } from "../base/index.ts";
import type { Driver } from "./contract.ts";
import { logHead } from "./people.ts";
import type {
  AccountRow,
  BeginCall,
  Begun,
  CallRecord,
  FinishCall,
  Finished,
  LogHead,
  Receipt,
  RuntimeFace,
  SealedSecret,
  Served,
  ServedRevision,
} from "./runtime-contract.ts";
import { boolean, json, list, nullable, number, object, oneOf, record, type Shape, text } from "./shapes.ts";

const revision = object<ServedRevision>({
  slug: text,
  digest: text,
  version: nullable(text),
  manifest: nullable(record),
  files: record,
  decisions: record,
});

const served = object<Served>({ state: text, connectors: nullable(list(revision)) });

const accountRow = object<AccountRow>({ account: text, fields: record, keys: list(text) });

const sealedSecret = object<SealedSecret>({
  key_name: text,
  key_id: text,
  version: number,
  ciphertext: text,
});

const receipt = object<Receipt>({
  receipt_id: text,
  call_id: text,
  at: text,
  connector: text,
  account: text,
  tool: text,
  digest: text,
  outcome: oneOf("succeeded", "failed"),
  code: nullable(text),
  details: record,
  result: json,
});

/** Null: it is not the common case, and to be asked as such, in a transaction of its own. */
const finishing: Shape<Finished | null> = (value, at) =>
  record(value, at).settle === true ? null : finished(value, at);

const finished = object<Finished>({ accepted: boolean, at: nullable(text) });

/** @param asked the name that was asked for, which the registry does not repeat */
const begun = (value: Json | undefined, at: string, asked: string): Begun => {
  const answer = record(value, at);
  const outcome = oneOf(
    "begun",
    "in_flight",
    "replayed",
    "unknown",
    "refused",
  )(answer.outcome, `${at}.outcome`);
  switch (outcome) {
    case "begun":
      return {
        outcome,
        call_id: answer.call_id === undefined ? asked : nullable(text)(answer.call_id, `${at}.call_id`),
        fence: answer.fence === undefined ? 1 : number(answer.fence, `${at}.fence`),
      };
    case "in_flight":
      return { outcome };
    case "replayed":
      return { outcome, receipt: receipt(answer.receipt, `${at}.receipt`) };
    case "unknown":
      return { outcome, call_id: text(answer.call_id, `${at}.call_id`) };
    case "refused":
      return {
        outcome,
        code: text(answer.code, `${at}.code`),
        message: text(answer.message, `${at}.message`),
        details: record(answer.details, `${at}.details`),
      };
  }
};

/** The runtime face behind a driver. */
export class Runtime implements RuntimeFace {
  readonly #driver: Driver;
  #head: LogHead | null = null;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  get head(): LogHead | null {
    return this.#head;
  }

  async #call<T>(fn: string, args: JsonObject, shape: Shape<T>): Promise<T> {
    const answer = await this.#driver.call(fn, args, { face: "runtime" });
    return shape(answer, fn);
  }

  catalogue(known?: string, digests: { readonly [slug: string]: string } = {}): Promise<Served> {
    return this.#call("runtime_catalogue", { state: known ?? null, known: digests }, served);
  }

  agent(tokenHash: string): Promise<string | null> {
    return this.#call("runtime_agent", { token_hash: tokenHash }, nullable(text));
  }

  accounts(slug: string): Promise<readonly AccountRow[]> {
    return this.#call("runtime_accounts", { slug }, list(accountRow));
  }

  secret(slug: string, account: string, key: string): Promise<SealedSecret | null> {
    return this.#call("runtime_secret", { slug, account, key }, nullable(sealedSecret));
  }

  file(slug: string, path: string): Promise<string | null> {
    return this.#call("runtime_file", { slug, path }, nullable(text));
  }

  renewSecret(slug: string, account: string, key: string, secret: SealedSecret): Promise<boolean> {
    return this.#call("runtime_renew_secret", { slug, account, key, ...secret }, boolean);
  }

  lease(name: string, holder: string, ttlSeconds: number): Promise<boolean> {
    return this.#call("runtime_lease", { name, holder, ttl_seconds: Math.ceil(ttlSeconds) }, boolean);
  }

  begin(call: BeginCall): Promise<Begun> {
    const shape: Shape<Begun> = (value, at) => begun(value, at, call.call_id);
    return this.#call("runtime_begin_call", { request: { ...call } }, shape);
  }

  renew(call_id: string, fence: number, lease_seconds: number): Promise<boolean> {
    return this.#call("runtime_renew_call", { call_id, fence, lease_seconds }, boolean);
  }

  async finish(call: FinishCall): Promise<Finished> {
    const answer = await this.#call("runtime_finish_call", { request: { ...call } }, finishing);
    return answer ?? this.#call("runtime_finish_call", { request: { ...call, settle: true } }, finished);
  }

  settle(): Promise<number> {
    return this.#call("runtime_settle_calls", {}, number);
  }

  async record(events: readonly CallRecord[]): Promise<void> {
    const sent: Json[] = events.map((event) => ({ ...event }));
    const head = await this.#call("runtime_record", { events: sent }, logHead);
    // Answers may overtake each other: the furthest end counts.
    if (this.#head === null || head.event_id > this.#head.event_id) this.#head = head;
  }
}
