import { CODES, type Json, type JsonObject, type RuntimeCode } from "../../../base/index.ts";
import { ToolFailure } from "../../seams.ts";
import type { Turn } from "../call.ts";
import { ChildFailed, inChild } from "../child.ts";
import { failure } from "../failure.ts";
import type { HttpClient } from "../http/client.ts";
import { inPlace } from "../places.ts";
import { Requests } from "./requests.ts";
import { HandlerSecrets } from "./secrets.ts";

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
  const requests = new Requests(client, turn, secrets);
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
    const terms = { max, asking: { max: question, answer: requests.answer } };
    const result = await inPlace(connection.connector, limits.signal, () =>
      inChild("runtime/execution/handler/child", job, limits, terms, SWITCHES),
    );
    if (requests.writing) throw failure("handler.failed", UNANSWERED, { hint: AWAIT });
    return result;
  } catch (error) {
    if (error instanceof ChildFailed) throw toldBy(error);
    const late = error instanceof ToolFailure && error.code === "api.timeout";
    throw late ? failure("handler.timeout", error.message) : error;
  } finally {
    requests.end();
  }
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
