/**
 * A provider of items on a free port of the loopback, which it prints: it takes any token and keeps nothing. It answers at
 * once, and after 10 ms where the id begins with `slow`. Ends with its standard input.
 */
import { createServer } from "node:http";

const SLOW_MS = 10;
const TAGS = Array.from({ length: 12 }, (_, at) => ({ name: `tag-${at}`, since: "2026-11-21T00:00:00Z" }));

const server = createServer((request, response) => {
  const { method, url = "" } = request;
  const id = url.slice(url.lastIndexOf("/") + 1);
  const item = method === "GET" ? { id, name: "Box", price: 12.5, tags: TAGS } : { id, saved: true };
  const body = JSON.stringify(item);
  request.resume().on("end", () => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const status = request.headers.authorization === undefined ? 401 : 200;
    const answer = (): void => void response.writeHead(status, headers).end(body);
    if (id.startsWith("slow")) setTimeout(answer, SLOW_MS);
    else answer();
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address !== null ? address.port : 0);
});
process.stdin.resume().on("end", () => process.exit(0));
