-- The human face: reads and decides; can't change what a manifest says. Its functions belong to sentinel_owner and ask
-- for the admin's claims themselves, whoever may call them.

create function private.require_admin() returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if not private.is_admin() then
    perform private.refuse(403, 'registry.not_admin', 'Only a signed-in person with the admin role can do this.');
  end if;
end
$$;

-- The machine may look on.
create function private.require_reader() returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if not private.is_admin() and coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role', '')
     not in ('service_role', 'sentinel_writer') then
    perform private.require_admin();
  end if;
end
$$;

-- Why drafts can't be approved yet; of one connector, or of all.
create function private.blockers(in_slug text) returns table (provider_id text, code text, key text, message text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select m.provider_slug, 'metric_unmapped', m.raw_metric_name,
         format('The metric %s has no path to a core KPI.', m.raw_metric_name)
  from public.platform_metrics m
  where (in_slug is null or m.provider_slug = in_slug) and not m.is_gone
    and not exists (select from public.kpi_mappings k
                    where (k.provider_slug, k.raw_metric_name) = (m.provider_slug, m.raw_metric_name))
  union all
  select s.provider_id, 'firearm_untyped', s.scope_name,
         case when s.firearm_type_id is null then format('The scope %s requires a firearm, and nobody has said of which type.', s.scope_name)
              else format('The scope %s proposes the firearm type %s, which does not exist.', s.scope_name, s.firearm_type_id) end
  from public.connector_scopes s
  where (in_slug is null or s.provider_id = in_slug) and not s.is_gone and s.requires_firearm
    and not exists (select from public.firearm_types f where f.firearm_type_id = s.firearm_type_id)
  union all
  select t.provider_id, 'tool_without_executor', t.tool_name,
         format('The tool %s does not say how it does its work.', t.tool_name)
  from public.connector_tools t
  where (in_slug is null or t.provider_id = in_slug) and t.executor is null
$$;

create function private.blockers_json(in_slug text) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('code', code, 'key', key, 'message', message)
                            order by code collate "C", key collate "C"), '[]')
  from private.blockers(in_slug)
$$;

create function private.review_list() returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_reader();
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider_slug', p.provider_id, 'display_name', p.display_name, 'status', p.status, 'is_approved', p.is_approved,
      'version', p.version, 'digest', p.digest, 'approved_digest', p.approved_digest, 'source', p.source,
      'scopes', coalesce(s.n, 0), 'tools', coalesce(t.n, 0), 'metrics', coalesce(m.n, 0), 'blockers', coalesce(b.n, 0))
      order by p.provider_id), '[]')
    from public.connector_providers p
    left join (select provider_id, count(*) n from public.connector_scopes where not is_gone group by 1) s using (provider_id)
    left join (select provider_id, count(*) n from public.connector_tools group by 1) t using (provider_id)
    left join (select provider_slug as provider_id, count(*) n from public.platform_metrics where not is_gone group by 1) m using (provider_id)
    left join (select provider_id, count(*) n from private.blockers(null) group by 1) b using (provider_id));
end
$$;

create function private.known_provider(in_slug text) returns public.connector_providers
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  found_provider public.connector_providers;
begin
  select * into found_provider from public.connector_providers p where p.provider_id = in_slug;
  if not found then
    perform private.refuse(404, 'registry.unknown_provider', format('No connector %s is registered.', in_slug));
  end if;
  return found_provider;
end
$$;

