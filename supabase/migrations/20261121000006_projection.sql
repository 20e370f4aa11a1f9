-- From a manifest to the registry's machine rows: the only place that knows. Both `sentinel_diff`, which shows, and
-- `sentinel_apply`, which writes, read these functions. They are PL/pgSQL because it keeps its plans: a function in SQL that
-- isn't inlined is planned at each call, which takes longer than its work.

-- One connector of a batch. A batch arrives as JSON, [{digest, manifest, files, contents}], and is taken apart once.
create type private.entry as (slug text collate "C", digest text collate "C", manifest jsonb, files jsonb, contents jsonb);

create function private.entries_of(batch jsonb) returns private.entry[]
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (
    select coalesce(array_agg(row(e.manifest ->> 'provider_slug', e.digest, e.manifest, coalesce(e.files, '{}'),
                                  coalesce(e.contents, '{}'))::private.entry), '{}')
    from jsonb_to_recordset(batch) as e (digest text, manifest jsonb, files jsonb, contents jsonb));
end
$$;

create function private.providers_of(batch private.entry[]) returns table (
  provider_id text, display_name text, summary text, version text, homepage text, docs_url text, icon text, platform text,
  instructions text, naming_rule text, auth_mode text, auth jsonb, base_url text, utm_capabilities text[], schemas jsonb,
  files jsonb, digest text, manifest jsonb)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select m.provider_slug, m.display_name, m.summary, m.version, m.homepage, m.docs_url, m.icon, coalesce(m.platform, 'all'),
         m.instructions, coalesce(m.naming_rule, 'PROVIDER_{PLATFORM}_{KEY}'),
         case m.auth_mode when 'oauth' then 'oauth_only' when 'byok' then 'byok_only' when 'both' then 'oauth_and_byok' end,
         nullif(m.auth, 'null'), m.base_url, coalesce(m.utm_capabilities, '{}'), coalesce(m.schemas, '{}'),
         e.files, e.digest, e.manifest
  from unnest(batch) e,
       jsonb_to_record(e.manifest) as m (provider_slug text, display_name text, summary text, version text, homepage text,
         docs_url text, icon text, platform text, instructions text, naming_rule text, auth_mode text, auth jsonb,
         base_url text, utm_capabilities text[], schemas jsonb);
end
$$;

