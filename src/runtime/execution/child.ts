import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Bug, FROM_SOURCE, houseModule, type Json, PACKAGE_ROOT } from "../../base/index.ts";
import type { Limits } from "./call.ts";
import { FULL, MEMORY_MB } from "./watchdog.ts";
import { Lines, MAX_OPEN, type ToChild } from "./wire.ts";

/** A child ended without a result, or says that it could not do its work. */
export class ChildFailed extends Error {
  override readonly name = "ChildFailed";
  /** What the child called it; `full` when its memory was, `ended` when it died of something else or said nonsense. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * How a question of the child's is answered; what it throws goes to the child as an error.
 * @param turn to be waited for before an answer is made that may be large: by then the child has taken the one before
 */
export type Answer = (question: Json, turn: () => Promise<void>) => Promise<Json>;

/** What a child may say. */
export interface Terms {
  /** Characters of the JSON of a result. */
  readonly max: number;
  /** Without it a child may ask nothing. */
  readonly asking?: Asking;
}

export interface Asking {
  /** Characters of the JSON of a question. */
  readonly max: number;
  readonly answer: Answer;
}

interface Work extends Terms {
  /** Questions whose answer the child has not taken yet. */
  open: number;
  readonly resolve: (result: Json) => void;
  readonly reject: (error: ChildFailed) => void;
}

/** Of inside V8 alone. */
const HEAP_MB = 256;
/** How a process ends when the watchdog finds it too large, and when V8 finds its heap too small. */
const MEMORY = new Map<NodeJS.Signals, string>([
  [FULL, `it took more than ${MEMORY_MB} MB of memory`],
  ["SIGABRT", `its heap took more than ${HEAP_MB} MB`],
]);
/** Node's own switches: no file but our code, no processes or add-ons; a thread, for the watchdog. */
const SHUT = [
  "--permission",
  "--allow-worker",
  `--allow-fs-read=${fileURLToPath(new URL(FROM_SOURCE ? "src/" : "dist/", PACKAGE_ROOT))}*`,
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=SecurityWarning",
];

/** The child ends itself this long after the call should have ended it. */
const GRACE_MS = 2000;
/** Characters of a message around its result or question, and of a failure. */
const AROUND = 32 * 1024;
/** A child may ask again before we know that it has taken an answer. */
const MAX_UNTAKEN = 2 * MAX_OPEN;
/** Of one character, as UTF-8. */
const MAX_BYTES = 3;
const TOO_MUCH = "it said more than it may";

/** A process that does one piece of work at a time. Nothing that it says is believed before it was looked at. */
export class Child {
  readonly #process: ChildProcess;
  readonly #to: Socket;
  readonly #from: Socket;
  readonly #lines = new Lines();
  #work: Work | null = null;
  #ended: ChildFailed | null = null;
  /** Ends when the child has taken the last of the answers that had a turn. */
  #turn: Promise<void> = Promise.resolve();

