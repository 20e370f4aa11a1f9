-- The runtime face, what it is given: approved revisions, who an agent is, accounts, sealed secrets, approved files. Its
-- functions belong to sentinel_keeper, which can't change a provider or a decision.

create function private.log_head() returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_build_object('event_id', h.event_id, 'hash', h.hash) from private.event_head h);
end
$$;

-- Works out anew what is served of these connectors. A scope asks for what a person decided, else for what the approved revision
-- itself proposes; one that is not known asks for what nobody can have.
create function private.serve(slugs text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from private.served_tools t where t.provider_id = any (slugs);
  insert into private.served_tools
  with approved as (
    select r.* from public.connector_providers p
    join public.connector_revisions r on r.provider_id = p.provider_id and r.digest = p.approved_digest
    where p.provider_id = any (slugs) and not p.is_gone
  ), scope as materialized (
    select a.provider_id, s.name, coalesce(d.decided_requires_firearm, s.requires_firearm, false) as is_armed,
      case when d.decided_requires_firearm is not null then d.decided_firearm_type else s.firearm_type end as type
    from approved a
    cross join lateral jsonb_to_recordset(a.manifest -> 'scopes') as s (name text, requires_firearm boolean, firearm_type text)
    left join public.connector_scopes d on d.provider_id = a.provider_id and d.scope_name = s.name
  ), tool as materialized (
    select a.digest, y.*
    from approved a
    cross join lateral private.tools_of(array[row(a.provider_id, a.digest, a.manifest, a.files, '{}')::private.entry]) y
  ), armed as (
    select t.provider_id, t.tool_name, array_agg(n.name order by n.name collate "C") as scopes,
      array_agg(s.type order by n.name collate "C") as types
    from tool t
    cross join lateral unnest(t.scopes) n (name)
    left join scope s on s.provider_id = t.provider_id and s.name = n.name
    where coalesce(s.is_armed, true)
    group by t.provider_id, t.tool_name
  )
  select t.provider_id, t.tool_name, t.digest, t.side_effecting, t.destructive, t.idempotent,
    coalesce(a.scopes, '{}'), coalesce(a.types, '{}')
  from tool t
  left join armed a on a.provider_id = t.provider_id and a.tool_name = t.tool_name;
end
$$;

-- Which revisions are served and what was decided on their scopes, in one hash.
create function private.serving_state() returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(coalesce(string_agg(line, '' order by line collate "C"), ''), 'UTF8')), 'hex')
  from (
    select format(E'%s %s\n', p.provider_id, p.approved_digest) as line
    from public.connector_providers p where p.is_approved and not p.is_gone
    union all
    select format(E'%s/%s %s %s\n', s.provider_id, s.scope_name, s.decided_requires_firearm, s.decided_firearm_type)
    from public.connector_scopes s where s.decided_requires_firearm is not null
  ) l
$$;

