/**
 * Registers a tree over supabase-js as a run does it, with the manifests read before the clock starts: from the first
 * question to the last answer, the library's own loading included.
 * Usage: SUPABASE_URL=… SUPABASE_SECRET_KEY=… register.ts <connectors> <source>
 */
import { readdirSync } from "node:fs";
import { openReader } from "../../src/manifest/index.ts";
import { openSupabase } from "../../src/registry/drivers/supabase.ts";
import { type BatchEntry, createRegistry } from "../../src/registry/index.ts";

const [root = "connectors", source = "default"] = process.argv.slice(2);
const { SUPABASE_URL = "", SUPABASE_SECRET_KEY = "" } = process.env;

async function entries(): Promise<BatchEntry[]> {
  const reader = openReader({ root, display: root });
  const slugs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const readings = await Promise.all(slugs.map(({ name }) => reader.read(name)));
  await reader.close();
  return readings.map((reading) => {
    if (!reading.ok) throw new Error(`${reading.slug} is no good connector`);
    const { digest, manifest, files } = reading;
    return { digest, manifest: JSON.parse(JSON.stringify(manifest)), files };
  });
}

const batch = await entries();
const start = performance.now();
const { machine } = createRegistry(openSupabase({ url: SUPABASE_URL, key: SUPABASE_SECRET_KEY }));
await machine.fingerprints(source);
const { token } = await machine.lease(source, "bench", 60);
const applied = await machine.apply(source, token, batch, false);
await machine.release(source, token);
const seconds = (performance.now() - start) / 1000;
if (applied.some(({ outcome }) => outcome !== "created")) throw new Error("not everything was registered");
console.log(`${applied.length} registered in ${seconds} s`);
