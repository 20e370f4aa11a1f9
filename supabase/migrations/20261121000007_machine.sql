-- The machine face: registers what folders say. Its functions belong to sentinel_machine, which has no privilege on a
-- human column; whoever may call them can do no more than they do.

-- SHA-256 over the lines `slug digest` of a source's connectors that are not archived, sorted by bytes.
create function private.source_state(in_source text) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(
    coalesce(string_agg(p.provider_id || ' ' || p.digest || E'\n', '' order by p.provider_id), ''), 'UTF8')), 'hex')
  from public.connector_providers p where p.source = in_source and not p.is_gone
$$;

create function private.sentinel_state(in_source text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(private.source_state(in_source))
$$;

create function private.fingerprint(p public.connector_providers) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return jsonb_build_object('slug', p.provider_id, 'source', p.source, 'status', p.status, 'version', p.version,
    'digest', p.digest, 'approved_version', p.approved_version, 'approved_digest', p.approved_digest);
end
$$;

-- Of some slugs: whatever has one of them, or would share its vault keys, in any source.
create function private.sentinel_lookup(slugs jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
  return (
    select coalesce(jsonb_agg(private.fingerprint(p) order by p.provider_id), '[]')
    from public.connector_providers p
    where p.platform_slug = any (array(select replace(s, '-', '_') collate "C" from jsonb_array_elements_text(slugs) s)));
end
$$;

create function private.sentinel_fingerprints(in_source text, known text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  state constant text := private.source_state(in_source);
begin
  return jsonb_build_object('state', state, 'connectors', case when state is distinct from known then (
    select coalesce(jsonb_agg(private.fingerprint(p) order by p.provider_id), '[]')
    from public.connector_providers p) end);
end
$$;

-- What becomes of each entry of a batch, and why not: the rules, and nothing but the rules.
create function private.verdicts(in_source text, batch private.entry[]) returns table (
  slug text, digest text, version text, old_digest text, was_gone boolean, outcome text, code text, message text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  with entry as (
    select e.*, e.manifest ->> 'version' as version, replace(e.slug, '-', '_') as platform_slug,
           -- Within one batch the first by name has the vault prefix.
           min(e.slug) over (partition by replace(e.slug, '-', '_')) as first_slug
    from unnest(batch) e
  ), judged as (
    select e.slug, e.digest, e.version, p.digest as old_digest, coalesce(p.is_gone, false) as was_gone,
      case when p.provider_id is null then 'created'
           when p.is_gone then 'restored'
           when p.digest = e.digest then 'unchanged'
           else 'updated' end as outcome,
      case
        when p.source <> in_source and not p.is_gone then array['registry.slug_taken',
          format('%s is registered by source "%s"; source "%s" can''t claim it too.', e.slug, p.source, in_source)]
        when p.provider_id is null and coalesce(twin.provider_id, e.first_slug) <> e.slug then
          array['registry.vault_prefix_taken', format('%s and %s would share the vault prefix PROVIDER_%s.',
            e.slug, coalesce(twin.provider_id, e.first_slug), upper(e.platform_slug))]
        when e.version is not null and p.approved_versions ->> e.version <> e.digest then array['registry.version_immutable',
          format('Version %s of %s was approved with other content, and an approved version never changes.', e.version, e.slug)]
        when revision.digest is not null and (revision.manifest <> e.manifest or revision.files <> e.files) then
          array['registry.digest_mismatch', format('Digest %s of %s is on record with other content.', e.digest, e.slug)]
      end as refusal
    from entry e
    -- By their keys, whatever the planner thinks of a batch's length and thought when the tables were small: they hold every
    -- connector there is.
    left join lateral (select x.* from public.connector_providers x where x.provider_id = e.slug offset 0) p on true
    left join lateral (select r.digest, r.manifest, r.files from public.connector_revisions r
                       where r.provider_id = e.slug and r.digest = e.digest offset 0) revision on p.digest <> e.digest
    left join lateral (select x.provider_id from public.connector_providers x where x.platform_slug = e.platform_slug offset 0) twin on true
  )
  select slug, digest, version, old_digest, was_gone, case when refusal is null then outcome else 'refused' end,
         refusal[1], refusal[2]
  from judged;
end
$$;

create function private.applied(verdicts jsonb, changes jsonb) returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object(
    'slug', v.slug, 'outcome', v.outcome,
    'refusal', case when v.code is not null then jsonb_build_object('code', v.code, 'message', v.message) end,
    'changes', case when v.outcome in ('created', 'updated', 'restored') then coalesce(changes -> v.slug, '[]') else '[]' end)
    order by v.slug collate "C"), '[]')
  from jsonb_to_recordset(verdicts) as v (slug text, outcome text, code text, message text));
end
$$;

-- What stands in the registry for the batch's connectors, in a batch's shape.
create function private.standing(batch private.entry[]) returns private.entry[]
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(row(p.provider_id, p.digest, p.manifest, p.files, '{}')::private.entry), '{}')
  from unnest(batch) e
  cross join lateral (select x.* from public.connector_providers x where x.provider_id = e.slug offset 0) p
