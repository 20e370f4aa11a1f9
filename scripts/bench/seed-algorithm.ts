/**
 * The peer: registering as the first specification described it, one connector after the other over supabase-js,
 * a select and an upsert for each scope, three calls for each KPI.
 * The manifests are read before the clock starts, as on the other side.
 * Usage: SUPABASE_URL=… SUPABASE_SECRET_KEY=… seed-algorithm.ts <connectors>; the tables are `SEED_TABLES`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type PostgrestError } from "@supabase/supabase-js";
import { load } from "js-yaml";
import { z } from "zod";

/** Plain tables for the peer, beside the registry's own, in the same database. */
export const SEED_TABLES = `
  create table public.seed_providers (slug text primary key, display_name text);
  create table public.seed_scopes (slug text, name text, description text, requires_firearm boolean, primary key (slug, name));
  create table public.seed_platform_metrics (slug text, raw text, primary key (slug, raw));
  create table public.seed_generic_metrics (name text primary key);
  create table public.seed_metric_mappings (slug text, raw text, standard text, primary key (slug, raw));
  grant all on public.seed_providers, public.seed_scopes, public.seed_platform_metrics, public.seed_generic_metrics,
    public.seed_metric_mappings to service_role;`;

const manifestShape = z.object({
  provider_slug: z.string(),
  display_name: z.string(),
  scopes: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      requires_firearm: z.boolean().optional(),
    }),
  ),
  kpis: z.array(z.object({ raw: z.string(), standard: z.string() })),
});

function ok(reply: { error: PostgrestError | null }): void {
  if (reply.error) throw new Error(reply.error.message);
}

async function seed(root: string, url: string, key: string): Promise<void> {
  const manifests = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => manifestShape.parse(load(readFileSync(join(root, name, "manifest.yaml"), "utf8"))));
  const start = performance.now();
  const client = createClient(url, key);
  for (const { provider_slug: slug, display_name, scopes, kpis } of manifests) {
    ok(await client.from("seed_providers").upsert({ slug, display_name }));
    for (const { name, description, requires_firearm } of scopes) {
      ok(
        await client
          .from("seed_scopes")
          .select("requires_firearm")
          .eq("slug", slug)
          .eq("name", name)
          .maybeSingle(),
      );
      ok(await client.from("seed_scopes").upsert({ slug, name, description, requires_firearm }));
    }
    for (const { raw, standard } of kpis) {
      ok(await client.from("seed_platform_metrics").upsert({ slug, raw }));
      ok(await client.from("seed_generic_metrics").upsert({ name: standard }));
      ok(await client.from("seed_metric_mappings").upsert({ slug, raw, standard }));
    }
  }
  console.log(`${manifests.length} registered in ${(performance.now() - start) / 1000} s`);
}

if (import.meta.main) {
  const [root = "connectors"] = process.argv.slice(2);
  const { SUPABASE_URL = "", SUPABASE_SECRET_KEY = "" } = process.env;
  await seed(root, SUPABASE_URL, SUPABASE_SECRET_KEY);
}
