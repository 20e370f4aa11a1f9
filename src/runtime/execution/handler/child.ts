import module from "node:module";
import vm from "node:vm";
import type { JsonObject } from "../../../base/index.ts";
import { endAfter } from "../watchdog.ts";
import { type FromChild, listen, MAX_OPEN, type ToChild, tell, tellText } from "../wire.ts";
import type { HandlerContext, HttpAnswer, HttpOptions } from "./context.ts";

// Runs one function of a `service.ts` in a process of its own. What the function may reach is the language, what the
// platform has for texts, time and numbers, and the given client: no module, file, process, environment or socket.

/** What to run. */
export interface HandlerJob {
  /** The text of `service.ts`. */
  readonly service: string;
  readonly handler: string;
  readonly input: JsonObject;
  readonly fields: Readonly<Record<string, string>>;
  /** Characters of the result's JSON. */
  readonly max: number;
  /** Characters of a request's JSON. */
  readonly question: number;
  /** What stands for each secret that the account has, by its name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** One request of the function's, as the parent gets it. */
export interface HandlerRequest extends HttpOptions {
  readonly method: string;
  /** A path below base_url, or a full URL. */
  readonly target: string;
}

/** What a function takes `data` for is its own word, so here it is nothing that could be relied on. */
type Answered = HttpAnswer<never>;
type Message = ToChild<HandlerJob, Answered>;

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Asker {
  readonly reads: boolean;
  /** JSON. */
  readonly question: string;
  readonly resolve: (value: Answered) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that change nothing (RFC 9110, 9.2.1), so that nobody has to know what became of them. */
const READS = /^(?:GET|HEAD|OPTIONS)$/;

let asked = 0;
const waiting = new Map<number, Asker>();
/** Those whose turn comes when another has its answer: they take room here, and none in the parent. */
const later: Asker[] = [];

function ask(question: string, reads: boolean): Promise<Answered> {
  return new Promise((resolve, reject) => {
    later.push({ question, reads, resolve, reject });
    next();
  });
}

function next(): void {
  const asker = waiting.size < MAX_OPEN ? later.shift() : undefined;
  if (asker === undefined) return;
  asked += 1;
  waiting.set(asked, asker);
  tellText(`{"ask":${asked},"question":${asker.question}}`);
}

function answered(message: Exclude<Message, { start: HandlerJob }>): void {
  const asker = waiting.get(message.answer);
  waiting.delete(message.answer);
  next();
  if ("error" in message) asker?.reject(new Refused(message.error.code, message.error.message));
  else asker?.resolve(message.value);
}

function contextOf({ fields, secrets, question: max }: HandlerJob): HandlerContext {
  const request = async (method: string, target: string, options: HttpOptions = {}): Promise<Answered> => {
    const question: HandlerRequest = { ...options, method, target };
    const json = JSON.stringify(question);
    if (json.length > max)
      throw new Refused("input.too_large", `A request has more than ${max} characters as JSON.`);
    return ask(json, READS.test(method));
  };
  return Object.freeze({
    account: Object.freeze({ ...fields }),
    secret: (name: string) => (Object.hasOwn(secrets, name) ? (secrets[name] ?? null) : null),
    http: Object.freeze({
      request,
      get: (target: string, options?: HttpOptions) => request("GET", target, options),
      post: (target: string, body?: unknown, options?: HttpOptions) =>
        request("POST", target, { ...options, body }),
      put: (target: string, body?: unknown, options?: HttpOptions) =>
        request("PUT", target, { ...options, body }),
      patch: (target: string, body?: unknown, options?: HttpOptions) =>
        request("PATCH", target, { ...options, body }),
      delete: (target: string, options?: HttpOptions) => request("DELETE", target, options),
    }),
  });
}

/** The names that the language itself has. */
const LANGUAGE: readonly string[] = vm.runInNewContext("Object.getOwnPropertyNames(globalThis)");
/** What the platform has for texts, numbers, keys and time. */
const PLATFORM = [
  ..."AbortController AbortSignal Buffer Event EventTarget DOMException TextDecoder TextEncoder URL".split(
    " ",
  ),
  ..."URLSearchParams atob btoa crypto CryptoKey SubtleCrypto queueMicrotask structuredClone".split(" "),
  ..."setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate".split(" "),
];

const UNMADE = "The function returned before a request that may change something was made.";

/** Takes away what reaches out of this process. Comes before the first line of the service is read. */
function shut(service: string): void {
  module.registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === service && context.parentURL === import.meta.url) return next(specifier, context);
      throw new Refused("handler.refused", `service.ts imports ${JSON.stringify(specifier.slice(0, 80))}.`);
    },
  });
  // Whatever a newer Node adds is out of reach until it is named here.
  const kept = new Set([...LANGUAGE, ...PLATFORM]);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!kept.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  // Node's own leads to its streams.
  const quiet = (): void => {};
  Reflect.set(globalThis, "console", { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet });
}

/** The result, as JSON. */
async function run(job: HandlerJob): Promise<string> {
  const code = module.stripTypeScriptTypes(job.service, { mode: "strip" });
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  shut(url);
  const service: Readonly<Record<string, unknown>> = await import(url);
  const work = Object.hasOwn(service, job.handler) ? service[job.handler] : undefined;
  if (typeof work !== "function")
    throw new Refused("handler.missing", `service.ts does not export ${job.handler}.`);
  const result: unknown = await work(job.input, contextOf(job));
  if (later.some(({ reads }) => !reads)) throw new Refused("handler.failed", UNMADE);
  const json = JSON.stringify(result ?? null) ?? "null";
  if (json.length > job.max)
    throw new Refused("api.too_large", `The result has more than ${job.max} characters.`);
  return json;
}

function failed(error: unknown): FromChild {
  const { message } = Object(error);
  const text = String(message ?? error).slice(0, 2000);
  if (error instanceof Refused) return { failed: { code: error.code, message: text } };
  return { failed: { code: "handler.failed", message: `The function threw: ${text}` } };
}

endAfter(Number(process.argv[2]));
listen((message: Message) => {
  if (!("start" in message)) answered(message);
  else
    run(message.start).then(
      // The function may have changed how JSON is made of objects.
      (done) => tellText(`{"done":${done}}`),
      (error: unknown) => tell(failed(error)),
    );
});