create function private.review_show(in_slug text) returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers;
begin
  perform private.require_reader();
  p := private.known_provider(in_slug);
  return to_jsonb(p) - '{provider_id,is_gone,rejected_digests,deprecated_digests}'::text[] || jsonb_build_object(
    'provider_slug', p.provider_id,
    'reason', coalesce(p.rejected_digests ->> p.digest, p.deprecated_digests ->> p.digest),
    'utm', p.manifest -> 'utm',
    'oauth_marketplace', p.manifest -> 'oauth_marketplace',
    'scopes', (select coalesce(jsonb_agg(to_jsonb(s) - '{provider_id,category_id}'::text[] || jsonb_build_object(
        'category', c.category_name, 'is_decided', s.decided_requires_firearm is not null) order by s.scope_name), '[]')
      from public.connector_scopes s
      left join public.connector_scope_categories c on c.provider_id = s.provider_id and c.category_id = s.category_id
      where s.provider_id = in_slug),
    'tools', (select coalesce(jsonb_agg(to_jsonb(t) - 'provider_id' order by t.tool_name), '[]')
      from public.connector_tools t where t.provider_id = in_slug),
    'metrics', (select coalesce(jsonb_agg(to_jsonb(m) - 'provider_slug' || jsonb_build_object(
        'standard_metric_slug', g.standard_metric_slug, 'aggregation_method', g.aggregation_method,
        'is_approved', g.is_approved, 'core_kpi_slug', k.core_kpi_slug) order by m.raw_metric_name), '[]')
      from public.platform_metrics m
      left join public.metric_mappings g using (provider_slug, raw_metric_name)
      left join public.kpi_mappings k using (provider_slug, raw_metric_name)
      where m.provider_slug = in_slug),
    'kpi_mappings', (select coalesce(jsonb_agg(jsonb_build_object('raw_metric_name', k.raw_metric_name,
        'standard_metric_slug', g.standard_metric_slug, 'core_kpi_slug', k.core_kpi_slug) order by k.raw_metric_name), '[]')
      from public.kpi_mappings k
      left join public.metric_mappings g using (provider_slug, raw_metric_name)
      where k.provider_slug = in_slug),
    'utm_templates', (select coalesce(jsonb_agg(to_jsonb(u) - 'provider_slug' order by u.content_type_slug), '[]')
      from public.utm_templates u where u.provider_slug = in_slug),
    'budgets', (select coalesce(jsonb_agg(to_jsonb(b) - 'provider_slug' || jsonb_build_object(
        'standard_metric_slug', k.standard_metric_slug) order by b.budget_name), '[]')
      from public.budget_metrics b
      left join public.budget_mappings k using (provider_slug, budget_name)
      where b.provider_slug = in_slug),
    'oauth_requirements', (select to_jsonb(o) - 'provider_id'
      from public.connector_oauth_requirements o where o.provider_id = in_slug),
    'revisions', (select jsonb_agg(jsonb_build_object('digest', r.digest, 'version', r.version) order by r.digest)
      from public.connector_revisions r where r.provider_id = in_slug),
    'blockers', private.blockers_json(in_slug));
end
$$;

create function private.review_diff(in_slug text) returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers;
  before private.entry[];
begin
  perform private.require_reader();
  p := private.known_provider(in_slug);
  before := array(select row(r.provider_id, r.digest, r.manifest, r.files, '{}')::private.entry
                  from public.connector_revisions r where r.provider_id = in_slug and r.digest = p.approved_digest);
  return coalesce(private.changes(before, array[row(in_slug, p.digest, p.manifest, p.files, '{}')::private.entry]) -> in_slug, '[]');
end
$$;

-- The beginning of every decision: an admin calls, and decisions come one after the other.
create function private.begin_decision(in_slug text) returns public.connector_providers
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_admin();
  perform private.begin_write();
  return private.known_provider(in_slug);
end
$$;

create function private.decided(p public.connector_providers, action text, details jsonb) returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select private.add_events('human', jsonb_build_array(jsonb_build_object(
    'action', action, 'source', p.source, 'provider_id', p.provider_id, 'digest', p.digest, 'details', details)))
$$;

