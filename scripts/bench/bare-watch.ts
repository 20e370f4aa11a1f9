/**
 * The peer of `sentinel watch`: chokidar with a lean filter, and one bare upsert per event. Nothing is checked.
 * Usage: bare-watch.ts <connectors> [<postgres url>]; prints `ready` when it watches.
 */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { watch } from "chokidar";
import pg from "pg";

const [root = "connectors", url] = process.argv.slice(2);
const client = url === undefined ? null : new pg.Client({ connectionString: url });
await client?.connect();

async function upsert(path: string): Promise<void> {
  if (!client || basename(path) !== "manifest.yaml") return;
  await client.query(
    "insert into floor.saved (slug, text) values ($1, $2) on conflict (slug) do update set text = excluded.text",
    [basename(dirname(path)), readFileSync(path, "utf8")],
  );
}

const watcher = watch(root, {
  ignoreInitial: true,
  depth: 1,
  ignored: (path, stats) => stats?.isFile() === true && basename(path) !== "manifest.yaml",
});
watcher.on("add", upsert).on("change", upsert);
watcher.on("ready", () => console.log("ready"));
process.on("SIGTERM", () => process.exit(0));
