import type { Connector } from "./types.ts";

/**
 * Runs a connector as an MCP server over standard input and output. Resolves when it is listening; the process ends
 * with its input, or on SIGTERM or SIGINT, with exit code 0. The protocol's library loads here, so that a file that is
 * only imported stays light.
 */
export async function main(connector: Connector): Promise<void> {
  const { serveConnector } = await import("./stdio.ts");
  serveConnector(connector);
}
