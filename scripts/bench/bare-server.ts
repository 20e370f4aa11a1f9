/**
 * The peer of the calls: the official SDK's low-level server on standard input and output, with two tools written by
 * hand. Each is one `fetch` with a token out of the environment; no gate, no vault, no record. With a database it keeps the
 * barest record of a change: one row committed before the request, one after it.
 * Usage: TOKEN=… bare-server.ts <the provider's base URL> [<database URL>]
 */
import { Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import pg from "pg";

const [base = "", database] = process.argv.slice(2);
const headers = {
  accept: "application/json",
  authorization: `Bearer ${process.env.TOKEN ?? ""}`,
  "content-type": "application/json",
};

const id = { type: "string" };
const TOOLS = [
  {
    name: "get_item",
    description: "Gets an item.",
    inputSchema: { type: "object" as const, properties: { id }, required: ["id"] },
  },
  {
    name: "set_item",
    description: "Renames an item.",
    inputSchema: { type: "object" as const, properties: { id, name: { type: "string" } }, required: ["id"] },
  },
];

const records = database === undefined ? null : new pg.Client({ connectionString: database });
await records?.connect();
await records?.query("create table if not exists bare_records (what text not null, body jsonb not null)");

async function record(what: string, body: unknown): Promise<void> {
  await records?.query("insert into bare_records values ($1, $2)", [what, JSON.stringify(body)]);
}

serveStdio(() => {
  const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: TOOLS }));
  server.setRequestHandler("tools/call", async ({ params: { name, arguments: given = {} } }) => {
    const changes = name === "set_item";
    const body = changes ? { method: "POST", body: JSON.stringify({ name: given.name }) } : {};
    if (changes) await record("begun", given);
    const answer = await fetch(`${base}/items/${encodeURIComponent(String(given.id))}`, { headers, ...body });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const structuredContent: Record<string, unknown> = Object(await answer.json());
    if (changes) await record("done", structuredContent);
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  });
  return server;
});