create function private.categories_of(batch private.entry[]) returns table (provider_id text, category_name text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select distinct e.slug, s.category
  from unnest(batch) e,
       jsonb_to_recordset(e.manifest -> 'scopes') as s (category text)
  where s.category is not null;
end
$$;

create function private.scopes_of(batch private.entry[]) returns table (
  provider_id text, scope_name text, scope_type text, category_id uuid, description text, source text, since text,
  proposed_requires_firearm boolean, proposed_firearm_type text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select e.slug, s.name, s.type, md5(e.slug || '/' || s.category)::uuid,
         s.description, s.source, s.since, coalesce(s.requires_firearm, false), s.firearm_type
  from unnest(batch) e,
       jsonb_to_recordset(e.manifest -> 'scopes') as s (name text, type text, category text, description text, source text,
         since text, requires_firearm boolean, firearm_type text);
end
$$;

create function private.tools_of(batch private.entry[]) returns table (
  provider_id text, tool_name text, capability text, title text, description text, scopes text[], side_effecting boolean,
  destructive boolean, idempotent boolean, executor text, execution jsonb, input jsonb, output jsonb)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select e.slug, t.name, t.capability, t.title, t.description, coalesce(t.scopes, '{}'),
         coalesce(t.side_effecting, false), coalesce(t.destructive, false), coalesce(t.idempotent, false),
         case when t.rest <> 'null' then 'rest' when t.graphql <> 'null' then 'graphql' when t.sql <> 'null' then 'sql'
              when t.applescript <> 'null' then 'applescript' when t.handler <> 'null' then 'handler'
              when t.steps <> 'null' then 'steps' end,
         coalesce(nullif(t.rest, 'null'), nullif(t.graphql, 'null'), nullif(t.sql, 'null'), nullif(t.applescript, 'null'),
                  nullif(t.handler, 'null'), nullif(t.steps, 'null')),
         nullif(t.input, 'null'), nullif(t.output, 'null')
  from unnest(batch) e,
       jsonb_to_recordset(e.manifest -> 'tools') as t (name text, capability text, title text, description text,
         scopes text[], side_effecting boolean, destructive boolean, idempotent boolean, rest jsonb, graphql jsonb,
         sql jsonb, applescript jsonb, handler jsonb, steps jsonb, input jsonb, output jsonb);
end
$$;

create function private.metrics_of(batch private.entry[]) returns table (
  provider_slug text, raw_metric_name text, unit text, description text, standard_metric_slug text, aggregation_method text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select e.slug, k.raw, k.unit, k.description, k.standard, coalesce(k.aggregation, 'sum')
  from unnest(batch) e,
       jsonb_to_recordset(e.manifest -> 'kpis') as k (raw text, unit text, description text, standard text, aggregation text);
end
$$;

create function private.budgets_of(batch private.entry[]) returns table (provider_slug text, budget_name text, description text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select e.slug, b.name, b.description
  from unnest(batch) e,
       jsonb_to_recordset(e.manifest -> 'budgets') as b (name text, description text);
end
$$;

create function private.utm_of(batch private.entry[]) returns table (
  provider_slug text, content_type_slug text, proposed_static_params jsonb, proposed_allowed_variables text[],
  proposed_pattern text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select m.provider_slug, c.slug, coalesce(u.static_params, '{}'), coalesce(u.allowed_variables, '{}'), u.pattern
  from unnest(batch) e,
       jsonb_to_record(e.manifest) as m (provider_slug text, utm_capabilities text[], utm jsonb),
       unnest(m.utm_capabilities) as c (slug)
       left join lateral jsonb_to_record(nullif(m.utm, 'null')) as u (static_params jsonb, allowed_variables text[], pattern text)
         on true;
end
$$;

create function private.oauth_of(batch private.entry[]) returns table (
  provider_id text, authorization_url text, token_url text, refresh_url text, grant_type text, pkce boolean, scopes jsonb,
  free_testing_limit text, authorization_links text[], functional_summary text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select e.slug, a.authorization_url, a.token_url, a.refresh_url, a."grant", a.pkce, a.scopes,
         o.free_testing_limit, coalesce(o.authorization_links, '{}'), o.functional_summary
  from unnest(batch) e
       left join lateral jsonb_to_record(case when e.manifest -> 'auth' ->> 'type' = 'oauth2' then e.manifest -> 'auth' end)
         as a (authorization_url text, token_url text, refresh_url text, "grant" text, pkce boolean, scopes jsonb) on true
       left join lateral jsonb_to_record(nullif(e.manifest -> 'oauth_marketplace', 'null'))
         as o (free_testing_limit text, authorization_links text[], functional_summary text) on true
  where e.manifest -> 'auth' ->> 'type' = 'oauth2' or jsonb_typeof(e.manifest -> 'oauth_marketplace') = 'object';
end
$$;

-- All rows of a batch in one shape, for comparing: table, provider, key within it, and its other machine columns.
create function private.rows_of(batch private.entry[]) returns table (tbl text, provider_id text, key text, data jsonb)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select 'connector_providers', r.provider_id, r.provider_id, to_jsonb(r) - '{provider_id,manifest}'::text[]
    from private.providers_of(batch) r
  union all select 'connector_scope_categories', r.provider_id, r.category_name, '{}' from private.categories_of(batch) r
  union all select 'connector_scopes', r.provider_id, r.scope_name, to_jsonb(r) - '{provider_id,scope_name}'::text[]
    from private.scopes_of(batch) r
  union all select 'connector_tools', r.provider_id, r.tool_name, to_jsonb(r) - '{provider_id,tool_name}'::text[]
    from private.tools_of(batch) r
  union all select 'platform_metrics', r.provider_slug, r.raw_metric_name,
      jsonb_build_object('unit', r.unit, 'description', r.description) from private.metrics_of(batch) r
  union all select 'metric_mappings', r.provider_slug, r.raw_metric_name,
      jsonb_build_object('standard_metric_slug', r.standard_metric_slug, 'aggregation_method', r.aggregation_method)
    from private.metrics_of(batch) r
  union all select 'budget_metrics', r.provider_slug, r.budget_name, to_jsonb(r) - '{provider_slug,budget_name}'::text[]
    from private.budgets_of(batch) r
  union all select 'utm_templates', r.provider_slug, r.content_type_slug,
      to_jsonb(r) - '{provider_slug,content_type_slug}'::text[] from private.utm_of(batch) r
  union all select 'connector_oauth_requirements', r.provider_id, r.provider_id, to_jsonb(r) - 'provider_id'
    from private.oauth_of(batch) r
$$;

-- What differs between two batches, as {slug: [{table, key, field, from, to}]}.
create function private.changes(before private.entry[], after private.entry[]) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  with change as (
    select coalesce(a.provider_id, b.provider_id) collate "C" as slug, coalesce(a.tbl, b.tbl) collate "C" as tbl,
           coalesce(a.key, b.key) collate "C" as key, f.field collate "C" as field, f.old, f.new
    from private.rows_of(before) b
    full join private.rows_of(after) a on (a.tbl, a.provider_id, a.key) = (b.tbl, b.provider_id, b.key)
    cross join lateral (
      select null as field, b.data as old, a.data as new where a.data is null or b.data is null
      union all
      select d.key, b.data -> d.key, d.value from jsonb_each(a.data) d
      where b.data is not null and b.data -> d.key is distinct from d.value
    ) f
    where a.data is distinct from b.data
  )
  select coalesce(jsonb_object_agg(slug, changes), '{}') from (
    select slug, jsonb_agg(jsonb_build_object('table', tbl, 'key', key, 'field', field, 'from', old, 'to', new)
                           order by tbl, key, field) as changes
    from change group by slug) c
$$;

insert into private.sentinel_migrations values ('20261121000006_projection');
