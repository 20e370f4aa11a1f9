-- The runtime's tables and its owner of functions: what agents may do, with which accounts, and what they have done.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'sentinel_keeper') then
    begin
      create role sentinel_keeper nologin noinherit;
    exception when duplicate_object or unique_violation then null; -- another database, at this very moment
    end;
  end if;
end
$$;

-- sentinel_keeper: owns the runtime face's functions; may spend a grant, keep records of calls and read sealed secrets.
-- Nobody can log in as it.
grant sentinel_owner, sentinel_machine, sentinel_keeper to current_user; -- taken back by the last of these migrations
grant usage on schema private, public to sentinel_keeper;

-- On Supabase the runtime comes with a token of its own role; the secret key is the machine's and reads no secret.
do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'authenticator') then
    grant sentinel_runtime to authenticator;
  end if;
exception when insufficient_privilege then null; -- docs/registry.md says how to do it by hand
end
$$;

alter table public.agent_firearms_grants
  alter column expires_at set not null,
  add column granted_at timestamptz not null default clock_timestamp(),
  add column reason text,
  add column revoked_by text,
  add constraint agent_firearms_grants_uses check (used_count >= 0 and (max_uses is null or used_count <= max_uses));

-- Human only: the accounts of a connector, and what is not secret about them.
create table public.connector_accounts (
  provider_id text collate "C" not null references public.connector_providers (provider_id),
  account text collate "C" not null check (account ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(account) <= 40),
  fields jsonb not null default '{}',
  primary key (provider_id, account)
);

-- A name is what people call a secret; whose it is, these columns say. Two connectors never share a row, however their
-- names come out.
alter table public.vault_secrets
  add column provider_id text collate "C" not null,
  add column account text collate "C" not null,
  add column secret_key text collate "C" not null check (secret_key ~ '^[A-Z0-9_]+$' and length(secret_key) <= 200),
  add column secret_version integer not null default 1,
  add constraint vault_secrets_owner unique (provider_id, account, secret_key),
  add constraint vault_secrets_account foreign key (provider_id, account)
    references public.connector_accounts (provider_id, account);

