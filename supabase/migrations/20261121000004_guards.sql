-- Who may write what. Three walls, each of which holds alone: privileges (column by column for the machine), row
-- security, and triggers that fire for everyone, table owner and superuser in replica mode included.

-- The claims of the caller say that a person with the admin role calls.
create function private.is_admin() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(claims ->> 'role' = 'authenticated'
                  and claims ->> 'sub' <> ''
                  and claims -> 'app_metadata' ->> 'role' = 'admin', false)
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) c
$$;

-- Triggers run with the rights of whoever writes, so that current_user is the role that does.
create function private.guard_writer() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user not in ('sentinel_owner', 'sentinel_machine', 'sentinel_keeper') then
    raise insufficient_privilege using
      message = format('%s is written by the registry''s functions only', tg_table_name),
      hint = 'Run the sentinel, or decide with sentinel review.';
  end if;
  return null;
end
$$;

create function private.guard_decision() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user <> 'sentinel_owner' or not private.is_admin() then
    raise insufficient_privilege using
      message = format('only a person can decide, by the review functions (%s)', tg_table_name),
      hint = 'Decide with sentinel review.';
  end if;
  if tg_level = 'STATEMENT' then return null; end if;
  return new;
end
$$;

create function private.guard_record() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise insufficient_privilege using
    message = format('%s keeps what it holds', tg_table_name),
    hint = 'Records, decisions and decided revisions are never changed or deleted.';
end
$$;

-- A revision that a person has decided on stays; a draft that nobody decided on goes when a newer one comes.
create function private.guard_revision() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from public.connector_providers p
             where p.provider_id = old.provider_id
               and (p.approved_digest = old.digest or p.rejected_digests ? old.digest or p.deprecated_digests ? old.digest
                    or exists (select from jsonb_each_text(p.approved_versions) v where v.value = old.digest))) then
    raise insufficient_privilege using
      message = format('revision %s of %s was decided on and stays', old.digest, old.provider_id);
  end if;
  return old;
end
$$;

do $$
declare
  machine_tables constant text[] := array['connector_providers', 'connector_revisions', 'connector_scope_categories',
    'connector_scopes', 'connector_tools', 'connector_oauth_requirements', 'platform_metrics', 'metric_mappings',
    'utm_templates', 'budget_metrics'];
  human_tables constant text[] := array['firearm_types', 'firearms_licenses', 'core_kpis', 'generic_metrics',
    'connector_auth_modes', 'kpi_mappings', 'budget_mappings', 'connector_dev_accounts'];
  -- Time and secrets live here: no face reads them but by a function.
  closed_tables constant text[] := array['agent_firearms_grants', 'vault_secrets', 'tool_receipts', 'sentinel_leases'];
  t text;