create function private.review_set_scopes(in_slug text, scopes jsonb, in_requires_firearm boolean, in_firearm_type text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers := private.begin_decision(in_slug);
  chosen constant text := case when in_requires_firearm then in_firearm_type end;
  unknown text[];
  changed text[];
begin
  if in_requires_firearm and in_firearm_type is null then
    perform private.refuse(422, 'registry.firearm_untyped', 'A scope that requires a firearm needs its type.');
  elsif chosen is not null and not exists (select from public.firearm_types where firearm_type_id = chosen) then
    perform private.refuse(422, 'registry.unknown_firearm_type', format('There is no firearm type %s.', chosen),
      (select jsonb_agg(firearm_type_id order by firearm_type_id) from public.firearm_types));
  end if;
  unknown := array(select s from jsonb_array_elements_text(nullif(scopes, 'null')) s
    where not exists (select from public.connector_scopes c
                      where c.provider_id = in_slug and c.scope_name = s and not c.is_gone));
  if cardinality(unknown) > 0 then
    perform private.refuse(404, 'registry.unknown_scope',
      format('%s has no scope %s.', in_slug, array_to_string(unknown, ', ')), to_jsonb(unknown));
  end if;
  with hit as (
    update public.connector_scopes c set decided_requires_firearm = in_requires_firearm, decided_firearm_type = chosen
    where c.provider_id = in_slug and not c.is_gone
      and (nullif(scopes, 'null') is null or c.scope_name in (select jsonb_array_elements_text(scopes)))
      and (c.decided_requires_firearm, c.decided_firearm_type) is distinct from (in_requires_firearm, chosen)
    returning c.scope_name)
  select coalesce(array_agg(scope_name order by scope_name), '{}') into changed from hit;
  if cardinality(changed) > 0 then
    perform private.serve(array[in_slug]);
    perform private.decided(p, 'scopes_decided', jsonb_build_object(
      'scopes', changed, 'requires_firearm', in_requires_firearm, 'firearm_type', chosen));
  end if;
  return to_jsonb(cardinality(changed));
end
$$;

create function private.review_map_kpi(in_slug text, in_raw text, in_core_kpi text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers := private.begin_decision(in_slug);
  standing text;
begin
  if not exists (select from public.platform_metrics m where m.provider_slug = in_slug and m.raw_metric_name = in_raw and not m.is_gone) then
    perform private.refuse(404, 'registry.unknown_metric', format('%s has no metric %s.', in_slug, in_raw));
  elsif in_core_kpi is not null and not exists (select from public.core_kpis where core_kpi_slug = in_core_kpi) then
    perform private.refuse(404, 'registry.unknown_kpi', format('There is no core KPI %s.', in_core_kpi),
      (select jsonb_agg(core_kpi_slug order by core_kpi_slug) from public.core_kpis));
  end if;
  select k.core_kpi_slug into standing from public.kpi_mappings k where k.provider_slug = in_slug and k.raw_metric_name = in_raw;
  if standing is not distinct from in_core_kpi then return 'null'; end if;
  if in_core_kpi is null then
    delete from public.kpi_mappings k where k.provider_slug = in_slug and k.raw_metric_name = in_raw;
  else
    insert into public.kpi_mappings (provider_slug, raw_metric_name, core_kpi_slug) values (in_slug, in_raw, in_core_kpi)
    on conflict (provider_slug, raw_metric_name) do update set core_kpi_slug = excluded.core_kpi_slug;
  end if;
  perform private.decided(p, 'kpi_mapped', jsonb_build_object('raw', in_raw, 'core_kpi', in_core_kpi));
  return 'null';
end
$$;

-- A decision names the digest that the person has seen.
create function private.check_digest(p public.connector_providers, in_digest text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if p.is_gone then
    perform private.refuse(409, 'registry.archived', format('The folder of %s is gone; there is nothing to decide on.', p.provider_id));
  elsif p.digest is distinct from in_digest then
    perform private.refuse(409, 'registry.stale_digest',
      format('%s has changed: its current digest is %s.', p.provider_id, p.digest), jsonb_build_object('current', p.digest));
  end if;
end
$$;

create function private.review_approve(in_slug text, in_digest text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers := private.begin_decision(in_slug);
  blockers jsonb;
begin
  perform private.check_digest(p, in_digest);
  if p.approved_digest = in_digest then return 'null'; end if;
  -- The digest is the machine's word. If it ever stood for other content, who knows which of the two was reviewed.
  if exists (select from public.sentinel_events e
             where e.provider_id = in_slug and e.digest = in_digest and e.face = 'machine'
               and e.details ->> 'content' <> private.content_of(p.manifest, p.files)) then
    perform private.refuse(409, 'registry.digest_mismatch',
      format('Digest %s of %s was registered with other content before.', in_digest, in_slug));
  end if;
  blockers := private.blockers_json(in_slug);
  if blockers <> '[]' then
    perform private.refuse(422, 'registry.blocked',
      format('%s can''t be approved yet: %s left to decide.', in_slug, jsonb_array_length(blockers)), blockers);
  end if;
  update public.connector_providers t set
    approved_digest = p.digest,
    approved_version = p.version,
    approved_versions = case when p.version is null then t.approved_versions
                             else t.approved_versions || jsonb_build_object(p.version, p.digest) end,
    rejected_digests = t.rejected_digests - p.digest,
    deprecated_digests = t.deprecated_digests - p.digest
  where t.provider_id = in_slug;
  perform private.serve(array[in_slug]);
  -- What the approved content does not say any more is not approved any more.
  update public.metric_mappings t
  set approved_standard_metric_slug = case when not t.is_gone then t.standard_metric_slug end,
      approved_aggregation_method = case when not t.is_gone then t.aggregation_method end
  where t.provider_slug = in_slug and (t.is_gone or not t.is_approved);
  update public.utm_templates t
  set approved = not t.is_gone,
      approved_static_params = case when not t.is_gone then t.static_params end,
      approved_allowed_variables = case when not t.is_gone then t.allowed_variables end,
      approved_pattern = case when not t.is_gone then t.pattern_structure end
  where t.provider_slug = in_slug and (t.is_gone or not t.is_approved);
  perform private.decided(p, 'approved', jsonb_strip_nulls(jsonb_build_object('version', p.version, 'replaces', p.approved_digest)));
  return 'null';
end
$$;

create function private.review_reject(in_slug text, in_digest text, reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers := private.begin_decision(in_slug);
begin
  perform private.check_digest(p, in_digest);
  if p.approved_digest = in_digest then
    perform private.refuse(409, 'registry.is_approved',
      format('This content of %s is approved; what serves is deprecated, not rejected.', in_slug));
  elsif coalesce(btrim(reason), '') = '' then
    perform private.refuse(422, 'registry.reason_missing', 'A rejection needs its reason.');
  elsif p.rejected_digests ->> in_digest = reason then
    return 'null';
  end if;
  update public.connector_providers t
  set rejected_digests = t.rejected_digests || jsonb_build_object(in_digest, reason)
  where t.provider_id = in_slug;
  perform private.decided(p, 'rejected', jsonb_build_object('reason', reason));
  return 'null';
end
$$;

create function private.review_deprecate(in_slug text, reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  p public.connector_providers := private.begin_decision(in_slug);
begin
  if p.approved_digest is null then
    if p.status = 'deprecated' then return 'null'; end if;
    perform private.refuse(409, 'registry.not_approved', format('Nothing of %s is approved.', in_slug));
  elsif coalesce(btrim(reason), '') = '' then
    perform private.refuse(422, 'registry.reason_missing', 'A deprecation needs its reason.');
  end if;
  update public.connector_providers t
  set deprecated_digests = t.deprecated_digests || jsonb_build_object(t.approved_digest, reason),
      approved_digest = null, approved_version = null
  where t.provider_id = in_slug;
  perform private.serve(array[in_slug]);
  update public.metric_mappings t set approved_standard_metric_slug = null, approved_aggregation_method = null
  where t.provider_slug = in_slug and t.approved_standard_metric_slug is not null;
  update public.utm_templates t
  set approved = false, approved_static_params = null, approved_allowed_variables = null, approved_pattern = null
  where t.provider_slug = in_slug and t.approved;
  perform private.decided(p, 'deprecated', jsonb_build_object('reason', reason, 'deprecates', p.approved_digest));
  return 'null';
end
$$;

create function private.review_vocabulary() returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_reader();
  return jsonb_build_object(
    'firearm_types', (select jsonb_agg(to_jsonb(t) order by t.firearm_type_id) from public.firearm_types t),
    'firearms_licenses', (select jsonb_agg(to_jsonb(t) order by t.category, t.license_key) from public.firearms_licenses t),
    'core_kpis', (select jsonb_agg(to_jsonb(t) order by t.core_kpi_slug) from public.core_kpis t),
    'generic_metrics', (select jsonb_agg(to_jsonb(t) order by t.metric_slug) from public.generic_metrics t),
    'auth_modes', (select jsonb_agg(to_jsonb(t) order by t.auth_mode) from public.connector_auth_modes t));
end
$$;

insert into private.sentinel_migrations values ('20261121000008_review');
