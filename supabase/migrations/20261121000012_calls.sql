-- The runtime face, what it does: whether a call may begin, and what became of it. Every refusal is an answer, not an error,
-- so that it is on record in the transaction that refused. What every side effect goes through is plpgsql, whose plans are
-- kept.

-- The firearms that scopes ask for: what a person decided, else what the approved revision itself proposes. A scope that
-- is not known, or asks for a type that does not exist, asks for what nobody can have.
create function private.firearms_of(p public.connector_providers, scopes text[]) returns table (scope_name text, firearm_type text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query with proposed as (
    select s.scope_name, s.proposed_requires_firearm as required, s.proposed_firearm_type as type
    from public.connector_scopes s
    where p.digest = p.approved_digest and s.provider_id = p.provider_id and s.scope_name = any (scopes) and not s.is_gone
    union all
    select s.name, coalesce(s.requires_firearm, false), s.firearm_type
    from public.connector_revisions r,
         jsonb_to_recordset(r.manifest -> 'scopes') as s (name text, requires_firearm boolean, firearm_type text)
    where p.digest <> p.approved_digest and r.provider_id = p.provider_id and r.digest = p.approved_digest
      and s.name = any (scopes)
  )
  select wanted.name,
         case when d.decided_requires_firearm is not null then d.decided_firearm_type else proposed.type end
  from unnest(scopes) wanted (name)
  left join proposed on proposed.scope_name = wanted.name
  left join public.connector_scopes d on d.provider_id = p.provider_id and d.scope_name = wanted.name
  where coalesce(d.decided_requires_firearm, proposed.required, true) or proposed.scope_name is null;
end
$$;

-- Takes one use of a grant for each type that no held grant covers; all of them or none. A grant of the broad type covers
-- the licences within it. A grant without a limit goes first, then the one that ends first.
create function private.spend_grants(in_agent text, types text[], held uuid[]) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted text;
  covers text[];
  chosen uuid;
  spent uuid[] := '{}';
  missing text[] := '{}';
begin
  foreach wanted in array types loop
    covers := array[wanted] || array(select l.category from public.firearms_licenses l where l.license_key = wanted);
    select g.grant_id into chosen from public.agent_firearms_grants g
    where g.agent_id = in_agent and g.firearm_type_id = any (covers)
      and g.revoked_at is null and g.expires_at > clock_timestamp()
      and (g.grant_id = any (held || spent) or g.max_uses is null or g.used_count < g.max_uses)
    order by g.grant_id = any (held || spent) desc, g.max_uses is not null, g.expires_at, g.grant_id
    limit 1;
    if not found then missing := missing || wanted;
    elsif chosen <> all (held || spent) then spent := spent || chosen;
    end if;
  end loop;
  if cardinality(missing) > 0 then return jsonb_build_object('missing', missing); end if;
  update public.agent_firearms_grants g set used_count = g.used_count + 1 where g.grant_id = any (spent);
  return jsonb_build_object('grants', held || spent);
end
$$;

-- Appends one event, as add_events does; whoever calls has the lock of begin_write.
create function private.call_event(action text, c public.tool_calls, more jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  head private.event_head;
  item public.sentinel_events;
begin
  select * into strict head from private.event_head;
  item := row(head.event_id + 1, clock_timestamp(), c.agent_id, 'runtime', action, null, c.provider_id, c.digest,
    jsonb_build_object('tool', c.tool_name, 'account', c.account, 'call_id', c.call_id, 'attempt', c.fence) || more, head.hash, '');
  item.hash := encode(sha256(convert_to(head.hash || private.event_text(item), 'UTF8')), 'hex');
  insert into public.sentinel_events select item.*;
  update private.event_head set event_id = item.event_id, hash = item.hash;
end
$$;

-- Says no to a call, on record.
create function private.refuse_call(request jsonb, code text, message text, more jsonb default '{}') returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.add_events('runtime', jsonb_build_array(jsonb_build_object(
    'action', 'refused', 'actor', request ->> 'agent', 'provider_id', request ->> 'connector', 'digest', request ->> 'digest',
    'details', jsonb_build_object('tool', request -> 'tool', 'account', request -> 'account', 'code', code) || more)));
  return jsonb_build_object('outcome', 'refused', 'code', code, 'message', message, 'details', more, 'head', private.log_head());
end
$$;

create function private.receipt_json(in_call uuid) returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_build_object('receipt_id', r.receipt_id, 'call_id', r.call_id, 'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'connector', r.provider_id,
    'account', r.account, 'tool', r.tool_name, 'digest', r.digest, 'outcome', r.outcome, 'code', r.code,
    'details', r.details, 'result', r.result)
  from public.tool_receipts r where r.call_id = in_call);
end
$$;

-- What stands in the way of a call under this key or on this entity: null when nothing does. `mine` is the key's row.
create function private.in_the_way(mine public.tool_calls, in_request jsonb, is_idempotent boolean) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  other public.tool_calls;
begin
  if mine.request_hash <> in_request ->> 'request_hash' then
    return private.refuse_call(in_request, 'call.key_reused', 'The idempotency key stands for a call with other arguments.');
  elsif mine.state = 'done' then
    perform private.call_event('call_replayed', mine, '{}');
    return jsonb_build_object('outcome', 'replayed', 'call_id', mine.call_id, 'receipt', private.receipt_json(mine.call_id));
  elsif mine.state = 'begun' and mine.lease_until > clock_timestamp() and mine.holder <> in_request ->> 'holder' then
    return jsonb_build_object('outcome', 'in_flight', 'call_id', mine.call_id);
  elsif mine.state in ('begun', 'unknown') and mine.holder <> in_request ->> 'holder' and not is_idempotent then
    if mine.state = 'begun' then
      update public.tool_calls c set state = 'unknown' where c.call_id = mine.call_id;
      perform private.call_event('call_unknown', mine, '{"why": "lease"}');
    end if;
    return jsonb_build_object('outcome', 'unknown', 'call_id', mine.call_id);
  end if;
  select * into other from public.tool_calls c
  where c.entity = in_request ->> 'entity' and c.state = 'begun' and c.lease_until > clock_timestamp()
    and c.call_id is distinct from mine.call_id
  limit 1;
  if found then return jsonb_build_object('outcome', 'in_flight', 'call_id', other.call_id); end if;
  return null;
end
$$;

create function private.runtime_begin_call(request jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
  p public.connector_providers;
  t record;
  mine public.tool_calls;
  answer jsonb;
  types text[];
  untyped text[];
begin
  select * into r from jsonb_to_record(request) as x (agent text, connector text, digest text, tool text, account text,
    mode text, key text, is_derived boolean, window_seconds integer, request_hash text, entity text, call_id uuid,
    holder text, lease_seconds integer, arguments jsonb);
  -- Whoever waits for another's call asks often: that costs no lock.
  if request ? 'again' and exists (select from public.tool_calls c where c.agent_id = r.agent and c.idempotency_key = r.key and c.state = 'begun'
             and c.request_hash = r.request_hash and c.lease_until > clock_timestamp() and c.holder <> r.holder) then
    return jsonb_build_object('outcome', 'in_flight');
  end if;
  perform from private.event_head for update; -- begin_write

  -- 1. Exactly this revision is approved.
  select * into p from public.connector_providers x where x.provider_id = r.connector;
  if not found or p.is_gone or p.approved_digest is distinct from r.digest then
    return private.refuse_call(request, 'call.not_approved', format('This content of %s is not approved.', r.connector));
  end if;
  if p.digest = p.approved_digest then
    select x.tool_name, x.scopes, x.side_effecting, x.destructive, x.idempotent into t
    from public.connector_tools x where x.provider_id = r.connector and x.tool_name = r.tool;
  else
    select x.tool_name, x.scopes, x.side_effecting, x.destructive, x.idempotent into t
    from public.connector_revisions v, private.tools_of(array[row(v.provider_id, v.digest, v.manifest, v.files, '{}')::private.entry]) x
    where v.provider_id = r.connector and v.digest = r.digest and x.tool_name = r.tool;
  end if;
  if not found then
    return private.refuse_call(request, 'call.unknown_tool', format('%s has no tool %s.', r.connector, r.tool));
  end if;

  -- 2. The mode allows it.
  if t.side_effecting and coalesce(r.mode, '') not in ('write', 'admin') then
    return private.refuse_call(request, 'mode.readonly', 'This runtime is read-only, and the tool changes something.');
  elsif t.destructive and r.mode <> 'admin' then
    return private.refuse_call(request, 'mode.admin_needed', 'The tool destroys something, and this runtime is not in admin mode.');
  end if;

  -- 3. The key: a call that was made, is being made, or may have been made is not made again.
  if t.side_effecting then
    select * into mine from public.tool_calls c where c.agent_id = r.agent and c.idempotency_key = r.key;
    if mine.state = 'done' and mine.is_derived and r.is_derived and exists (
         select from public.tool_receipts x where x.call_id = mine.call_id
         and x.at + make_interval(secs => r.window_seconds) < clock_timestamp()) then
      -- A key made of arguments means "the same again" only for a while.
      update public.tool_calls c set idempotency_key = c.idempotency_key || '@' || c.call_id where c.call_id = mine.call_id;
      mine := null;
    end if;
    answer := private.in_the_way(mine, request, t.idempotent);
    if answer is not null then return answer || jsonb_build_object('head', private.log_head()); end if;
    if mine.state = 'begun' and mine.holder = r.holder then -- the answer to this very question was lost
      return jsonb_build_object('outcome', 'begun', 'call_id', mine.call_id, 'fence', mine.fence, 'head', private.log_head());
    end if;
  end if;

  -- 4. Firearms, checked and spent.
  select coalesce(array_agg(distinct f.firearm_type collate "C") filter (where k.firearm_type_id is not null), '{}'),
         coalesce(array_agg(f.scope_name order by f.scope_name) filter (where k.firearm_type_id is null), '{}')
    into types, untyped
    from private.firearms_of(p, t.scopes) f left join public.firearm_types k on k.firearm_type_id = f.firearm_type;
  if cardinality(untyped) > 0 then
    return private.refuse_call(request, 'firearms.untyped',
      format('The scope %s requires a firearm of no known type.', array_to_string(untyped, ', ')),
      jsonb_build_object('scopes', untyped));
  end if;
  answer := case when cardinality(types) = 0 then jsonb_build_object('grants', coalesce(mine.grants, '{}'))
                 else private.spend_grants(r.agent, types, coalesce(mine.grants, '{}')) end;
  if answer ? 'missing' then
    return private.refuse_call(request, 'firearms.missing_grant',
      format('%s holds no good grant of %s.', r.agent,
             (select string_agg(x, ', ') from jsonb_array_elements_text(answer -> 'missing') x)),
      jsonb_build_object('missing', answer -> 'missing'));
  end if;
  if not t.side_effecting then
    return jsonb_build_object('outcome', 'begun', 'call_id', null, 'fence', 0, 'head', private.log_head());
  end if;

  -- 5. The record that the request follows.
  if mine.call_id is null then
    insert into public.tool_calls (call_id, agent_id, idempotency_key, is_derived, provider_id, account, tool_name, digest,
      request_hash, entity, state, holder, grants, lease_until)
    values (r.call_id, r.agent, r.key, r.is_derived, r.connector, r.account, r.tool, r.digest, r.request_hash, r.entity,
      'begun', r.holder, array(select x::uuid from jsonb_array_elements_text(answer -> 'grants') x), clock_timestamp() + make_interval(secs => r.lease_seconds))
    returning * into mine;
  else
    update public.tool_calls c set state = 'begun', fence = c.fence + 1, holder = r.holder, digest = r.digest,
      grants = array(select x::uuid from jsonb_array_elements_text(answer -> 'grants') x), lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
    where c.call_id = mine.call_id returning * into mine;
  end if;
  perform private.call_event('call_begun', mine, jsonb_build_object('arguments', coalesce(r.arguments, '{}'),
    'grants', to_jsonb(mine.grants)));
  return jsonb_build_object('outcome', 'begun', 'call_id', mine.call_id, 'fence', mine.fence, 'head', private.log_head());
end
$$;

-- Keeps a call's lease while its request is under way; false when the call is another's by now.
create function private.runtime_renew_call(in_call uuid, in_fence integer, lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tool_calls c set lease_until = clock_timestamp() + make_interval(secs => runtime_renew_call.lease_seconds)
  where c.call_id = in_call and c.fence = in_fence and c.state = 'begun';
  return to_jsonb(found);
end
$$;

-- What became of a call. The same answer again, when the same is said again; nothing from whoever lost the call.
create function private.runtime_finish_call(request jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
  c public.tool_calls;
  receipt public.tool_receipts;
begin
  select * into r from jsonb_to_record(request) as x (call_id uuid, fence integer, outcome text, code text, result jsonb, details jsonb);
  perform from private.event_head for update; -- begin_write
  select * into c from public.tool_calls x where x.call_id = r.call_id;
  if not found then perform private.refuse(404, 'call.not_begun', format('No call %s was begun.', r.call_id)); end if;
  if c.fence <> r.fence or c.state in ('done', 'not_sent') or (c.state = 'unknown' and r.outcome in ('unknown', 'not_sent')) then
    return jsonb_build_object('accepted', c.fence = r.fence, 'receipt', private.receipt_json(c.call_id), 'head', private.log_head());
  end if;
  if r.outcome in ('not_sent', 'unknown') then
    update public.tool_calls x set state = r.outcome where x.call_id = c.call_id;
    perform private.call_event('call_' || r.outcome, c, jsonb_strip_nulls(jsonb_build_object('code', r.code)));
  else
    insert into public.tool_receipts (agent_id, provider_id, tool_name, digest, outcome, details, call_id, account, code, result)
    values (c.agent_id, c.provider_id, c.tool_name, c.digest, r.outcome, coalesce(r.details, '{}'), c.call_id, c.account, r.code,
            r.result)
    returning * into receipt;
    update public.tool_calls x set state = 'done' where x.call_id = c.call_id;
    perform private.call_event('call_' || r.outcome, c, jsonb_strip_nulls(jsonb_build_object('code', r.code,
      'receipt_id', receipt.receipt_id,
      'receipt', encode(sha256(convert_to(private.receipt_text(receipt), 'UTF8')), 'hex'))));
  end if;
  return jsonb_build_object('accepted', true, 'receipt', private.receipt_json(c.call_id), 'head', private.log_head());
end
$$;

-- Calls whose process has shown no sign of life: nobody knows how they ended, and the log says so without being asked.
create function private.runtime_settle_calls() returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.tool_calls;
  n integer := 0;
begin
  if not exists (select from public.tool_calls x where x.state = 'begun' and x.lease_until < clock_timestamp()) then return '0'; end if;
  perform from private.event_head for update; -- begin_write
  for c in update public.tool_calls x set state = 'unknown' where x.state = 'begun' and x.lease_until < clock_timestamp() returning * loop
    perform private.call_event('call_unknown', c, '{"why": "lease"}');
    n := n + 1;
  end loop;
  return to_jsonb(n);
end
$$;

-- Records of reads and refusals, many at once: [{action, actor, provider_id, digest, details}].
create function private.runtime_record(events jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from jsonb_array_elements(events) e
             where e ->> 'action' not in ('read', 'read_failed', 'refused') or octet_length(e::text) > 16384) then
    perform private.refuse(422, 'call.bad_record', 'Only short records of reads and refusals are taken.');
  end if;
  perform private.add_events('runtime', events);
  return private.log_head();
end
$$;

-- Whoever had the embedded registry open before is dead, and so are its calls.
create function private.break_calls() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.tool_calls set lease_until = '-infinity' where state = 'begun';
  delete from public.runtime_leases;
$$;

insert into private.sentinel_migrations values ('20261121000012_calls');
