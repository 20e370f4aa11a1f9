import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { failure } from "../failure.ts";
import { tooLarge } from "./read.ts";

/** Pieces of a body that may be as small as they like, and bytes that those beyond have on average: each costs time and a frame. */
const FREE_PIECES = 100_000;
const SMALLEST_PIECE = 64;
/** Bytes that are set aside when a second piece comes. */
const FIRST_ROOM = 64 * 1024;

/** What a provider sent, before anything is made of it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What one exchange may cost, and who is told of it. */
export interface Exchange {
  /** Bytes of the body. */
  readonly max: number;
  /** Ends it; its reason is what is thrown. */
  readonly signal: AbortSignal;
  /** Told before the first byte is sent: not while the request waits for a connection. */
  readonly onStart: () => void;
}

/**
 * Sends one request and collects its answer as it comes, without a stream in between: answers are bounded, and whole when
 * they are looked at. The connection is cut as soon as there is more than there may be.
 * @throws ToolFailure `api.too_large`, `api.bad_response`; what `undici` throws
 */
export function collect(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  exchange: Exchange,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Collector(exchange, resolve, reject));
  });
}

/** The methods are undici's. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #max: number;
  readonly #signal: AbortSignal;
  readonly #onStart: () => void;
  readonly #resolve: (answer: RawAnswer) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #pieces = 0;
  /** The only piece as it came, or all of them in the first `size` bytes of what is set aside. */
  #body: Buffer = Buffer.alloc(0);
  #size = 0;

  constructor(
    { max, signal, onStart }: Exchange,
    resolve: (answer: RawAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#max = max;
    this.#signal = signal;
    this.#onStart = onStart;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener("abort", this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
    else this.#onStart();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // What comes before the answer itself (RFC 9110, 15.2).
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#pieces = 0;
    this.#size = 0;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const size = this.#size + chunk.length;
    this.#pieces += 1;
    if (size > this.#max) controller.abort(tooLarge(this.#max));
    else if (this.#pieces > FREE_PIECES + size / SMALLEST_PIECE) {
      controller.abort(failure("api.bad_response", "The answer comes in too many pieces."));
    } else {
      if (this.#pieces === 1) this.#body = chunk;
      else this.#add(chunk, size);
      this.#size = size;
    }
  }

  /** A piece is a view of what the socket has read, so that many small ones would hold hundreds of times what they are. */
  #add(chunk: Buffer, size: number): void {
    if (this.#pieces === 2 || size > this.#body.length) {
      const room = Buffer.allocUnsafe(Math.max(2 * size, FIRST_ROOM));
      this.#body.copy(room, 0, 0, this.#size);
      this.#body = room;
    }
    chunk.copy(this.#body, this.#size);
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener("abort", this.#abort);
    const body = this.#body.subarray(0, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: unknown, error: Error): void {
    this.#signal.removeEventListener("abort", this.#abort);
    this.#reject(error);
  }

  /** Also where the request is still waiting for a connection: it is not sent then, and nobody waits for that. */
  readonly #abort = (): void => {
    this.#controller?.abort(this.#signal.reason);
    this.#reject(this.#signal.reason);
  };
}
