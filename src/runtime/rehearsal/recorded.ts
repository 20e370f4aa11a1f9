import type { RecordedResponse } from "../../manifest/index.ts";
import type { Recorded } from "../execution/executor.ts";
import { failure } from "../execution/failure.ts";
import { type HttpAnswer, HttpClient } from "../execution/http/client.ts";
import { checkTarget } from "../execution/http/hosts.ts";

/** Answers in their order, whatever is asked; where there is none left, nobody answers. */
export function recordedAnswers(responses: readonly RecordedResponse[]): Recorded {
  const waiting = [...responses];
  const next = (): RecordedResponse => {
    const answer = waiting.shift();
    if (answer === undefined) throw failure("api.unreachable", "No answer is recorded for this request.");
    return answer;
  };
  return { client: new RecordedClient(next), value: () => next().body };
}

class RecordedClient extends HttpClient {
  readonly #next: () => RecordedResponse;

  constructor(next: () => RecordedResponse) {
    super();
    this.#next = next;
  }

  override async send(...[request, , rules, trip]: Parameters<HttpClient["send"]>): Promise<HttpAnswer> {
    checkTarget(request.url, rules);
    trip.sent(true);
    const { status, headers, body } = this.#next();
    const isText = typeof body === "string" && headers["content-type"] !== undefined;
    return {
      status,
      headers: { "content-type": "application/json", ...headers },
      body: Buffer.from(isText ? body : JSON.stringify(body)),
    };
  }
}