$$;

create function private.sentinel_diff(in_source text, batch jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  entries constant private.entry[] := private.entries_of(batch);
begin
  return (select private.applied(jsonb_agg(to_jsonb(v)), private.changes(private.standing(entries), entries))
          from private.verdicts(in_source, entries) v);
end
$$;

create function private.sentinel_lease(in_source text, in_holder text, ttl_seconds integer, in_token bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  held public.sentinel_leases;
begin
  insert into public.sentinel_leases values (in_source, 0, '', '-infinity') on conflict do nothing;
  select * into strict held from public.sentinel_leases l where l.source = in_source for update;
  if in_token is not null and in_token <> held.token then
    perform private.refuse(409, 'registry.lease_lost', format('The lease on source "%s" was taken over.', in_source),
                           jsonb_build_object('token', held.token, 'holder', held.holder));
  elsif in_token is null and held.expires_at > clock_timestamp() and held.holder <> in_holder then
    perform private.refuse(409, 'registry.lease_held', format('%s is working on source "%s".', held.holder, in_source),
      jsonb_build_object('holder', held.holder,
                         'seconds_left', ceil(extract(epoch from held.expires_at - clock_timestamp()))));
  end if;
  update public.sentinel_leases l
  set token = case when in_token is null then l.token + 1 else l.token end, holder = in_holder,
      expires_at = clock_timestamp() + make_interval(secs => ttl_seconds)
  where l.source = in_source
  returning * into held;
  return jsonb_build_object('token', held.token, 'holder', held.holder);
end
$$;

create function private.sentinel_release(in_source text, in_token bigint) returns jsonb
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.sentinel_leases l set expires_at = '-infinity' where l.source = in_source and l.token = in_token;
  select 'null'::jsonb;
$$;

-- For the embedded registry, which one process at a time can open: whoever held a lease before is dead.
create function private.break_leases() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.sentinel_leases set expires_at = '-infinity' where expires_at > '-infinity'
$$;

-- Fencing: a holder that was paused for longer than its lease finds another's token here. The row stays locked, so that
-- no one takes over in the middle.
create function private.check_lease(in_source text, in_token bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform from public.sentinel_leases l where l.source = in_source and l.token = in_token for update;
  if not found then
    perform private.refuse(409, 'registry.lease_lost', format('The lease on source "%s" was taken over.', in_source),
      (select jsonb_build_object('token', l.token, 'holder', l.holder) from public.sentinel_leases l where l.source = in_source));
  end if;
end
$$;

-- The parts of their manifests that say something else than what stands, over a batch of connectors that stand; and the parts
-- whose rows wait for their return, as these may have lost what they were kept for. All is looked up by key, as above.
create function private.changed_parts(batch private.entry[]) returns text[]
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return array(
    select distinct d.part
    from unnest(batch) e
    cross join lateral (
      select key as part
      from (select x.manifest from public.connector_providers x where x.provider_id = e.slug offset 0) p
      cross join lateral (select key, o.value as old, n.value as new
                          from jsonb_each(p.manifest) o full join jsonb_each(e.manifest) n using (key)) k
      where k.old is distinct from k.new
      union all
      (select 'scopes' from public.connector_scopes t where t.provider_id = e.slug and t.is_gone offset 0)
      union all
      (select 'kpis' from public.platform_metrics t where t.provider_slug = e.slug and t.is_gone offset 0)
      union all
      (select 'budgets' from public.budget_metrics t where t.provider_slug = e.slug and t.is_gone offset 0)
      union all
      (select 'utm' from public.utm_templates t where t.provider_slug = e.slug and t.is_gone offset 0)) d);
end
$$;

-- Writes a batch's rows. One statement a table, for the tables that these parts of a manifest speak of (null: all); a row that
-- says the same already is left alone.
create function private.write_rows(in_source text, batch private.entry[], parts text[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  with provider as (
    insert into public.connector_providers as t (provider_id, source, display_name, summary, version, homepage, docs_url, icon,
        platform, instructions, naming_rule, auth_mode, auth, base_url, utm_capabilities, schemas, files, digest, manifest, is_gone)
      select provider_id, in_source, display_name, summary, version, homepage, docs_url, icon,
        platform, instructions, naming_rule, auth_mode, auth, base_url, utm_capabilities, schemas, files, digest, manifest, false
      from private.providers_of(batch)
      on conflict (provider_id) do update set (source, display_name, summary, version, homepage, docs_url, icon,
        platform, instructions, naming_rule, auth_mode, auth, base_url, utm_capabilities, schemas, files, digest, manifest, is_gone)
      = (excluded.source, excluded.display_name, excluded.summary, excluded.version, excluded.homepage, excluded.docs_url,
        excluded.icon, excluded.platform, excluded.instructions, excluded.naming_rule, excluded.auth_mode, excluded.auth,
        excluded.base_url, excluded.utm_capabilities, excluded.schemas, excluded.files, excluded.digest, excluded.manifest, false)
    returning provider_id, digest, version, manifest, files
  )
  insert into public.connector_revisions (provider_id, digest, version, manifest, files)
    select provider_id, digest, version, manifest, files from provider
    on conflict do nothing;

  if parts is null or 'scopes' = any (parts) then
    insert into public.connector_scope_categories (provider_id, category_name)
      select provider_id, category_name from private.categories_of(batch) on conflict do nothing;

    insert into public.connector_scopes as t (provider_id, scope_name, scope_type, category_id, description, source, since,
        proposed_requires_firearm, proposed_firearm_type)
      select provider_id, scope_name, scope_type, category_id, description, source, since,
        proposed_requires_firearm, proposed_firearm_type
      from private.scopes_of(batch)
      on conflict (provider_id, scope_name) do update set (scope_type, category_id, description, source, since,
        proposed_requires_firearm, proposed_firearm_type, is_gone)
      = (excluded.scope_type, excluded.category_id, excluded.description, excluded.source, excluded.since,
        excluded.proposed_requires_firearm, excluded.proposed_firearm_type, false)
      where (t.scope_type, t.category_id, t.description, t.source, t.since,
             t.proposed_requires_firearm, t.proposed_firearm_type, t.is_gone)
        is distinct from (excluded.scope_type, excluded.category_id, excluded.description, excluded.source, excluded.since,
             excluded.proposed_requires_firearm, excluded.proposed_firearm_type, false);
  end if;

  if parts is null or 'tools' = any (parts) then
    insert into public.connector_tools as t (provider_id, tool_name, capability, title, description, scopes, side_effecting,
        destructive, idempotent, executor, execution, input, output)
      select provider_id, tool_name, capability, title, description, scopes, side_effecting,
        destructive, idempotent, executor, execution, input, output
      from private.tools_of(batch)
      on conflict (provider_id, tool_name) do update set (capability, title, description, scopes, side_effecting,
        destructive, idempotent, executor, execution, input, output)
      = (excluded.capability, excluded.title, excluded.description, excluded.scopes, excluded.side_effecting,
        excluded.destructive, excluded.idempotent, excluded.executor, excluded.execution, excluded.input, excluded.output)
      where (t.capability, t.title, t.description, t.scopes, t.side_effecting,
             t.destructive, t.idempotent, t.executor, t.execution, t.input, t.output)
        is distinct from (excluded.capability, excluded.title, excluded.description, excluded.scopes, excluded.side_effecting,
             excluded.destructive, excluded.idempotent, excluded.executor, excluded.execution, excluded.input, excluded.output);
  end if;

  if parts is null or 'kpis' = any (parts) then
    with said as materialized (select * from private.metrics_of(batch)), metric as (
      insert into public.platform_metrics as t (provider_slug, raw_metric_name, unit, description)
        select provider_slug, raw_metric_name, unit, description from said
        on conflict (provider_slug, raw_metric_name) do update set (unit, description, is_gone)
        = (excluded.unit, excluded.description, false)
        where (t.unit, t.description, t.is_gone) is distinct from (excluded.unit, excluded.description, false)
    )
    insert into public.metric_mappings as t (provider_slug, raw_metric_name, standard_metric_slug, aggregation_method)
      select provider_slug, raw_metric_name, standard_metric_slug, aggregation_method from said
      on conflict (provider_slug, raw_metric_name) do update set (standard_metric_slug, aggregation_method, is_gone)
      = (excluded.standard_metric_slug, excluded.aggregation_method, false)
      where (t.standard_metric_slug, t.aggregation_method, t.is_gone)
        is distinct from (excluded.standard_metric_slug, excluded.aggregation_method, false);
  end if;

  if parts is null or 'budgets' = any (parts) then
    insert into public.budget_metrics as t (provider_slug, budget_name, description)
      select provider_slug, budget_name, description from private.budgets_of(batch)
      on conflict (provider_slug, budget_name) do update set (description, is_gone) = (excluded.description, false)
      where (t.description, t.is_gone) is distinct from (excluded.description, false);
  end if;

  if parts is null or parts && '{utm,utm_capabilities}' then
    insert into public.utm_templates as t (provider_slug, content_type_slug, proposed_static_params, proposed_allowed_variables,
        proposed_pattern)
      select provider_slug, content_type_slug, proposed_static_params, proposed_allowed_variables, proposed_pattern
      from private.utm_of(batch)
      on conflict (provider_slug, content_type_slug) do update
      set (proposed_static_params, proposed_allowed_variables, proposed_pattern, is_gone)
      = (excluded.proposed_static_params, excluded.proposed_allowed_variables, excluded.proposed_pattern, false)
      where (t.proposed_static_params, t.proposed_allowed_variables, t.proposed_pattern, t.is_gone)
        is distinct from (excluded.proposed_static_params, excluded.proposed_allowed_variables, excluded.proposed_pattern, false);
  end if;

  if parts is null or parts && '{auth,oauth_marketplace}' then
    insert into public.connector_oauth_requirements as t (provider_id, authorization_url, token_url, refresh_url, grant_type, pkce,
        scopes, free_testing_limit, authorization_links, functional_summary)
      select provider_id, authorization_url, token_url, refresh_url, grant_type, pkce,
        scopes, free_testing_limit, authorization_links, functional_summary
      from private.oauth_of(batch)
      on conflict (provider_id) do update set (authorization_url, token_url, refresh_url, grant_type, pkce,
        scopes, free_testing_limit, authorization_links, functional_summary)
      = (excluded.authorization_url, excluded.token_url, excluded.refresh_url, excluded.grant_type, excluded.pkce,
        excluded.scopes, excluded.free_testing_limit, excluded.authorization_links, excluded.functional_summary);
  end if;
end
$$;

-- What was there and is no longer said. A row on which a person has decided is marked gone and waits for its return;
-- any other would only be a trace of history, and goes.
create function private.retire_rows(slugs text[], batch private.entry[], parts text[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- By their keys, as above.
  delete from public.connector_revisions r
  where r.ctid = any (array(
    select v.ctid
    from unnest(slugs) s
    cross join lateral (select x.* from public.connector_providers x where x.provider_id = s offset 0) p
    cross join lateral (select x.ctid, x.digest from public.connector_revisions x where x.provider_id = s offset 0) v
    where v.digest <> p.digest and v.digest is distinct from p.approved_digest
      and not (p.rejected_digests ? v.digest or p.deprecated_digests ? v.digest)
      and not exists (select from jsonb_each_text(p.approved_versions) a where a.value = v.digest)));

  if parts is null or 'scopes' = any (parts) then
    delete from public.connector_scope_categories t
    where t.provider_id = any (slugs)
      and (t.provider_id, t.category_name) not in (select provider_id, category_name from private.categories_of(batch));

    update public.connector_scopes t set is_gone = true
    where t.provider_id = any (slugs) and not t.is_gone and (t.decided_requires_firearm is not null or t.notes is not null)
      and (t.provider_id, t.scope_name) not in (select provider_id, scope_name from private.scopes_of(batch));
    delete from public.connector_scopes t
    where t.provider_id = any (slugs) and t.decided_requires_firearm is null and t.notes is null
      and (t.provider_id, t.scope_name) not in (select provider_id, scope_name from private.scopes_of(batch));
  end if;

  if parts is null or 'tools' = any (parts) then
    delete from public.connector_tools t
    where t.provider_id = any (slugs)
      and (t.provider_id, t.tool_name) not in (select provider_id, tool_name from private.tools_of(batch));
  end if;

  if parts is null or 'kpis' = any (parts) then
    -- A metric that is mapped to a KPI, or whose mapping was approved, was decided on; its two rows go and come together.
    with gone as (
      select m.provider_slug, m.raw_metric_name, k.core_kpi_slug is not null or g.approved_standard_metric_slug is not null as decided
      from public.platform_metrics m
      left join public.metric_mappings g using (provider_slug, raw_metric_name)
      left join public.kpi_mappings k using (provider_slug, raw_metric_name)
      where m.provider_slug = any (slugs)
        and (m.provider_slug, m.raw_metric_name) not in (select provider_slug, raw_metric_name from private.metrics_of(batch))
    ), kept_metric as (
      update public.platform_metrics t set is_gone = true from gone
      where gone.decided and not t.is_gone and (gone.provider_slug, gone.raw_metric_name) = (t.provider_slug, t.raw_metric_name)
    ), kept_mapping as (
      update public.metric_mappings t set is_gone = true from gone
      where gone.decided and not t.is_gone and (gone.provider_slug, gone.raw_metric_name) = (t.provider_slug, t.raw_metric_name)
    ), left_metric as (
      delete from public.platform_metrics t using gone
      where not gone.decided and (gone.provider_slug, gone.raw_metric_name) = (t.provider_slug, t.raw_metric_name)
    )
    delete from public.metric_mappings t using gone
    where not gone.decided and (gone.provider_slug, gone.raw_metric_name) = (t.provider_slug, t.raw_metric_name);
  end if;

  if parts is null or 'budgets' = any (parts) then
    update public.budget_metrics t set is_gone = true
    from public.budget_mappings k
    where t.provider_slug = any (slugs) and not t.is_gone
      and (k.provider_slug, k.budget_name) = (t.provider_slug, t.budget_name)
      and (t.provider_slug, t.budget_name) not in (select provider_slug, budget_name from private.budgets_of(batch));
    delete from public.budget_metrics t
    where t.provider_slug = any (slugs)
      and (t.provider_slug, t.budget_name) not in (select provider_slug, budget_name from private.budgets_of(batch))
      and not exists (select from public.budget_mappings k
                      where (k.provider_slug, k.budget_name) = (t.provider_slug, t.budget_name));
  end if;

  if parts is null or parts && '{utm,utm_capabilities}' then
    update public.utm_templates t set is_gone = true
    where t.provider_slug = any (slugs) and not t.is_gone
      and (t.approved or t.decided_static_params is not null or t.decided_allowed_variables is not null or t.decided_pattern is not null)
      and (t.provider_slug, t.content_type_slug) not in (select provider_slug, content_type_slug from private.utm_of(batch));
    delete from public.utm_templates t
    where t.provider_slug = any (slugs)
      and not t.approved and t.decided_static_params is null and t.decided_allowed_variables is null and t.decided_pattern is null
      and (t.provider_slug, t.content_type_slug) not in (select provider_slug, content_type_slug from private.utm_of(batch));
  end if;

  if parts is null or parts && '{auth,oauth_marketplace}' then
    delete from public.connector_oauth_requirements t
    where t.provider_id = any (slugs) and t.provider_id not in (select provider_id from private.oauth_of(batch));
  end if;
end
$$;

-- One plan for all, and one that looks up by key. To plan for one batch means to copy it whole into the plan of each statement, a
-- third of the time that the largest take; and plans that were made while the tables were empty would scan them for as long as a
-- session lasts. What has no key to be looked up by has one row: its scan must not look so costly as to be compiled.
create function private.sentinel_apply(in_source text, in_token bigint, batch jsonb, with_changes boolean) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  verdicts jsonb;
  work private.entry[] := private.entries_of(batch);
  standing text[];
  parts text[];
  changes jsonb := '{}';
begin
  perform private.begin_write();
  perform private.check_lease(in_source, in_token);
  select coalesce(jsonb_agg(to_jsonb(v)), '[]') into verdicts from private.verdicts(in_source, work) v;

  if exists (select from jsonb_to_recordset(verdicts) v (outcome text) where v.outcome in ('unchanged', 'refused')) then
    select coalesce(array_agg(e), '{}') into work
    from unnest(work) e
    join jsonb_to_recordset(verdicts) v (slug text, outcome text) on v.slug = e.slug
    where v.outcome in ('created', 'updated', 'restored');
  end if;

  if cardinality(work) > 0 then
    select coalesce(array_agg(v.slug), '{}') into standing
    from jsonb_to_recordset(verdicts) v (slug text, outcome text) where v.outcome in ('updated', 'restored');
    if with_changes then changes := private.changes(private.standing(work), work); end if;
    -- What is new or comes back is written whole.
    if cardinality(work) = (select count(*) from jsonb_to_recordset(verdicts) v (outcome text) where v.outcome = 'updated') then
      parts := private.changed_parts(work);
    end if;
    perform private.write_rows(in_source, work, parts);
    -- What approved handlers will be run from: the table comes with the runtime's.
    insert into public.connector_files (sha256, content)
      select encode(sha256(convert_to(c.value, 'UTF8')), 'hex'), c.value
      from unnest(work) e, jsonb_each_text(e.contents) c
      on conflict do nothing;
    if cardinality(standing) > 0 then
      perform private.retire_rows(standing, work, parts);
      -- What was approved serves again when the folder is back.
      perform private.serve(array(select v.slug from jsonb_to_recordset(verdicts) v (slug text, outcome text)
                                  where v.outcome = 'restored'));
    end if;
    perform private.add_events('machine', (
      select jsonb_agg(jsonb_build_object('action', v.outcome, 'source', in_source, 'provider_id', v.slug, 'digest', v.digest,
               'details', jsonb_strip_nulls(jsonb_build_object('version', v.version, 'from', v.old_digest,
                 'content', private.content_of(e.manifest, e.files)))) order by v.slug collate "C")
      from jsonb_to_recordset(verdicts) v (slug text, outcome text, digest text, version text, old_digest text)
      join unnest(work) e on e.slug = v.slug
      where v.outcome in ('created', 'updated', 'restored')));
  end if;
  return private.applied(verdicts, changes);
end
$$;

create function private.sentinel_archive(in_source text, in_token bigint, slugs jsonb, allow integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked constant text[] := array(select distinct s collate "C" from jsonb_array_elements_text(slugs) s order by 1);
  going text[];
begin
  perform private.begin_write();
  perform private.check_lease(in_source, in_token);
  going := array(select p.provider_id from public.connector_providers p
                 where p.provider_id = any (asked) and p.source = in_source and not p.is_gone order by p.provider_id);
  if cardinality(going) > allow then
    perform private.refuse(409, 'registry.archive_limit',
      format('%s connectors of source "%s" would be archived, and no more than %s may be.', cardinality(going), in_source, allow),
      jsonb_build_object('count', cardinality(going), 'allow', allow));
  end if;
  update public.connector_providers p set is_gone = true where p.provider_id = any (going);
  perform private.serve(going);
  perform private.add_events('machine', (
    select jsonb_agg(jsonb_build_object('action', 'archived', 'source', in_source, 'provider_id', p.provider_id,
                                        'digest', p.digest) order by p.provider_id)
    from public.connector_providers p where p.provider_id = any (going)));
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'slug', a, 'outcome', case when p.source <> in_source then 'refused' when a = any (going) then 'archived' else 'unchanged' end,
      'refusal', case when p.source <> in_source then jsonb_build_object('code', 'registry.slug_taken',
        'message', format('%s is registered by source "%s"; source "%s" can''t archive it.', a, p.source, in_source)) end,
      'changes', '[]'::jsonb) order by a collate "C"), '[]')
    from unnest(asked) a left join public.connector_providers p on p.provider_id = a);
end
$$;

insert into private.sentinel_migrations values ('20261121000007_machine');
