import type { Face } from "./server.ts";
import type { Connector } from "./types.ts";

/** Where a connector's calls go. */
export interface Connection {
  /** What is served: the connector's own tools. */
  readonly face: Face;
  /** In whose name calls are made. */
  readonly agent: string;
  close(): Promise<void>;
}

/** Finds the registry that decides on a connector's calls; null where there is none. */
export type Connect = (connector: Connector) => Promise<Connection | null>;

/**
 * Runs a connector as an MCP server over standard input and output. Resolves when it is listening; the process ends
 * with its input, or on SIGTERM or SIGINT, with exit code 0. The protocol's library loads here, so that a file that is
 * only imported stays light.
 */
export async function serveConnector(connector: Connector, connect: Connect): Promise<void> {
  const [{ serveOverStdio }, { createCatalogue }, { notAvailable }] = await Promise.all([
    import("./stdio.ts"),
    import("./catalogue.ts"),
    import("./serve/answers.ts"),
  ]);
  const connection = await connect(connector);
  const face = connection?.face ?? { catalogue: createCatalogue(connector), call: notAvailable };
  const server = serveOverStdio(() => face, { agent: connection?.agent ?? "", listChanged: false });
  const stop = async (): Promise<void> => {
    try {
      await server.close();
      await connection?.close();
    } finally {
      process.exit(0);
    }
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  void server.ended.then(stop);
}