-- Approved revisions: approved, and the folder not gone. A content that the caller knows (`known`: slug → digest) is spared.
create function private.runtime_catalogue(in_state text, known jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  state constant text := private.serving_state();
begin
  return jsonb_build_object('state', state, 'connectors', case when state is distinct from in_state then (
    select coalesce(jsonb_agg(jsonb_build_object(
      'slug', p.provider_id, 'digest', r.digest, 'version', r.version,
      'manifest', case when known ->> p.provider_id is distinct from r.digest then r.manifest end, 'files', r.files,
      'decisions', (select coalesce(jsonb_object_agg(s.scope_name, jsonb_build_object(
          'requires_firearm', s.decided_requires_firearm, 'firearm_type', s.decided_firearm_type)), '{}')
        from public.connector_scopes s where s.provider_id = p.provider_id and s.decided_requires_firearm is not null))
      order by p.provider_id), '[]')
    from public.connector_providers p
    join public.connector_revisions r on r.provider_id = p.provider_id and r.digest = p.approved_digest
    where not p.is_gone) end);
end
$$;

create function private.runtime_agent(in_hash text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb((select t.agent_id from public.agent_tokens t
    where t.token_hash = in_hash and t.revoked_at is null and (t.expires_at is null or t.expires_at > clock_timestamp())))
$$;

create function private.runtime_accounts(in_slug text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('account', a.account, 'fields', a.fields, 'keys', (
    select coalesce(jsonb_agg(v.secret_key order by v.secret_key), '[]') from public.vault_secrets v
    where v.provider_id = a.provider_id and v.account = a.account)) order by a.account), '[]')
  from public.connector_accounts a where a.provider_id = in_slug
$$;

-- A sealed secret, of a connector that is served.
create function private.runtime_secret(in_slug text, in_account text, in_key text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (select jsonb_build_object('key_name', v.key_name, 'key_id', v.key_id, 'version', v.secret_version,
                                    'ciphertext', translate(encode(v.ciphertext, 'base64'), E'\n', ''))
    from public.vault_secrets v
    join public.connector_providers p on p.provider_id = v.provider_id and p.is_approved and not p.is_gone
    where v.provider_id = in_slug and v.account = in_account and v.secret_key = in_key)
$$;

-- The content of a file of the approved revision, such as service.ts.
create function private.runtime_file(in_slug text, in_path text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb((select f.content
    from public.connector_providers p
    join public.connector_revisions r on r.provider_id = p.provider_id and r.digest = p.approved_digest
    join public.connector_files f on f.sha256 = r.files ->> in_path
    where p.provider_id = in_slug and not p.is_gone))
$$;

-- Renews what OAuth gave for an account: the tokens, and of a connector only that is served and asks for OAuth. False when
-- the secret is not at the version that the caller saw: another process was faster. Version 0: there was none.
create function private.runtime_renew_secret(in_slug text, in_account text, in_key text, in_name text, sealed text, in_key_id text,
  in_version integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  renewed boolean;
begin
  if not exists (select from public.connector_providers p
                 join public.connector_revisions r on r.provider_id = p.provider_id and r.digest = p.approved_digest
                 where p.provider_id = in_slug and not p.is_gone and r.manifest -> 'auth' ->> 'type' = 'oauth2') then
    perform private.refuse(403, 'call.not_approved', format('%s is not served, or does not ask for OAuth.', in_slug));
  end if;
  perform private.begin_write();
  if in_version = 0 then
    insert into public.vault_secrets (key_name, ciphertext, key_id, provider_id, account, secret_key)
    values (in_name, decode(sealed, 'base64'), in_key_id, in_slug, in_account, in_key) on conflict do nothing;
  else
    update public.vault_secrets v set ciphertext = decode(sealed, 'base64'), key_id = in_key_id, secret_version = in_version + 1
    where (v.provider_id, v.account, v.secret_key) = (in_slug, in_account, in_key) and v.secret_version = in_version;
  end if;
  renewed := found;
  if renewed then
    perform private.add_events('runtime', jsonb_build_array(jsonb_build_object('action', 'secret_renewed', 'provider_id', in_slug,
      'details', jsonb_build_object('account', in_account, 'key', in_key))));
  end if;
  return to_jsonb(renewed);
end
$$;

-- Takes a lease by name, or keeps it; false when another has it. Time to live 0 gives it back.
create function private.runtime_lease(in_name text, in_holder text, ttl_seconds integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if ttl_seconds <= 0 then
    delete from public.runtime_leases l where l.lease_name = in_name and l.holder = in_holder;
    return 'true';
  end if;
  insert into public.runtime_leases as l values (in_name, in_holder, clock_timestamp() + make_interval(secs => ttl_seconds))
  on conflict (lease_name) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where l.holder = excluded.holder or l.expires_at <= clock_timestamp();
  return to_jsonb(found);
end
$$;

insert into private.sentinel_migrations values ('20261121000011_served');
