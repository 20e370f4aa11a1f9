-- What hosted Supabase brings along and plain PostgreSQL and PGlite lack, and the roles and schemas of the registry.
-- On hosted Supabase the first half does nothing.

do $$
declare
  wanted text;
begin
  -- Roles belong to the whole cluster: another database may create the same one at this very moment.
  foreach wanted in array array['anon', 'authenticated', 'service_role',
                                'sentinel_owner', 'sentinel_machine', 'sentinel_writer', 'sentinel_runtime']
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin noinherit', wanted);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end
$$;

do $$
begin
  if to_regnamespace('auth') is null then
    create schema auth;
    grant usage on schema auth to anon, authenticated, service_role;
  end if;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable set search_path = pg_catalog, pg_temp
      as $f$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $f$;
  end if;
  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns text language sql stable set search_path = pg_catalog, pg_temp
      as $f$ select auth.jwt() ->> 'sub' $f$;
  end if;
  if to_regprocedure('auth.role()') is null then
    create function auth.role() returns text language sql stable set search_path = pg_catalog, pg_temp
      as $f$ select auth.jwt() ->> 'role' $f$;
  end if;
end
$$;

-- sentinel_owner:   owns the human face's functions; may write what a person decides. Nobody can log in as it.
-- sentinel_machine: owns the machine face's functions; may write machine columns only. Nobody can log in as it.
-- sentinel_writer:  may call the machine face. sentinel_runtime: may call the runtime face.
grant sentinel_owner, sentinel_machine to current_user; -- to hand functions over; taken back by the last migration

do $$
begin
  -- Whoever sets the registry up may act for each face; hosted Supabase has done so for its own roles already.
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    execute format('grant sentinel_writer, sentinel_runtime to %I', current_user);
    if not pg_has_role(current_user, 'authenticated', 'member') then
      execute format('grant authenticated to %I', current_user);
    end if;
  end if;
exception when insufficient_privilege then null; -- a login that may only migrate is a good login
end
$$;

create schema private;
revoke all on schema private from public;
grant usage on schema private to sentinel_owner, sentinel_machine, sentinel_writer, sentinel_runtime, authenticated, service_role;
grant usage on schema public to sentinel_owner, sentinel_machine, sentinel_writer, sentinel_runtime, authenticated, service_role;

-- Each migration records itself, so that every way of running it (sentinel migrate, supabase db push, psql) counts.
create table private.sentinel_migrations (
  name text collate "C" primary key
);
insert into private.sentinel_migrations values ('20261121000001_platform');