begin
  foreach t in array machine_tables || human_tables || closed_tables || array['sentinel_events'] loop
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', t);
    execute format('alter table public.%I enable row level security', t);
    execute format('create policy owner on public.%I to sentinel_owner using (true) with check (true)', t);
    execute format('create trigger a_writer before insert or update or delete or truncate on public.%I
                    for each statement execute function private.guard_writer()', t);
    execute format('alter table public.%I enable always trigger a_writer', t);
  end loop;
  -- Dashboards read; only an admin's claims open a row.
  foreach t in array machine_tables || human_tables || array['sentinel_events'] loop
    execute format('grant select on public.%I to authenticated', t);
    execute format('create policy admin_reads on public.%I for select to authenticated using ((select private.is_admin()))', t);
  end loop;
  foreach t in array machine_tables || array['sentinel_events', 'sentinel_leases'] loop
    execute format('create policy machine on public.%I to sentinel_machine using (true) with check (true)', t);
  end loop;
  foreach t in array machine_tables || human_tables || array['sentinel_events', 'sentinel_leases'] loop
    execute format('grant select on public.%I to sentinel_owner, sentinel_machine', t);
  end loop;
  foreach t in array human_tables loop
    execute format('create policy machine on public.%I for select to sentinel_machine using (true)', t);
    execute format('grant insert, update, delete on public.%I to sentinel_owner', t);
    execute format('create trigger b_decision before insert or update or delete or truncate on public.%I
                    for each statement execute function private.guard_decision()', t);
    execute format('alter table public.%I enable always trigger b_decision', t);
  end loop;
end
$$;

-- Human columns of tables that both faces write: the machine has no privilege on them, and no one else gets past this.
-- After the row is made, so that no trigger that somebody adds can change it once it was looked at.
create trigger b_decided_insert after insert on public.connector_providers for each row
  when (new.approved_digest is not null or new.approved_version is not null or new.approved_versions <> '{}'
        or new.rejected_digests <> '{}' or new.deprecated_digests <> '{}')
  execute function private.guard_decision();
create trigger b_decided_update after update on public.connector_providers for each row
  when ((old.approved_digest, old.approved_version, old.approved_versions, old.rejected_digests, old.deprecated_digests)
        is distinct from
        (new.approved_digest, new.approved_version, new.approved_versions, new.rejected_digests, new.deprecated_digests))
  execute function private.guard_decision();
create trigger c_kept before delete on public.connector_providers for each row execute function private.guard_record();

create trigger b_decided_insert after insert on public.connector_scopes for each row
  when (new.decided_requires_firearm is not null or new.decided_firearm_type is not null or new.notes is not null)
  execute function private.guard_decision();
create trigger b_decided_update after update on public.connector_scopes for each row
  when ((old.decided_requires_firearm, old.decided_firearm_type, old.notes)
        is distinct from (new.decided_requires_firearm, new.decided_firearm_type, new.notes))
  execute function private.guard_decision();
create trigger c_kept before delete on public.connector_scopes for each row
  when (old.decided_requires_firearm is not null or old.notes is not null)
  execute function private.guard_record();

create trigger b_decided_insert after insert on public.metric_mappings for each row
  when (new.approved_standard_metric_slug is not null or new.approved_aggregation_method is not null)
  execute function private.guard_decision();
create trigger b_decided_update after update on public.metric_mappings for each row
  when ((old.approved_standard_metric_slug, old.approved_aggregation_method)
        is distinct from (new.approved_standard_metric_slug, new.approved_aggregation_method))
  execute function private.guard_decision();

create trigger c_kept before delete on public.metric_mappings for each row
  when (old.approved_standard_metric_slug is not null)
  execute function private.guard_record();

create trigger b_decided_insert after insert on public.utm_templates for each row
  when (new.approved or new.decided_static_params is not null or new.decided_allowed_variables is not null
        or new.decided_pattern is not null)
  execute function private.guard_decision();
create trigger b_decided_update after update on public.utm_templates for each row
  when ((old.approved, old.approved_static_params, old.approved_allowed_variables, old.approved_pattern,
         old.decided_static_params, old.decided_allowed_variables, old.decided_pattern)
        is distinct from
        (new.approved, new.approved_static_params, new.approved_allowed_variables, new.approved_pattern,
         new.decided_static_params, new.decided_allowed_variables, new.decided_pattern))
  execute function private.guard_decision();
create trigger c_kept before delete on public.utm_templates for each row
  when (old.approved or old.decided_static_params is not null or old.decided_allowed_variables is not null or old.decided_pattern is not null)
  execute function private.guard_record();

create trigger c_kept before update on public.connector_revisions for each row execute function private.guard_record();
create trigger c_decided before delete on public.connector_revisions for each row execute function private.guard_revision();
create trigger c_kept before update or delete or truncate on public.sentinel_events
  for each statement execute function private.guard_record();
alter table public.connector_revisions enable always trigger c_kept;
alter table public.connector_revisions enable always trigger c_decided;
alter table public.sentinel_events enable always trigger c_kept;

do $$
declare
  t text;
begin
  foreach t in array array['connector_providers', 'connector_scopes', 'metric_mappings', 'utm_templates'] loop
    execute format('alter table public.%I enable always trigger b_decided_insert', t);
    execute format('alter table public.%I enable always trigger b_decided_update', t);
  end loop;
  foreach t in array array['connector_providers', 'connector_scopes', 'metric_mappings', 'utm_templates'] loop
    execute format('alter table public.%I enable always trigger c_kept', t);
  end loop;
end
$$;

-- What the human face writes.
grant update (approved_digest, approved_version, approved_versions, rejected_digests, deprecated_digests)
  on public.connector_providers to sentinel_owner;
grant update (decided_requires_firearm, decided_firearm_type, notes) on public.connector_scopes to sentinel_owner;
grant update (approved_standard_metric_slug, approved_aggregation_method) on public.metric_mappings to sentinel_owner;
grant update (approved, approved_static_params, approved_allowed_variables, approved_pattern,
              decided_static_params, decided_allowed_variables, decided_pattern) on public.utm_templates to sentinel_owner;

-- What the machine face writes: machine columns, one by one.
grant insert (provider_id), insert (source, display_name, summary, version, homepage, docs_url, icon, platform, instructions,
              naming_rule, auth_mode, auth, base_url, utm_capabilities, schemas, files, digest, manifest, is_gone),
      update (source, display_name, summary, version, homepage, docs_url, icon, platform, instructions,
              naming_rule, auth_mode, auth, base_url, utm_capabilities, schemas, files, digest, manifest, is_gone)
  on public.connector_providers to sentinel_machine;
grant insert (provider_id, scope_name, scope_type, category_id, description, source, since,
              proposed_requires_firearm, proposed_firearm_type, is_gone),
      update (scope_type, category_id, description, source, since,
              proposed_requires_firearm, proposed_firearm_type, is_gone),
      delete
  on public.connector_scopes to sentinel_machine;
grant insert (provider_slug, raw_metric_name, standard_metric_slug, aggregation_method, is_gone),
      update (standard_metric_slug, aggregation_method, is_gone),
      delete
  on public.metric_mappings to sentinel_machine;
grant insert (provider_slug, content_type_slug, proposed_static_params, proposed_allowed_variables, proposed_pattern, is_gone),
      update (proposed_static_params, proposed_allowed_variables, proposed_pattern, is_gone),
      delete
  on public.utm_templates to sentinel_machine;
grant insert, delete on public.connector_revisions to sentinel_machine;
grant insert, update, delete on public.connector_scope_categories, public.connector_tools,
  public.connector_oauth_requirements, public.platform_metrics, public.budget_metrics to sentinel_machine;
grant select, insert, update on public.sentinel_leases to sentinel_machine;

-- Both leave a record.
grant insert on public.sentinel_events to sentinel_owner, sentinel_machine;
alter table private.event_head enable row level security;
create policy chain on private.event_head to sentinel_owner, sentinel_machine using (true) with check (true);
grant select, update on private.event_head to sentinel_owner, sentinel_machine;
alter table private.sentinel_migrations enable row level security;
create policy readers on private.sentinel_migrations for select to sentinel_owner using (true);
grant select on private.sentinel_migrations to sentinel_owner;

insert into private.sentinel_migrations values ('20261121000004_guards');
