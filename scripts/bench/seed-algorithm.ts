/**
 * The peer: registering as the first specification described it, one connector after the other over supabase-js,
 * a select and an upsert for each scope, three calls for each KPI.
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

async function seed(root: string, url: string, key: string): Promise<number> {
  const client = createClient(url, key);
  let connectors = 0;
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const text = readFileSync(join(root, entry.name, "manifest.yaml"), "utf8");
    const { provider_slug: slug, display_name, scopes, kpis } = manifestShape.parse(load(text));
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
    connectors += 1;
  }
  return connectors;
}

if (import.meta.main) {
  const [root = "connectors"] = process.argv.slice(2);
  const { SUPABASE_URL = "", SUPABASE_SECRET_KEY = "" } = process.env;
  console.log(`${await seed(root, SUPABASE_URL, SUPABASE_SECRET_KEY)} connectors`);
}
