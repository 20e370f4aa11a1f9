-- What people decide about agents, accounts and secrets, the activity log, and the wrappers of both new faces. A secret
-- comes in sealed and goes out to the runtime, or sealed again to whoever changes the key.

create function private.require_agent(in_agent text) returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(in_agent, '') !~ '^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$' then
    perform private.refuse(422, 'agent.bad_name', 'An agent''s name is letters, digits and . _ @ : + -, at most 128 of them.');
  end if;
end
$$;

create function private.person_event(action text, slug text, details jsonb) returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select private.add_events('human', jsonb_build_array(jsonb_build_object('action', action, 'provider_id', slug, 'details', details)))
$$;

create function private.utc(t timestamptz) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

create function private.grant_json(g public.agent_firearms_grants) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('grant_id', g.grant_id, 'agent', g.agent_id, 'firearm_type', g.firearm_type_id,
    'granted_by', g.granted_by, 'granted_at', private.utc(g.granted_at), 'expires_at', private.utc(g.expires_at),
    'max_uses', g.max_uses, 'used_count', g.used_count, 'revoked_at', private.utc(g.revoked_at), 'reason', g.reason,
    'state', case when g.revoked_at is not null then 'revoked' when g.expires_at <= clock_timestamp() then 'expired'
                  when g.used_count >= g.max_uses then 'spent' else 'good' end)
$$;

