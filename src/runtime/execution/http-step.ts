import type { Json, JsonObject } from "../../base/index.ts";
import type { Runnable } from "../seams.ts";
import type { Turn } from "./call.ts";
import { inject } from "./credentials.ts";
import { beginningOf, failure } from "./failure.ts";
import { type Credentials, type HttpAnswer, type HttpClient, NONE, type Trip } from "./http/client.ts";
import { encoded, type Filled, isQuery, isReading } from "./request.ts";
import { checkStatus, readAnswer } from "./response.ts";

/** An answer, whatever its status, and what may still be said of the request that it answers. */
export interface Exchanged {
  readonly answer: HttpAnswer;
  readonly sent: Trip["sent"];
}

/**
 * Sends a request with the account's credentials. An access token that the provider refuses is renewed once.
 * @param more credentials besides those of the account
 * @throws ToolFailure
 */
export async function exchange(
  client: HttpClient,
  filled: Filled,
  turn: Turn,
  more: Credentials = NONE,
): Promise<Exchanged> {
  const { manifest, tool, connection, rules, limits } = turn.call;
  const changes = !filled.reads || (tool.side_effecting && readsOnly(tool));
  const key = changes && limits.idempotencyKey !== null ? keyOf(limits.idempotencyKey, turn.index) : null;
  const request = await encoded(filled, limits.requestBytes, key);
  let stays = false;
  const trip: Trip = {
    signal: limits.signal,
    deadline: limits.deadline,
    responseBytes: limits.responseBytes,
    repeatable: !changes ? "always" : request.headers["idempotency-key"] === undefined ? "never" : "told",
    sent: (maybe) => {
      if (changes && (maybe || !stays)) turn.mark(maybe);
    },
    stays: () => {
      stays = true;
    },
  };
  let credentials = await inject(manifest, connection);
  let answer = await client.send(request, together(credentials, more), rules, trip);
  if (answer.status === 401 && credentials.token !== null) {
    // Nothing was done so far, whatever becomes of the renewal.
    trip.sent(false);
    const fresh = await connection.refresh(credentials.token);
    if (fresh !== null) {
      credentials = await inject(manifest, connection, fresh);
      answer = await client.send(request, together(credentials, more), rules, trip);
    }
  }
  // With such a status the provider says that it has done nothing.
  if (answer.status >= 400 && answer.status < 500) trip.sent(false);
  return { answer, sent: trip.sent };
}

/** Whether a tool makes nothing but requests that read: if it is side_effecting, one of those does more than it says. */
function readsOnly(tool: Runnable): boolean {
  const steps = tool.steps ?? [tool];
  return steps.every(({ rest, graphql, sql, applescript }) => {
    if (sql !== null || applescript !== null) return false;
    return rest !== null ? isReading(rest.method) : graphql !== null && isQuery(graphql);
  });
}

function together(one: Credentials, other: Credentials): Credentials {
  return {
    secrets: [...one.secrets, ...other.secrets],
    headers: { ...one.headers, ...other.headers },
    query: [...one.query, ...other.query],
    inBody: one.inBody === true || other.inBody === true,
  };
}

/** A step's own key: two steps of one call are two requests to the provider. */
function keyOf(key: string, index: number): string {
  return index === 0 ? key : `${key}-${index}`;
}

/**
 * Sends a `rest` request.
 * @returns the raw answer
 * @throws ToolFailure
 */
export async function runRest(client: HttpClient, filled: Filled, turn: Turn): Promise<Json> {
  const { answer } = await exchange(client, filled, turn);
  checkStatus(answer, (text) => turn.call.connection.scrub(text));
  return readAnswer(answer);
}

/**
 * Sends a `graphql` request.
 * @returns the raw answer: an object with `data`
 * @throws ToolFailure `api.graphql` when the answer names errors; whatever a request may fail with
 */
export async function runGraphql(client: HttpClient, filled: Filled, turn: Turn): Promise<Json> {
  const { answer, sent } = await exchange(client, filled, turn);
  const body = answer.status === 401 || answer.status === 429 ? null : readAnswer(answer);
  const errors = isObject(body) && Array.isArray(body.errors) ? body.errors : [];
  // Servers tell the same errors with status 200 and 400; they say more than the status.
  if (errors.length === 0) {
    checkStatus(answer, (text) => turn.call.connection.scrub(text));
    if (!isObject(body) || !Object.hasOwn(body, "data")) {
      throw failure("api.bad_response", "The answer is not that of a GraphQL server: it has no data.");
    }
    return body;
  }
  if (answer.status < 500 && isObject(body) && ranNothing(body, errors)) sent(false);
  const scrub = (text: string): string => turn.call.connection.scrub(text);
  const messages = errors.slice(0, 5).map((error) => errorText(error, scrub));
  const more = errors.length > 5 ? ` (and ${errors.length - 5} more)` : "";
  throw failure("api.graphql", `The provider answered: ${messages.join("; ")}${more}`);
}

/**
 * Whether the errors of a GraphQL answer are those of a request that was never run: such an answer has no `data`, and none
 * of its errors a place in it. `data: null` may be that of a field that did its work and then had no result (GraphQL, 7.1).
 */
function ranNothing(body: JsonObject, errors: readonly Json[]): boolean {
  return (
    !Object.hasOwn(body, "data") && !errors.some((error) => isObject(error) && Object.hasOwn(error, "path"))
  );
}

function errorText(error: Json, scrub: (text: string) => string): string {
  const { message, path }: JsonObject = isObject(error) ? error : {};
  const where = Array.isArray(path) ? ` (at ${path.join(".")})` : "";
  const text = typeof message === "string" ? message : JSON.stringify(error);
  return `${beginningOf(text, 300, scrub)}${where}`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
