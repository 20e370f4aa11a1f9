import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { createCatalogue } from "./catalogue.ts";
import { createServer, notAvailable } from "./server.ts";
import type { Connector } from "./types.ts";

/** How long answers may take that are still owed when the client closes our input. */
const DRAIN_MS = 5000;

/**
 * Serves a connector to the process that started this one, over standard input and output, until the input ends or a
 * signal comes. Nothing but the protocol goes to the output.
 */
export function serveConnector(connector: Connector): void {
  const catalogue = createCatalogue(connector);
  const transport = new DrainingTransport();
  const handle = serveStdio(() => createServer(catalogue, notAvailable), { transport });
  transport.watch();
  const stop = (): void => {
    // Closing the handle stops whoever would answer, so what is owed comes first.
    void transport
      .drained()
      .then(() => handle.close())
      .finally(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

/**
 * The SDK's transport drops the answers that are owed when the input ends, but whoever pipes a few requests in and closes
 * the pipe wants to read them. This one closes when they are written.
 */
class DrainingTransport extends StdioServerTransport {
  readonly #owed = new Set<RequestId>();
  #settled: (() => void) | undefined;
  #drained: Promise<void> | undefined;

  /** Starts to count; called once, when the server has put its handler in place. */
  watch(): void {
    const deliver = this.onmessage;
    this.onmessage = (message) => {
      this.#count(message);
      deliver?.(message);
    };
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    try {
      await super.send(message);
    } finally {
      if (!("method" in message) && message.id !== undefined) this.#settle(message.id);
    }
  }

  override async close(): Promise<void> {
    await this.drained();
    await super.close();
  }

  /** Resolves when no answer is owed, or after a few seconds. */
  drained(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      if (this.#owed.size === 0) return resolve();
      const timer = setTimeout(resolve, DRAIN_MS);
      this.#settled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#drained;
  }

  #count(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) {
      // A subscription is answered when it ends, which is when we close.
      if (message.method !== "subscriptions/listen") this.#owed.add(message.id);
    } else if (message.method === "notifications/cancelled") {
      const id = message.params?.requestId;
      if (typeof id === "string" || typeof id === "number") this.#settle(id);
    }
  }

  #settle(id: RequestId): void {
    this.#owed.delete(id);
    if (this.#owed.size === 0) this.#settled?.();
  }
}