  /**
   * @param name of the module, as `houseModule` has it
   * @param args of the module
   * @param switches for Node, besides a bounded heap
   */
  constructor(name: string, args: readonly string[], switches: readonly string[]) {
    const module = fileURLToPath(houseModule(name));
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, ...switches, module, ...args], {
      env: {},
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    const [, , , to, from] = child.stdio;
    if (!(to instanceof Socket && from instanceof Socket)) throw new Bug("A child has no pipes.");
    this.#process = child;
    this.#to = to;
    this.#from = from;
    // What they tell shows in the end of the process, too.
    to.on("error", () => {});
    from.on("error", () => {});
    from.on("data", (piece: Buffer) => this.#take(piece));
    child.once("error", (error) => this.end(`it could not be started: ${error.message}`));
    child.once("exit", (code, by) => {
      const full = by === null ? undefined : MEMORY.get(by);
      if (full !== undefined) this.end(full, "full");
      else this.end(`it ended with ${by ?? `code ${code}`}`);
    });
  }

  /** Whether it can do no more work. */
  get over(): boolean {
    return this.#ended !== null;
  }

  /**
   * Gives it something to do. The process that waits for it goes on; one that does not may end.
   * @throws ChildFailed
   */
  async work<Start>(start: Start, terms: Terms): Promise<Json> {
    try {
      return await new Promise<Json>((resolve, reject) => {
        if (this.#ended !== null) throw this.#ended;
        for (const part of [this.#process, this.#to, this.#from]) part.ref();
        this.#work = { ...terms, open: 0, resolve, reject };
        this.#tell(JSON.stringify({ start }));
      });
    } finally {
      this.#work = null;
      for (const part of [this.#process, this.#to, this.#from]) part.unref();
    }
  }

  /** Ends the process, whatever it does; its work fails with this. */
  end(why = "it was ended", code = "ended"): void {
    this.#ended ??= new ChildFailed(code, why);
    this.#work?.reject(this.#ended);
    this.#process.kill("SIGKILL");
    this.#to.destroy();
    this.#from.destroy();
  }

  #take(piece: Buffer): void {
    this.#lines.push(piece, (line) => {
      if (!this.over) this.#hear(line);
    });
    const max = Math.max(this.#work?.max ?? 0, this.#work?.asking?.max ?? 0) + AROUND;
    if (this.#lines.size > max * MAX_BYTES) this.end(TOO_MUCH);
  }

  #hear(line: string): void {
    const work = this.#work;
    const said = read(line);
    if (work === null || said === null) this.end("it said what makes no sense");
    else if ("ask" in said) this.#reply(said, line.length, work);
    else if (line.length > work.max + AROUND) this.end(TOO_MUCH);
    else if ("failed" in said) work.reject(said.failed);
    else work.resolve(said.done);
  }

  #reply({ ask, question }: Asked, length: number, work: Work): void {
    const { asking } = work;
    if (asking === undefined || length > asking.max + AROUND || work.open >= MAX_UNTAKEN) {
      this.end(TOO_MUCH);
      return;
    }
    work.open += 1;
    let end = (): void => {};
    const turn = (): Promise<void> => {
      const before = this.#turn;
      this.#turn = new Promise((resolve) => {
        end = resolve;
      });
      return before;
    };
    const taken = (): void => {
      work.open -= 1;
      end();
    };
    void replyTo(ask, () => asking.answer(question, turn)).then((reply) => this.#tell(reply, taken));
  }

  #tell(message: string, taken: () => void = () => {}): void {
    if (this.#to.writable) this.#to.write(`${message}\n`, taken);
    else taken();
  }
}

/**
 * Does one piece of work in a process of its own, without environment and shut off, and ends it whatever happens.
 * @param name of the module, as `houseModule` has it
 * @param more switches for Node
 * @throws ChildFailed; the reason of the limits' signal
 */
export async function inChild<Start>(
  name: string,
  start: Start,
  { signal, deadline }: Pick<Limits, "signal" | "deadline">,
  terms: Terms,
  more: readonly string[] = [],
): Promise<Json> {
  signal.throwIfAborted();
  const left = Math.max(0, deadline - Date.now()) + GRACE_MS;
  const child = new Child(name, [`${left}`], [...SHUT, ...more]);
  const abort = (): void => child.end();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await child.work(start, terms);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    child.end();
  }
}

interface Asked {
  readonly ask: number;
  readonly question: Json;
}

type Said = Asked | { readonly done: Json } | { readonly failed: ChildFailed };

/** What a child has said; null when no child of ours says that. */
function read(line: string): Said | null {
  let message: Json;
  try {
    message = JSON.parse(line);
  } catch {
    return null;
  }
  const { done, failed, ask, question } = fieldsOf(message);
  if (done !== undefined) return { done };
  if (typeof ask === "number" && question !== undefined) return { ask, question };
  const { code, message: why } = fieldsOf(failed);
  if (typeof code !== "string" || typeof why !== "string") return null;
  return { failed: new ChildFailed(code, why) };
}

function fieldsOf(value: Json | undefined): Partial<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

/** The answer as JSON. Never throws. */
async function replyTo(ask: number, answer: () => Promise<Json>): Promise<string> {
  try {
    return told({ answer: ask, value: await answer() });
  } catch (error) {
    const { code, message } = Object(error);
    return told({
      answer: ask,
      error: { code: String(code ?? "runtime.internal"), message: String(message) },
    });
  }
}

function told(message: ToChild<never>): string {
  return JSON.stringify(message);
}
