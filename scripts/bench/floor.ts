/**
 * The bare floor: what registering a tree costs when nothing is checked and nothing is generated.
 * One thread: list the folders, read and parse each manifest (js-yaml), send jsonb batches of 500 to three plain tables.
 * Usage: floor.ts <connectors> none | pglite <empty directory> | postgres <url>
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

const SCHEMA = `
  drop schema if exists floor cascade;
  create schema floor;
  create table floor.providers (slug text primary key, display_name text, manifest jsonb);
  create table floor.scopes (id uuid primary key, slug text not null, name text not null, description text, requires_firearm boolean);
  create table floor.metrics (id uuid primary key, slug text not null, raw text not null, standard text);`;

const STATEMENTS = [
  `insert into floor.providers
     select m->>'provider_slug', m->>'display_name', m from jsonb_array_elements($1::jsonb) m
   on conflict (slug) do update set display_name = excluded.display_name, manifest = excluded.manifest`,
  `insert into floor.scopes
     select md5((m->>'provider_slug') || '/' || (s->>'name'))::uuid, m->>'provider_slug', s->>'name', s->>'description',
            coalesce((s->>'requires_firearm')::boolean, false)
     from jsonb_array_elements($1::jsonb) m, jsonb_array_elements(m->'scopes') s
   on conflict (id) do update set description = excluded.description`,
  `insert into floor.metrics
     select md5((m->>'provider_slug') || '/' || (k->>'raw'))::uuid, m->>'provider_slug', k->>'raw', k->>'standard'
     from jsonb_array_elements($1::jsonb) m, jsonb_array_elements(m->'kpis') k
   on conflict (id) do update set standard = excluded.standard`,
];

interface Database {
  exec(sql: string): Promise<unknown>;
  query(sql: string, parameters: unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

async function connect(kind: string | undefined, where: string): Promise<Database | null> {
  if (kind === "pglite") {
    const { PGlite } = await import("@electric-sql/pglite");
    const db = await PGlite.create(where);
    return {
      exec: (sql) => db.exec(sql),
      query: (sql, values) => db.query(sql, values),
      end: () => db.close(),
    };
  }
  if (kind === "postgres") {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: where });
    await client.connect();
    return {
      exec: (sql) => client.query(sql),
      query: (sql, values) => client.query(sql, values),
      end: () => client.end(),
    };
  }
  return null;
}

const [root = "connectors", kind, where = ""] = process.argv.slice(2);
const database = await connect(kind, where);
await database?.exec(SCHEMA);
let batch: unknown[] = [];
let count = 0;

async function send(): Promise<void> {
  if (database && batch.length > 0) {
    const json = JSON.stringify(batch);
    await database.query("begin", []);
    for (const statement of STATEMENTS) await database.query(statement, [json]);
    await database.query("commit", []);
  }
  batch = [];
}

for (const entry of readdirSync(root, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  batch.push(load(readFileSync(join(root, entry.name, "manifest.yaml"), "utf8")));
  count += 1;
  if (batch.length === 500) await send();
}
await send();
await database?.end();
console.log(`${count} manifests`);