create function private.review_grant(in_agent text, in_type text, in_seconds integer, in_uses integer, in_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  g public.agent_firearms_grants;
begin
  perform private.require_admin();
  perform private.begin_write();
  perform private.require_agent(in_agent);
  if not exists (select from public.firearm_types where firearm_type_id = in_type) then
    perform private.refuse(422, 'registry.unknown_firearm_type', format('There is no firearm type %s.', in_type),
      (select jsonb_agg(firearm_type_id order by firearm_type_id) from public.firearm_types));
  elsif coalesce(in_seconds, 0) not between 1 and 31622400 or in_uses < 1 then
    perform private.refuse(422, 'grant.bad_limits', 'A grant ends within a year, and may be used at least once.');
  end if;
  insert into public.agent_firearms_grants (agent_id, firearm_type_id, granted_by, expires_at, max_uses, reason)
  values (in_agent, in_type, private.actor(), clock_timestamp() + make_interval(secs => in_seconds), in_uses, in_reason)
  returning * into g;
  perform private.person_event('granted', null, jsonb_build_object('grant_id', g.grant_id, 'agent', g.agent_id,
    'firearm_type', g.firearm_type_id, 'expires_at', private.utc(g.expires_at), 'max_uses', g.max_uses, 'reason', g.reason));
  return private.grant_json(g);
end
$$;

create function private.review_revoke(in_grant uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  g public.agent_firearms_grants;
begin
  perform private.require_admin();
  perform private.begin_write();
  select * into g from public.agent_firearms_grants x where x.grant_id = in_grant;
  if not found then perform private.refuse(404, 'grant.unknown', format('There is no grant %s.', in_grant)); end if;
  if g.revoked_at is null then
    update public.agent_firearms_grants x set revoked_at = clock_timestamp(), revoked_by = private.actor()
    where x.grant_id = in_grant returning * into g;
    perform private.person_event('revoked', null, jsonb_build_object('grant_id', g.grant_id, 'agent', g.agent_id,
      'firearm_type', g.firearm_type_id));
  end if;
  return private.grant_json(g);
end
$$;

create function private.review_grants(in_agent text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_admin();
  return (select coalesce(jsonb_agg(private.grant_json(g) order by g.agent_id, g.granted_at, g.grant_id), '[]')
    from public.agent_firearms_grants g where in_agent is null or g.agent_id = in_agent);
end
$$;

create function private.review_create_token(in_agent text, in_hash text, in_seconds integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  made public.agent_tokens;
begin
  perform private.require_admin();
  perform private.begin_write();
  perform private.require_agent(in_agent);
  if coalesce(in_hash, '') !~ '^[0-9a-f]{64}$' then
    perform private.refuse(422, 'agent.bad_token', 'A token is registered by its SHA-256.');
  end if;
  insert into public.agent_tokens (agent_id, token_hash, created_by, expires_at)
  values (in_agent, in_hash, private.actor(), clock_timestamp() + make_interval(secs => in_seconds)) returning * into made;
  perform private.person_event('token_created', null, jsonb_build_object('token_id', made.token_id, 'agent', in_agent));
  return to_jsonb(made.token_id);
end
$$;

create function private.review_tokens() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_admin();
  return (select coalesce(jsonb_agg(jsonb_build_object('token_id', t.token_id, 'agent', t.agent_id, 'created_by', t.created_by,
      'created_at', private.utc(t.created_at), 'expires_at', private.utc(t.expires_at), 'revoked_at', private.utc(t.revoked_at))
      order by t.agent_id, t.created_at, t.token_id), '[]') from public.agent_tokens t);
end
$$;

create function private.review_revoke_token(in_token uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  t public.agent_tokens;
begin
  perform private.require_admin();
  perform private.begin_write();
  select * into t from public.agent_tokens x where x.token_id = in_token;
  if not found then perform private.refuse(404, 'agent.unknown_token', format('There is no token %s.', in_token)); end if;
  if t.revoked_at is null then
    update public.agent_tokens x set revoked_at = clock_timestamp() where x.token_id = in_token;
    perform private.person_event('token_revoked', null, jsonb_build_object('token_id', t.token_id, 'agent', t.agent_id));
  end if;
  return 'null';
end
$$;

create function private.review_set_account(in_slug text, in_account text, in_fields jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.begin_decision(in_slug);
  if coalesce(in_account, '') !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or length(in_account) > 40 then
    perform private.refuse(422, 'account.bad_name', 'An account''s name is a-z, 0-9 and single hyphens, at most 40 of them.');
  elsif exists (select from jsonb_each(in_fields) f where jsonb_typeof(f.value) <> 'string') then
    perform private.refuse(422, 'account.bad_field', 'A field of an account is a text.');
  end if;
  insert into public.connector_accounts (provider_id, account, fields) values (in_slug, in_account, in_fields)
  on conflict (provider_id, account) do update set fields = excluded.fields;
  perform private.person_event('account_set', in_slug, jsonb_build_object('account', in_account,
    'fields', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(in_fields) k)));
  return 'null';
end
$$;

create function private.review_delete_account(in_slug text, in_account text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.begin_decision(in_slug);
  delete from public.vault_secrets v where v.provider_id = in_slug and v.account = in_account;
  delete from public.connector_accounts a where a.provider_id = in_slug and a.account = in_account;
  if not found then
    perform private.refuse(404, 'account.unknown', format('%s has no account %s.', in_slug, in_account));
  end if;
  perform private.person_event('account_deleted', in_slug, jsonb_build_object('account', in_account));
  return 'null';
end
$$;

create function private.review_accounts(in_slug text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_admin();
  return (select coalesce(jsonb_agg(jsonb_build_object('provider_slug', a.provider_id, 'account', a.account, 'fields', a.fields,
      'secrets', (select coalesce(jsonb_agg(jsonb_build_object('key', v.secret_key, 'key_name', v.key_name, 'key_id', v.key_id,
          'version', v.secret_version) order by v.secret_key), '[]')
        from public.vault_secrets v where (v.provider_id, v.account) = (a.provider_id, a.account)))
      order by a.provider_id, a.account), '[]')
    from public.connector_accounts a where in_slug is null or a.provider_id = in_slug);
end
$$;

create function private.review_write_secret(in_slug text, in_account text, in_key text, in_name text, sealed text, in_key_id text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  other public.vault_secrets;
begin
  perform private.begin_decision(in_slug);
  if not exists (select from public.connector_accounts a where a.provider_id = in_slug and a.account = in_account) then
    perform private.review_set_account(in_slug, in_account, '{}');
  end if;
  select * into other from public.vault_secrets v
  where v.key_name = in_name and (v.provider_id, v.account, v.secret_key) <> (in_slug, in_account, in_key);
  if found then
    perform private.refuse(409, 'vault.name_taken', format('%s is the name of a secret of %s.', in_name, other.provider_id));
  end if;
  insert into public.vault_secrets as t (key_name, ciphertext, key_id, provider_id, account, secret_key)
  values (in_name, decode(sealed, 'base64'), in_key_id, in_slug, in_account, in_key)
  on conflict (provider_id, account, secret_key) do update set key_name = excluded.key_name, ciphertext = excluded.ciphertext,
    key_id = excluded.key_id, secret_version = t.secret_version + 1;
  if in_key = 'ACCESS_TOKEN' then
    -- What was known of the former one says nothing of this.
    delete from public.vault_secrets v where (v.provider_id, v.account, v.secret_key) = (in_slug, in_account, 'EXPIRES_AT');
  end if;
  perform private.person_event('secret_written', in_slug, jsonb_build_object('account', in_account, 'key', in_key, 'key_name', in_name));
  return 'null';
end
$$;

create function private.review_delete_secret(in_slug text, in_account text, in_key text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.begin_decision(in_slug);
  delete from public.vault_secrets v where (v.provider_id, v.account, v.secret_key) = (in_slug, in_account, in_key);
  if not found then
    perform private.refuse(404, 'vault.unknown_secret', format('The vault has no %s of %s:%s.', in_key, in_slug, in_account));
  end if;
  perform private.person_event('secret_deleted', in_slug, jsonb_build_object('account', in_account, 'key', in_key));
  return 'null';
end
$$;

-- For a change of the master key: what is sealed, to be sealed anew by whoever has the old key and the new.
create function private.review_sealed_secrets() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform private.require_admin();
  return (select coalesce(jsonb_agg(jsonb_build_object('provider_slug', v.provider_id, 'account', v.account, 'key', v.secret_key,
      'key_name', v.key_name, 'key_id', v.key_id, 'version', v.secret_version,
      'ciphertext', translate(encode(v.ciphertext, 'base64'), E'\n', '')) order by v.key_name), '[]')
    from public.vault_secrets v);
end
$$;

-- All of them or none; a secret that was written meanwhile is left alone. Answers how many were sealed anew.
create function private.review_reseal_secrets(secrets jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  n integer;
begin
  perform private.require_admin();
  perform private.begin_write();
  update public.vault_secrets v set ciphertext = decode(s.ciphertext, 'base64'), key_id = s.key_id, secret_version = v.secret_version + 1
  from jsonb_to_recordset(secrets) as s (key_name text, key_id text, ciphertext text, version integer)
  where v.key_name = s.key_name and v.secret_version = s.version;
  get diagnostics n = row_count;
  perform private.person_event('secrets_resealed', null, jsonb_build_object('count', n));
  return to_jsonb(n);
end
$$;

create function private.is_asked_for(e public.sentinel_events, provider text, agent text, since timestamptz) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (provider is null or e.provider_id = provider)
    and (agent is null or e.face = 'runtime' and e.actor = agent or e.details ->> 'agent' = agent)
    and (since is null or e.at >= since);
end
$$;

-- The log's rows as they stand, with what is needed to work the chain out again elsewhere: `details` is PostgreSQL's own
-- text of the jsonb, `at` is UTC to the microsecond.
create function private.review_log(filter jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  f record;
begin
  perform private.require_admin();
  perform private.begin_write();
  perform private.seal_calls(); -- what has happened is in it
  select * into f from jsonb_to_record(filter) as x (provider text, agent text, since timestamptz, after bigint, before bigint,
    max_rows integer, newest boolean);
  f.after := coalesce(f.after, '-9223372036854775808'); -- a row before the first one was put in, and is shown
  f.before := coalesce(f.before, '9223372036854775807');
  return jsonb_build_object('head', private.log_head(), 'events', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'event_id', e.event_id, 'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'actor', e.actor,
      'face', e.face, 'action', e.action, 'source', e.source, 'provider_id', e.provider_id, 'digest', e.digest,
      'details', e.details::text, 'prev_hash', e.prev_hash, 'hash', e.hash) order by e.event_id), '[]')
    from (
      -- Two ways through one index: page by page from the start, or from the end.
      (select * from public.sentinel_events x
       where f.newest is not true and x.event_id > f.after and x.event_id < f.before and private.is_asked_for(x, f.provider, f.agent, f.since)
       order by x.event_id limit least(coalesce(f.max_rows, 1000), 5000))
      union all
      (select * from public.sentinel_events x
       where f.newest and x.event_id > f.after and x.event_id < f.before and private.is_asked_for(x, f.provider, f.agent, f.since)
       order by x.event_id desc limit least(coalesce(f.max_rows, 1000), 5000))) e));
end
$$;

-- Receipts as the log's hashes cover them, by id. A plan that is made for this page begins where it begins.
create function private.review_receipts(after uuid, max_rows integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
begin
  perform private.require_admin();
  return (select coalesce(jsonb_agg(jsonb_build_object('receipt_id', r.receipt_id, 'text', private.receipt_text(r))
      order by r.receipt_id), '[]')
    from (select * from public.tool_receipts x where after is null or x.receipt_id > after
          order by x.receipt_id limit least(coalesce(max_rows, 500), 2000)) r);
end
$$;

-- Side effects as they stand, by call, with how far the log goes that says the same of them. What begins behind the catching up
-- is not in the log yet.
create function private.review_calls(after uuid, max_rows integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
begin
  perform private.require_admin();
  perform private.begin_write();
  perform private.seal_calls();
  return jsonb_build_object('head', private.log_head(), 'calls', (
    select coalesce(jsonb_agg(jsonb_build_object('call_id', c.call_id, 'agent', c.agent_id, 'connector', c.provider_id,
      'account', c.account, 'tool', c.tool_name, 'digest', c.digest, 'fence', c.fence, 'state', c.state, 'is_logged', c.is_logged)
      order by c.call_id), '[]')
    from (select * from public.tool_calls x where after is null or x.call_id > after
          order by x.call_id limit least(coalesce(max_rows, 500), 2000)) c));
end
$$;

insert into private.sentinel_migrations values ('20261121000013_people');