-- Who an agent is over HTTP. The token itself is known to the agent only.
create table public.agent_tokens (
  token_id uuid primary key default gen_random_uuid(),
  agent_id text collate "C" not null,
  token_hash text collate "C" not null unique,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index agent_tokens_agent on public.agent_tokens (agent_id);

create type public.call_state as enum ('begun', 'not_sent', 'unknown', 'done');
create type public.call_outcome as enum ('succeeded', 'failed');

-- One row for each side effect: written before the request, under a lease that its process renews. Neither this row nor the
-- receipt after it waits for the log: the log takes over from both (seal_calls) what it does not have yet.
create table public.tool_calls (
  call_id uuid primary key,
  agent_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  is_derived boolean not null,         -- the key was made from the arguments, not given
  provider_id text collate "C" not null,
  account text collate "C" not null,
  tool_name text collate "C" not null,
  digest text collate "C" not null,
  request_hash text not null,          -- of connector, account, tool and arguments
  entity text collate "C" not null,    -- what the call acts on; one begun call at a time
  state public.call_state not null,    -- begun, also with a receipt, until the log has that
  fence integer not null default 1,    -- rises with every attempt: an older one can't finish a newer one's call
  holder text not null,
  grants uuid[] not null default '{}', -- spent on this call, whatever the number of attempts
  arguments jsonb not null,            -- redacted, for the log
  begun_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz not null,
  is_logged boolean not null default false, -- the log has the beginning of this attempt
  unique (agent_id, idempotency_key)
);
create unique index tool_calls_entity on public.tool_calls (entity) where state = 'begun';
comment on table public.tool_calls is 'Side effects under way or done. A call whose lease ran out has an outcome that nobody knows.';

-- What is served, a row for each tool: of every approved revision whose folder is there, whatever draft may be waiting. It
-- follows from approvals, revisions and decisions, and is worked out (private.serve) where one of these changes, so that a call
-- has one row to look at.
create table private.served_tools (
  provider_id text collate "C" not null,
  tool_name text collate "C" not null,
  digest text collate "C" not null,
  side_effecting boolean not null,
  destructive boolean not null,
  idempotent boolean not null,
  armed_scopes text[] not null,        -- those that require a firearm
  armed_types text[] not null,         -- of each its type, null where it has none
  primary key (provider_id, tool_name)
);

-- No reference to the call: the one function that writes receipts copies them out of its row, locked; and calls stay.
alter table public.tool_receipts
  add column call_id uuid not null unique,
  add column account text collate "C" not null,
  add column code text,                -- null: it succeeded
  add column result jsonb,
  alter column outcome type public.call_outcome using outcome::public.call_outcome;
comment on table public.tool_receipts is 'One row for each side effect whose outcome is known. Never changed.';

-- What approved handlers are run from: files by content, put there when they are registered and never changed.
create table public.connector_files (
  sha256 text collate "C" primary key,
  content text not null check (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'))
);

-- One process at a time does what must not be done twice, such as renewing an access token.
create table public.runtime_leases (
  lease_name text collate "C" primary key,
  holder text not null,
  expires_at timestamptz not null
);

-- What a receipt's hash in the activity log covers.
create function private.receipt_text(r public.tool_receipts) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return jsonb_build_object(
    'receipt_id', r.receipt_id, 'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'agent_id', r.agent_id, 'provider_id', r.provider_id, 'account', r.account, 'tool_name', r.tool_name,
    'digest', r.digest, 'call_id', r.call_id, 'outcome', r.outcome, 'code', r.code, 'details', r.details,
    'result', r.result)::text;
end
$$;

-- Records of calls are the runtime's to write, and nobody else's.
create function private.guard_call() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user <> 'sentinel_keeper' then
    raise insufficient_privilege using
      message = format('%s is written by the runtime''s functions only', tg_table_name);
  end if;
  return null;
end
$$;

-- What is served follows from what people decided: it is written where that is, by private.serve.
create function private.guard_served() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user <> 'sentinel_owner' then
    raise insufficient_privilege using message = 'what is served follows from approvals', hint = 'Decide with sentinel review.';
  end if;
  return null;
end
$$;

-- Secrets are people's to store; the runtime may renew the tokens that OAuth gave for them.
create function private.guard_secret() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user = 'sentinel_keeper' then
    if tg_op <> 'DELETE' and new.secret_key in ('ACCESS_TOKEN', 'REFRESH_TOKEN', 'EXPIRES_AT') then return null; end if;
  elsif current_user = 'sentinel_owner' then
    if private.is_admin() then return null; end if;
  end if;
  raise insufficient_privilege using message = 'a secret is stored by people only', hint = 'Store it with sentinel vault set.';
end
$$;

-- A use of a grant: one at a time, by the runtime, and of a grant that is good.
create function private.guard_use() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user <> 'sentinel_keeper' or new.used_count <> old.used_count + 1
     or old.revoked_at is not null or old.expires_at <= clock_timestamp() then
    raise insufficient_privilege using message = 'a use of a grant is counted by the runtime''s functions only';
  end if;
  return new;
end
$$;

create trigger b_decided_insert after insert on public.agent_firearms_grants for each row
  execute function private.guard_decision();
create trigger b_decided_update after update on public.agent_firearms_grants for each row
  when ((old.grant_id, old.agent_id, old.firearm_type_id, old.granted_by, old.expires_at, old.max_uses, old.revoked_at,
         old.granted_at, old.reason, old.revoked_by)
        is distinct from
        (new.grant_id, new.agent_id, new.firearm_type_id, new.granted_by, new.expires_at, new.max_uses, new.revoked_at,
         new.granted_at, new.reason, new.revoked_by))
  execute function private.guard_decision();
create trigger b_secret after insert or update or delete on public.vault_secrets for each row
  execute function private.guard_secret();
create trigger c_kept before truncate on public.vault_secrets
  for each statement execute function private.guard_record();
create trigger c_kept before update or delete or truncate on public.connector_files
  for each statement execute function private.guard_record();
create trigger b_used after update on public.agent_firearms_grants for each row
  when (old.used_count is distinct from new.used_count) execute function private.guard_use();
create trigger c_kept before delete or truncate on public.agent_firearms_grants
  for each statement execute function private.guard_record();
create trigger c_kept before delete or truncate on public.agent_tokens
  for each statement execute function private.guard_record();
create trigger b_call before insert or update or delete or truncate on public.tool_calls
  for each statement execute function private.guard_call();
create trigger b_served before insert or update or delete or truncate on private.served_tools
  for each statement execute function private.guard_served();
create trigger c_kept before delete or truncate on public.tool_calls
  for each statement execute function private.guard_record();
create trigger b_call before insert on public.tool_receipts
  for each statement execute function private.guard_call();
drop trigger a_writer on public.tool_receipts; -- b_call says more
create trigger c_kept before update or delete or truncate on public.tool_receipts
  for each statement execute function private.guard_record();

do $$
declare
  t text;
  g text;
begin
  foreach t in array array['connector_accounts', 'agent_tokens', 'tool_calls', 'connector_files', 'runtime_leases'] loop
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', t);
    execute format('alter table public.%I enable row level security', t);
    execute format('create policy owner on public.%I to sentinel_owner using (true) with check (true)', t);
  end loop;
  foreach t in array array['connector_accounts', 'agent_tokens', 'connector_files', 'runtime_leases'] loop
    execute format('create trigger a_writer before insert or update or delete or truncate on public.%I
                    for each statement execute function private.guard_writer()', t);
  end loop;
  foreach t in array array['connector_accounts', 'agent_tokens'] loop
    execute format('create trigger b_decision before insert or update or delete or truncate on public.%I
                    for each statement execute function private.guard_decision()', t);
  end loop;
  for t, g in select c.relname, x.tgname from pg_catalog.pg_trigger x join pg_catalog.pg_class c on c.oid = x.tgrelid
              where not x.tgisinternal and x.tgenabled <> 'A' and c.relnamespace = 'public'::regnamespace loop
    execute format('alter table public.%I enable always trigger %I', t, g);
  end loop;
  alter table private.served_tools enable always trigger b_served;
  alter table private.served_tools enable row level security;
  create policy owner on private.served_tools to sentinel_owner using (true) with check (true);
  create policy keeper on private.served_tools for select to sentinel_keeper using (true);
  grant select, insert, delete on private.served_tools to sentinel_owner;
  grant select on private.served_tools to sentinel_keeper;

  -- What the runtime's functions read, and what little they write.
  foreach t in array array['connector_providers', 'connector_revisions', 'connector_scopes', 'firearm_types',
                           'firearms_licenses', 'connector_accounts', 'agent_tokens', 'connector_files'] loop
    execute format('create policy keeper on public.%I for select to sentinel_keeper using (true)', t);
    execute format('grant select on public.%I to sentinel_keeper', t);
  end loop;
  foreach t in array array['agent_firearms_grants', 'vault_secrets', 'runtime_leases', 'tool_calls', 'tool_receipts', 'sentinel_events'] loop
    execute format('create policy keeper on public.%I to sentinel_keeper using (true) with check (true)', t);
  end loop;
end
$$;

grant select, update (used_count) on public.agent_firearms_grants to sentinel_keeper;
grant select, insert, update (idempotency_key, digest, state, fence, holder, grants, arguments, begun_at, lease_until, is_logged)
  on public.tool_calls to sentinel_keeper;
grant select, insert on public.tool_receipts to sentinel_keeper;
grant select, insert, update (ciphertext, key_id, secret_version) on public.vault_secrets to sentinel_keeper;
grant select, insert, update, delete on public.runtime_leases to sentinel_keeper;
create policy machine on public.connector_files to sentinel_machine using (true) with check (true);
grant select, insert on public.connector_files to sentinel_machine;
grant insert on public.sentinel_events to sentinel_keeper;
create policy keeper on private.event_head to sentinel_keeper using (true) with check (true);
grant select, update on private.event_head to sentinel_keeper;

-- What people decide on besides; they see how often a grant was used, and can't say it.
grant select, insert (agent_id, firearm_type_id, granted_by, expires_at, max_uses, reason), update (revoked_at, revoked_by)
  on public.agent_firearms_grants to sentinel_owner;
grant select, insert, update (fields), delete on public.connector_accounts to sentinel_owner;
grant select, insert, update (ciphertext, key_id, key_name, secret_version), delete on public.vault_secrets to sentinel_owner;
grant select, insert (agent_id, token_hash, created_by, expires_at), update (revoked_at) on public.agent_tokens to sentinel_owner;
grant select on public.tool_calls, public.tool_receipts to sentinel_owner;

insert into private.sentinel_migrations values ('20261121000010_runtime');
