import type { JSONRPCMessage, RequestId, Server } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { createServer, type Face, type Peer } from "./server.ts";

/** How long answers may take that are still owed when the client closes our input, or a signal ends us. */
const DRAIN_MS = 5000;

/** A server on this process's standard input and output. */
export interface StdioServer {
  /** When the input has ended and what was owed is written. */
  readonly ended: Promise<void>;
  /** Tells the client that the list is another, in the way of its revision. */
  listChanged(): void;
  /** Ends it when what is owed is written. */
  close(): Promise<void>;
}

/**
 * Serves the process that started this one, over standard input and output. Nothing but the protocol goes to the output.
 */
export function serveOverStdio(current: () => Face, peer: Peer): StdioServer {
  const transport = new DrainingTransport();
  const servers = new Set<Server>();
  const factory = (): Server => {
    const server = createServer(current, peer);
    servers.add(server);
    server.onclose = () => servers.delete(server);
    return server;
  };
  const handle = serveStdio(factory, { transport });
  transport.watch();
  return {
    ended: transport.ended,
    listChanged: () => {
      // One that is not connected yet, or not any more, has nobody to tell.
      for (const server of servers) server.sendToolListChanged().catch(() => {});
    },
    close: async () => {
      // Closing the handle stops whoever would answer, so what is owed comes first.
      await transport.drained();
      await handle.close();
    },
  };
}

/**
 * The SDK's transport drops the answers that are owed when the input ends, but whoever pipes a few requests in and closes
 * the pipe wants to read them. This one closes when they are written.
 */
class DrainingTransport extends StdioServerTransport {
  readonly #owed = new Set<RequestId>();
  readonly #end = Promise.withResolvers<void>();
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
    this.#end.resolve();
  }

  /** Resolves when it is closed. */
  get ended(): Promise<void> {
    return this.#end.promise;
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
