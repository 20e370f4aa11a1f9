-- The activity log's chain, and how the registry says no.

-- Says no: PostgREST makes the HTTP status of the SQLSTATE, and the detail carries the code of the closed list.
create function private.refuse(status integer, code text, message text, details jsonb default null)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using
    errcode = 'PT' || status, message = message, detail = jsonb_build_object('code', code, 'details', details)::text;
end
$$;

-- Who calls, for the record.
create function private.actor() returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '');
begin
  return coalesce(nullif(claims ->> 'sub', ''), nullif(claims ->> 'role', ''), session_user::text);
end
$$;

-- What an event's hash covers, besides the hash before it. Times in UTC to the microsecond, whatever the session says.
create function private.event_text(e public.sentinel_events) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return jsonb_build_object(
    'event_id', e.event_id, 'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'actor', e.actor,
    'face', e.face, 'action', e.action, 'source', e.source, 'provider_id', e.provider_id, 'digest', e.digest,
    'details', e.details)::text;
end
$$;

-- What a digest stood for when it was registered: jsonb prints one value in one way only.
create function private.content_of(manifest jsonb, files jsonb) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return encode(sha256(convert_to(manifest::text || files::text, 'UTF8')), 'hex');
end
$$;

-- Every writing call begins here: it waits for the one before it, so that calls never interleave.
create function private.begin_write() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform from private.event_head h where h.is_end for update;
end
$$;

-- Links events to the chain in their order; their ids and hashes are made here. Whoever calls has the lock of begin_write.
create function private.chain_events(items public.sentinel_events[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  head private.event_head;
  item public.sentinel_events;
  chained public.sentinel_events[] := '{}';
begin
  if cardinality(items) = 0 then return; end if;
  select * into strict head from private.event_head h where h.is_end;
  foreach item in array items loop
    item.event_id := head.event_id + 1;
    item.prev_hash := head.hash;
    item.hash := encode(sha256(convert_to(head.hash || private.event_text(item), 'UTF8')), 'hex');
    head.hash := item.hash;
    head.event_id := item.event_id;
    chained := chained || item;
  end loop;
  insert into public.sentinel_events select * from unnest(chained);
  update private.event_head h set event_id = head.event_id, hash = head.hash where h.is_end;
end
$$;

-- Appends events, behind what side effects have left for the log meanwhile. Late in a long writing call: calls under way wait
-- for it from there to its end. Whoever calls has the lock of begin_write.
create function private.append_events(items public.sentinel_events[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.seal_calls(); -- comes with the runtime
  perform private.chain_events(items);
end
$$;

-- Appends events, given as [{action, source, provider_id, digest, details}], in their order; what the runtime records
-- also names its `actor`, the agent that called.
create function private.add_events(in_face text, events jsonb) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.begin_write();
  perform private.append_events(array(
    select row(0, clock_timestamp(),
               case when in_face = 'runtime' then coalesce(e ->> 'actor', private.actor()) else private.actor() end,
               in_face, e ->> 'action', e ->> 'source',
               e ->> 'provider_id', e ->> 'digest', coalesce(e -> 'details', '{}'), '', '')::public.sentinel_events
    from jsonb_array_elements(events) with ordinality as x (e, n) order by n));
end
$$;

insert into private.sentinel_migrations values ('20261121000005_events');
