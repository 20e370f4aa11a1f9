-- The registry's API: what a driver calls. Thin functions with the caller's rights in the exposed schema; the work
-- sits in `private`, which no API exposes. Arguments that are lists or objects are jsonb, and so is every answer.

create function public.sentinel_fingerprints(source text, known text default null) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.sentinel_fingerprints(source, known) $$;
create function public.sentinel_lookup(slugs jsonb) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.sentinel_lookup(slugs) $$;
create function public.sentinel_state(source text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.sentinel_state(source) $$;
create function public.sentinel_diff(source text, batch jsonb) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.sentinel_diff(source, batch) $$;
create function public.sentinel_lease(source text, holder text, ttl_seconds integer, token bigint default null) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.sentinel_lease(source, holder, ttl_seconds, token) $$;
create function public.sentinel_release(source text, token bigint) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.sentinel_release(source, token) $$;
create function public.sentinel_apply(source text, token bigint, batch jsonb, with_changes boolean default false) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.sentinel_apply(source, token, batch, with_changes) $$;
create function public.sentinel_archive(source text, token bigint, slugs jsonb, allow integer) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.sentinel_archive(source, token, slugs, allow) $$;

create function public.review_list() returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_list() $$;
create function public.review_show(slug text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_show(slug) $$;
create function public.review_diff(slug text) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_diff(slug) $$;
create function public.review_vocabulary() returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.review_vocabulary() $$;
create function public.review_set_scopes(slug text, scopes jsonb, requires_firearm boolean, firearm_type text default null) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_set_scopes(slug, scopes, requires_firearm, firearm_type) $$;
create function public.review_map_kpi(slug text, raw text, core_kpi text default null) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_map_kpi(slug, raw, core_kpi) $$;
create function public.review_approve(slug text, digest text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_approve(slug, digest) $$;
create function public.review_reject(slug text, digest text, reason text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_reject(slug, digest, reason) $$;
create function public.review_deprecate(slug text, reason text) returns jsonb
  language sql set search_path = pg_catalog, pg_temp as $$ select private.review_deprecate(slug, reason) $$;

-- Names of the migrations that this registry has, in order.
create function private.sentinel_version() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_agg(name order by name) from private.sentinel_migrations
$$;
create function public.sentinel_version() returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $$ select private.sentinel_version() $$;

do $$
declare
  f regprocedure;
  face text;
begin
  -- PostgreSQL lets everyone execute a new function, and Supabase says so to its API roles by name.
  for f in select p.oid from pg_catalog.pg_proc p
           where p.pronamespace = 'private'::regnamespace
              or p.pronamespace = 'public'::regnamespace and p.proname ~ '^(sentinel|review)_' loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', f);
    if f::text ~ '^private\.' then
      execute format('grant execute on function %s to sentinel_owner, sentinel_machine', f);
    end if;
  end loop;

  grant create on schema private to sentinel_owner, sentinel_machine;
  for f, face in select p.oid, split_part(p.proname, '_', 1) from pg_catalog.pg_proc p
                 where p.proname ~ '^(sentinel|review)_' and p.pronamespace in ('private'::regnamespace, 'public'::regnamespace) loop
    if f::text ~ '(review_(list|show|diff|vocabulary)|sentinel_version)\(' then
      execute format('grant execute on function %s to authenticated, sentinel_writer, service_role', f);
    elsif face = 'review' then
      execute format('grant execute on function %s to authenticated', f);
    else
      execute format('grant execute on function %s to sentinel_writer, service_role', f);
    end if;
    if f::text ~ '^private\.' then
      execute format('alter function %s owner to %I', f,
        case when face = 'review' or f::text ~ 'sentinel_version' then 'sentinel_owner' else 'sentinel_machine' end);
    end if;
  end loop;
  revoke execute on function private.break_leases() from sentinel_owner, sentinel_machine;
  alter function private.break_leases() owner to sentinel_machine;
  revoke create on schema private from sentinel_owner, sentinel_machine;
end
$$;

-- The policies ask this of every reader.
grant execute on function private.is_admin() to authenticated;

-- Nobody keeps the owners' rights by membership; a later migration takes them again for itself.
revoke sentinel_owner, sentinel_machine from current_user;

insert into private.sentinel_migrations values ('20261121000009_faces');
