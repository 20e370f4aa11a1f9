import { CODES, type Json, type JsonObject, type RuntimeCode } from "../../../base/index.ts";
import { ToolFailure } from "../../seams.ts";
import { scrubbed, type Turn, told } from "../call.ts";
import { ChildFailed, inChild } from "../child.ts";
import { failure } from "../failure.ts";
import type { HttpClient } from "../http/client.ts";
import { exchange } from "../http-step.ts";
import { inPlace } from "../places.ts";
import type { Filled } from "../request.ts";
import { checkStatus, readAnswer } from "../response.ts";
import { fillHandler } from "./request.ts";
import { HandlerSecrets } from "./secrets.ts";

const MAX_REQUESTS = 200;
/** Characters of a request as JSON, where line ends and quotes take two, to a byte of its body. */
const QUESTION = 2;
const UNANSWERED = "The function returned before a request that may change something was answered.";
const AWAIT = "Wait for every request in service.ts: `await http.post(…)`.";
const SWITCHES = ["--disallow-code-generation-from-strings"];

/**
 * Runs a function of `service.ts` in a process of its own.
 * @param service the text of `service.ts` that was approved
 * @throws ToolFailure `handler.*`, whatever its requests fail with when it does not catch that
 */
export async function runHandler(
  client: HttpClient,
  service: string,
  handler: string,
  turn: Turn,
): Promise<Json> {
  const { manifest, connection, input, limits } = turn.call;
  const secrets = await HandlerSecrets.of(manifest, connection);
  const own = new AbortController();
  const abort = (): void => own.abort(limits.signal.reason);
  limits.signal.addEventListener("abort", abort, { once: true });
  const call = { ...turn.call, limits: { ...limits, signal: own.signal } };
  const writes = new Set<Filled>();
  let requests = 0;
  const answer = async (question: Json): Promise<Json> => {
    if (requests >= MAX_REQUESTS)
      throw failure("handler.refused", `More than ${MAX_REQUESTS} requests in one call.`);
    const index = requests;
    requests += 1;
    try {
      return await send(client, question, secrets, { ...turn, call, index, mark: call.sent.step() }, writes);
    } catch (error) {
      // The function gets this as an error, and a failure may repeat what a provider has said.
      throw told(error, connection, turn.call.sent);
    }
  };
  const max = limits.responseBytes;
  const question = QUESTION * limits.requestBytes;
  const job = {
    service,
    handler,
    input,
    fields: accountOf(turn),
    secrets: secrets.marks,
    max,
    question,
  };
  try {
    const terms = { max, asking: { max: question, answer } };
    const result = await inPlace(connection.connector, limits.signal, () =>
      inChild("runtime/execution/handler/child", job, limits, terms, SWITCHES),
    );
    if (writes.size > 0) throw failure("handler.failed", UNANSWERED, { hint: AWAIT });
    return result;
  } catch (error) {
    if (error instanceof ChildFailed) throw toldBy(error);
    const late = error instanceof ToolFailure && error.code === "api.timeout";
    throw late ? failure("handler.timeout", error.message) : error;
  } finally {
    limits.signal.removeEventListener("abort", abort);
    // What nobody waits for any more would hold a connection of its host for ever.
    own.abort(failure("api.cancelled", "The function ended before its request."));
  }
}

/** @param writes holds the request while it is under way, if it may change something */
async function send(
  client: HttpClient,
  question: Json,
  secrets: HandlerSecrets,
  turn: Turn,
  writes: Set<Filled>,
): Promise<Json> {
  const { manifest, connection } = turn.call;
  const scrub = (text: string): string => connection.scrub(text);
  const { filled, secrets: own } = fillHandler(question, manifest, turn.renderer, secrets);
  if (!filled.reads) writes.add(filled);
  const answer = await exchange(client, filled, turn, own).finally(() => writes.delete(filled));
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

function accountOf({ renderer }: Turn): JsonObject {
  const fields = renderer.value("{{ account }}");
  return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? fields : {};
}

/** What the function did not catch keeps its code; what it threw by itself is its own failure. */
function toldBy({ code, message }: ChildFailed): ToolFailure {
  if (isCode(code)) return failure(code, message);
  if (code === "full") return failure("handler.too_large", `The function was stopped: ${message}.`);
  return failure("handler.failed", `The function's process died: ${message}.`);
}

function isCode(code: string): code is RuntimeCode {
  return Object.hasOwn(CODES, code);
}
