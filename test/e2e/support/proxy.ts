/** A TCP proxy in front of a server that can lose the answer to a message: the message arrives, the answer never does. */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Proxy {
  readonly port: number;
  /** How many answers were lost so far. */
  readonly lost: () => number;
  /** Loses the answer to the next message that matches, once `after` was sent on the same connection; it matches too. */
  loseAnswerTo(pattern: RegExp, after: RegExp): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of loopback. */
export async function openProxy(target: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let wanted: { pattern: RegExp; after: RegExp } | null = null;
  let lost = 0;

  const serve = (client: Socket): void => {
    const server = connect(target);
    let armed = false;
    let losing: RegExp | null = null;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      if (wanted?.after.test(text)) armed = true;
      if (armed && wanted?.pattern.test(text)) {
        losing = wanted.pattern;
        wanted = null;
      }
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      // Messages come several at a time: the answers before the one that is lost are kept back too.
      if (!losing) client.write(chunk);
      else if (losing.test(chunk.toString("latin1"))) {
        // The server has answered, so its work is done; the client learns only that the connection broke.
        lost += 1;
        client.resetAndDestroy();
      }
    });
  };

  const listener: Server = createServer(serve);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    lost: () => lost,
    loseAnswerTo(pattern, after) {
      wanted = { pattern, after };
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  };
}
