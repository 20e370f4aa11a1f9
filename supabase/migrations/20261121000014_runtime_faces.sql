-- The wrappers of the runtime face and of what the human face has gained, and who may call what.

create function public.runtime_catalogue(state text default null, known jsonb default '{}') returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.runtime_catalogue(state, known) $$;
create function public.runtime_agent(token_hash text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.runtime_agent(token_hash) $$;
create function public.runtime_accounts(slug text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.runtime_accounts(slug) $$;
create function public.runtime_secret(slug text, account text, key text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.runtime_secret(slug, account, key) $$;
create function public.runtime_file(slug text, path text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.runtime_file(slug, path) $$;
create function public.runtime_renew_secret(slug text, account text, key text, key_name text, ciphertext text, key_id text, version integer)
  returns jsonb language sql set search_path = pg_catalog, pg_temp
  as $$ select private.runtime_renew_secret(slug, account, key, key_name, ciphertext, key_id, version) $$;
create function public.runtime_lease(name text, holder text, ttl_seconds integer) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.runtime_lease(name, holder, ttl_seconds) $$;
-- What every side effect goes through is plpgsql, whose plans are kept.
create function public.runtime_begin_call(request jsonb) returns jsonb
  language plpgsql set search_path = pg_catalog, pg_temp as $$ begin return private.runtime_begin_call(request); end $$;
create function public.runtime_renew_call(call_id uuid, fence integer, lease_seconds integer) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.runtime_renew_call(call_id, fence, lease_seconds) $$;
create function public.runtime_finish_call(request jsonb) returns jsonb
  language plpgsql set search_path = pg_catalog, pg_temp as $$ begin return private.runtime_finish_call(request); end $$;
create function public.runtime_settle_calls() returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.runtime_settle_calls() $$;
create function public.runtime_record(events jsonb) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.runtime_record(events) $$;

create function public.review_grant(agent text, firearm_type text, seconds integer, uses integer default null, reason text default null)
  returns jsonb language sql set search_path = pg_catalog, pg_temp as $$ select private.review_grant(agent, firearm_type, seconds, uses, reason) $$;
create function public.review_revoke(grant_id uuid) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_revoke(grant_id) $$;
create function public.review_grants(agent text default null) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_grants(agent) $$;
create function public.review_create_token(agent text, token_hash text, seconds integer default null) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_create_token(agent, token_hash, seconds) $$;
create function public.review_tokens() returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_tokens() $$;
create function public.review_revoke_token(token_id uuid) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_revoke_token(token_id) $$;
create function public.review_set_account(slug text, account text, fields jsonb) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_set_account(slug, account, fields) $$;
create function public.review_delete_account(slug text, account text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_delete_account(slug, account) $$;
create function public.review_accounts(slug text default null) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_accounts(slug) $$;
create function public.review_write_secret(slug text, account text, key text, key_name text, ciphertext text, key_id text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_write_secret(slug, account, key, key_name, ciphertext, key_id) $$;
create function public.review_delete_secret(slug text, account text, key text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_delete_secret(slug, account, key) $$;
create function public.review_sealed_secrets() returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_sealed_secrets() $$;
create function public.review_reseal_secrets(secrets jsonb) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_reseal_secrets(secrets) $$;
create function public.review_log(filter jsonb default '{}') returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_log(filter) $$;
create function public.review_receipts(after uuid default null, max_rows integer default 500) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_receipts(after, max_rows) $$;
create function public.review_calls(after uuid default null, max_rows integer default 500) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_calls(after, max_rows) $$;

do $$
declare
  f regprocedure;
  owners_helpers constant text[] := '{require_agent,is_asked_for,person_event,utc,grant_json,log_head,receipt_text}';
  keepers_helpers constant text[] := '{serving_state,choose_grants,arms_for,call_item,receipt_item,call_event,refuse_call,receipt_json,receipt_text,as_it_stands,give_up,in_the_way,judge_call,settle_call}';
  made_here constant text := '^(public|private)?\.?(runtime_|review_(grants?|revoke|create_token|tokens|revoke_token|set_account|delete_account|accounts|write_secret|delete_secret|sealed_secrets|reseal_secrets|log|receipts|calls)\()';
begin
  -- PostgreSQL lets everyone execute a new function, and Supabase says so to its API roles by name.
  for f in select p.oid from pg_catalog.pg_proc p
           where p.oid::regprocedure::text ~ made_here
              or p.pronamespace = 'private'::regnamespace and p.proname = any (owners_helpers || keepers_helpers || '{break_calls,seal_calls,serve,guard_call,guard_served,guard_use,guard_secret}') loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', f);
  end loop;
  -- Helpers run with the rights of the function that they help.
  for f in select p.oid from pg_catalog.pg_proc p
           where p.pronamespace = 'private'::regnamespace and p.proname = any (owners_helpers) loop
    execute format('grant execute on function %s to sentinel_owner', f);
  end loop;
  for f in select p.oid from pg_catalog.pg_proc p where p.pronamespace = 'private'::regnamespace
             and p.proname = any (keepers_helpers || '{log_head,begin_write,chain_events,append_events,add_events,refuse,actor,event_text}') loop
    execute format('grant execute on function %s to sentinel_keeper', f);
  end loop;

  grant create on schema private to sentinel_owner, sentinel_machine, sentinel_keeper;
  for f in select p.oid from pg_catalog.pg_proc p where p.oid::regprocedure::text ~ made_here loop
    if f::text ~ 'runtime_' then execute format('grant execute on function %s to sentinel_runtime', f);
    else execute format('grant execute on function %s to authenticated', f);
    end if;
    if f::text ~ '^private\.' then
      execute format('alter function %s owner to %I', f,
        case when f::text ~ 'runtime_' then 'sentinel_keeper' else 'sentinel_owner' end);
    end if;
  end loop;
  alter function private.break_calls() owner to sentinel_keeper;
  alter function private.seal_calls() owner to sentinel_keeper;
  alter function private.serve(text[]) owner to sentinel_owner;
  grant execute on function private.seal_calls() to sentinel_owner, sentinel_machine;
  grant execute on function private.serve(text[]) to sentinel_machine;
  revoke create on schema private from sentinel_owner, sentinel_machine, sentinel_keeper;
end
$$;

revoke sentinel_owner, sentinel_machine, sentinel_keeper from current_user;

insert into private.sentinel_migrations values ('20261121000014_runtime_faces');
