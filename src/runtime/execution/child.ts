import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FROM_SOURCE, houseModule, type Json, PACKAGE_ROOT } from "../../base/index.ts";
import type { Limits } from "./call.ts";

/** What a child says: it asks for something and waits, or it has finished. */
export type FromChild =
  | { readonly ask: number; readonly question: Json }
  | { readonly done: Json }
  | { readonly failed: { readonly code: string; readonly message: string } };

/** What a child is told: what to do, or the answer to what it has asked. */
export type ToChild<Start, Value = Json> =
  | { readonly start: Start }
  | { readonly answer: number; readonly value: Value }
  | { readonly answer: number; readonly error: { readonly code: string; readonly message: string } };

/** A child ended without a result, or says that it could not do its work. */
export class ChildFailed extends Error {
  override readonly name = "ChildFailed";
  /** What the child called it; `ended` when it died. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How a question of the child's is answered; what it throws goes to the child as an error. */
export type Answer = (question: Json) => Promise<Json>;

/** Node's own switches: no file but our code, no processes or add-ons, a bounded heap; a thread, for the watchdog. */
const SWITCHES = [
  "--permission",
  "--allow-worker",
  `--allow-fs-read=${fileURLToPath(new URL(FROM_SOURCE ? "src/" : "dist/", PACKAGE_ROOT))}*`,
  "--max-old-space-size=256",
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=SecurityWarning",
];

/** The child ends itself this long after the call should have ended it. */
const GRACE_MS = 2000;

/**
 * Does one piece of work in a process of its own, without environment, and ends it whatever happens.
 * @param name of the module, as `houseModule` has it
 * @param more switches for Node
 * @throws ChildFailed; the reason of the limits' signal
 */
export async function inChild<Start>(
  name: string,
  start: Start,
  { signal, deadline }: Pick<Limits, "signal" | "deadline">,
  answer: Answer = async () => null,
  more: readonly string[] = [],
): Promise<Json> {
  signal.throwIfAborted();
  const module = fileURLToPath(houseModule(name));
  const left = Math.max(0, deadline - Date.now()) + GRACE_MS;
  const child = spawn(process.execPath, [...SWITCHES, ...more, module, `${left}`], {
    env: {},
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "json",
    windowsHide: true,
  });
  const abort = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await talk(child, start, answer);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    child.kill("SIGKILL");
  }
}

function talk<Start>(child: ChildProcess, start: Start, answer: Answer): Promise<Json> {
  const tell = (message: ToChild<Start>): void => {
    if (child.connected) child.send(message, () => {});
  };
  return new Promise((resolve, reject) => {
    child.on("message", (message: FromChild) => {
      if ("done" in message) resolve(message.done);
      else if ("failed" in message) reject(new ChildFailed(message.failed.code, message.failed.message));
      else void replyTo(message.ask, message.question, answer).then(tell);
    });
    child.once("error", (error) =>
      reject(new ChildFailed("ended", `it could not be started: ${error.message}`)),
    );
    child.once("exit", (code, by) =>
      reject(new ChildFailed("ended", `it ended with ${by ?? `code ${code}`}`)),
    );
    tell({ start });
  });
}

async function replyTo(ask: number, question: Json, answer: Answer): Promise<ToChild<never>> {
  try {
    return { answer: ask, value: await answer(question) };
  } catch (error) {
    const { code, message } = Object(error);
    return { answer: ask, error: { code: String(code ?? "runtime.internal"), message: String(message) } };
  }
}
