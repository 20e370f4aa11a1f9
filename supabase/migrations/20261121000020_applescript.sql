-- A tool may also be an AppleScript: `private.tools_of` as in ..._projection.sql, with one executor more.

create or replace function private.tools_of(batch jsonb) returns table (
  provider_id text, tool_name text, capability text, title text, description text, scopes text[], side_effecting boolean,
  destructive boolean, idempotent boolean, executor text, execution jsonb, input jsonb, output jsonb)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select e.manifest ->> 'provider_slug', t.name, t.capability, t.title, t.description, coalesce(t.scopes, '{}'),
         coalesce(t.side_effecting, false), coalesce(t.destructive, false), coalesce(t.idempotent, false),
         case when t.rest <> 'null' then 'rest' when t.graphql <> 'null' then 'graphql' when t.sql <> 'null' then 'sql'
              when t.applescript <> 'null' then 'applescript' when t.handler <> 'null' then 'handler'
              when t.steps <> 'null' then 'steps' end,
         coalesce(nullif(t.rest, 'null'), nullif(t.graphql, 'null'), nullif(t.sql, 'null'), nullif(t.applescript, 'null'),
                  nullif(t.handler, 'null'), nullif(t.steps, 'null')),
         nullif(t.input, 'null'), nullif(t.output, 'null')
  from jsonb_to_recordset(batch) as e (manifest jsonb),
       jsonb_to_recordset(e.manifest -> 'tools') as t (name text, capability text, title text, description text,
         scopes text[], side_effecting boolean, destructive boolean, idempotent boolean, rest jsonb, graphql jsonb,
         sql jsonb, applescript jsonb, handler jsonb, steps jsonb, input jsonb, output jsonb)
$$;
comment on column public.connector_tools.executor is
  'rest, graphql, sql, applescript, handler or steps; null blocks approval.';

insert into private.sentinel_migrations values ('20261121000020_applescript');
