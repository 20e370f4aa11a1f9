import type { Json, JsonObject } from "../../../base/index.ts";
import type { Connection } from "../../seams.ts";
import { type Call, scrubbed, type Turn, told } from "../call.ts";
import type { Answer } from "../child.ts";
import { failure } from "../failure.ts";
import type { HttpAnswer, HttpClient } from "../http/client.ts";
import { exchange } from "../http-step.ts";
import type { Filled } from "../request.ts";
import { checkStatus, readAnswer } from "../response.ts";
import { fillHandler } from "./request.ts";
import type { HandlerSecrets } from "./secrets.ts";

const MAX_REQUESTS = 200;

/** The requests of one function. They end with it: one that went on would hold a connection of its host for ever. */
export class Requests {
  readonly #client: HttpClient;
  readonly #turn: Turn;
  readonly #call: Call;
  readonly #secrets: HandlerSecrets;
  readonly #ending = new AbortController();
  readonly #writes = new Set<Filled>();
  #count = 0;

  constructor(client: HttpClient, turn: Turn, secrets: HandlerSecrets) {
    this.#client = client;
    this.#turn = turn;
    this.#call = { ...turn.call, limits: { ...turn.call.limits, signal: this.#ending.signal } };
    this.#secrets = secrets;
    turn.call.limits.signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** Whether a request is under way that may change something. */
  get writing(): boolean {
    return this.#writes.size > 0;
  }

  /** Makes a request. */
  readonly answer: Answer = async (question, turn) => {
    const { connection, sent } = this.#call;
    if (this.#count >= MAX_REQUESTS)
      throw failure("handler.refused", `More than ${MAX_REQUESTS} requests in one call.`);
    const index = this.#count;
    this.#count += 1;
    try {
      const answer = await this.#send(question, {
        ...this.#turn,
        call: this.#call,
        index,
        mark: sent.step(),
      });
      // To read it takes many times the memory of what came: a function that is busy gets one at a time.
      await turn();
      return readable(answer, connection);
    } catch (error) {
      // The function gets this as an error, and a failure may repeat what a provider has said.
      throw told(error, connection, sent);
    }
  };

  /** Ends those that are under way. */
  end(): void {
    this.#turn.call.limits.signal.removeEventListener("abort", this.#abort);
    this.#ending.abort(failure("api.cancelled", "The function ended before its request."));
  }

  readonly #abort = (): void => this.#ending.abort(this.#turn.call.limits.signal.reason);

  async #send(question: Json, turn: Turn): Promise<HttpAnswer> {
    const { filled, secrets } = fillHandler(question, turn.call.manifest, turn.renderer, this.#secrets);
    if (!filled.reads) this.#writes.add(filled);
    try {
      return (await exchange(this.#client, filled, turn, secrets)).answer;
    } finally {
      this.#writes.delete(filled);
    }
  }
}

/** An answer as the function gets it. */
function readable(answer: HttpAnswer, connection: Connection): Json {
  const scrub = (text: string): string => connection.scrub(text);
  checkStatus(answer, scrub);
  const headers = Object.entries(answer.headers).filter(([name]) => !name.startsWith("set-cookie"));
  const result: JsonObject = {
    status: answer.status,
    headers: Object.fromEntries(headers),
    data: readAnswer(answer),
  };
  // A provider may say a secret back, and the function is not to see it.
  return scrubbed(result, scrub);
}
