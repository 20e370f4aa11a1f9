-- The runtime face, what it does: whether a call may begin, and what became of it. Every refusal is an answer, not an error,
-- so that it is on record in the transaction that refused. What every side effect goes through is plpgsql, whose plans are
-- kept.

-- Chooses a grant for each type that no held grant covers: {grants, fresh}, all and those of which a use is to be spent; or
-- {missing}. A grant of the broad type covers the licences within it. A grant without a limit goes first, then the one that ends
-- first.
create function private.choose_grants(in_agent text, types text[], held uuid[]) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted text;
  covers text[];
  chosen uuid;
  fresh uuid[] := '{}';
  missing text[] := '{}';
begin
  foreach wanted in array types loop
    covers := array[wanted] || array(select l.category from public.firearms_licenses l where l.license_key = wanted);
    select g.grant_id into chosen from public.agent_firearms_grants g
    where g.agent_id = in_agent and g.firearm_type_id = any (covers)
      and g.revoked_at is null and g.expires_at > clock_timestamp()
      and (g.grant_id = any (held || fresh) or g.max_uses is null or g.used_count < g.max_uses)
    order by g.grant_id = any (held || fresh) desc, g.max_uses is not null, g.expires_at, g.grant_id
    limit 1;
    if not found then missing := missing || wanted;
    elsif chosen <> all (held || fresh) then fresh := fresh || chosen;
    end if;
  end loop;
  if cardinality(missing) > 0 then return jsonb_build_object('missing', missing); end if;
  return jsonb_build_object('grants', held || fresh, 'fresh', fresh);
end
$$;

-- The grants for what a tool's scopes ask for, as choose_grants has them, or why there are none: {code, message, details}.
create function private.arms_for(in_agent text, tool private.served_tools, held uuid[]) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  types text[];
  untyped text[];
  answer jsonb;
begin
  select coalesce(array_agg(distinct k.firearm_type_id) filter (where k.firearm_type_id is not null), '{}'),
         coalesce(array_agg(a.scope order by a.scope) filter (where k.firearm_type_id is null), '{}')
    into types, untyped
    from unnest(tool.armed_scopes, tool.armed_types) a (scope, type)
    left join public.firearm_types k on k.firearm_type_id = a.type;
  if cardinality(untyped) > 0 then
    return jsonb_build_object('code', 'firearms.untyped', 'details', jsonb_build_object('scopes', untyped),
      'message', format('The scope %s requires a firearm of no known type.', array_to_string(untyped, ', ')));
  end if;
  answer := private.choose_grants(in_agent, types, held);
  if answer ? 'missing' then
    return jsonb_build_object('code', 'firearms.missing_grant', 'details', answer, 'message', format('%s holds no good grant of %s.',
      in_agent, (select string_agg(x, ', ') from jsonb_array_elements_text(answer -> 'missing') x)));
  end if;
  return answer;
end
$$;

-- What an event says of a call.
create function private.call_item(action text, at timestamptz, c public.tool_calls, more jsonb) returns public.sentinel_events
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return row(0, at, c.agent_id, 'runtime', action, null, c.provider_id, c.digest,
    jsonb_build_object('tool', c.tool_name, 'account', c.account, 'call_id', c.call_id, 'attempt', c.fence) || more, '', '')::public.sentinel_events;
end
$$;

-- What the event of a call's end says: a receipt is in the log by its hash.
create function private.receipt_item(c public.tool_calls, r public.tool_receipts) returns public.sentinel_events
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return private.call_item('call_' || r.outcome::text, r.at, c, jsonb_strip_nulls(jsonb_build_object('code', r.code,
    'receipt_id', r.receipt_id, 'receipt', encode(sha256(convert_to(private.receipt_text(r), 'UTF8')), 'hex'))));
end
$$;

-- Appends one event of a call; whoever calls has the lock of begin_write.
create function private.call_event(action text, c public.tool_calls, more jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.append_events(array[private.call_item(action, clock_timestamp(), c, more)]);
end
$$;

-- Has the log catch up: with every call that has begun and that it does not know of, and with every receipt. A side effect
-- waits for no lock of the log and for no hash; its two rows are there to be logged by the next call that logs, or by the
-- process that made it, a moment later. Nobody writes or reads the log before. Whoever calls has the lock of begin_write.
create function private.seal_calls() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off as $$
declare
  items public.sentinel_events[];
  begun uuid[];
  ended uuid[];
begin
  with waiting as materialized (
    -- One by one: never a join that reads every receipt there is.
    select c, (select r from public.tool_receipts r where r.call_id = c.call_id) as r from public.tool_calls c where c.state = 'begun'
  ), happened as (
    select (c).begun_at as at, (c).call_id, 0 as n, private.call_item('call_begun', (c).begun_at, c,
             jsonb_build_object('arguments', (c).arguments, 'grants', to_jsonb((c).grants))) as item
    from waiting where not (c).is_logged
    union all
    select greatest((r).at, (c).begun_at), (r).call_id, 1, private.receipt_item(c, r) from waiting where (r).call_id is not null
  )
  select (select array_agg(h.item order by h.at, h.call_id, h.n) from happened h),
         (select array_agg((w.c).call_id) from waiting w where (w.r).call_id is null and not (w.c).is_logged),
         (select array_agg((w.r).call_id) from waiting w where (w.r).call_id is not null)
    into items, begun, ended;
  if items is null then return; end if;
  perform private.chain_events(items);
  -- Last, as a call that is being finished waits for its row.
  update public.tool_calls c set is_logged = true where c.call_id = any (begun);
  update public.tool_calls c set is_logged = true, state = 'done' where c.call_id = any (ended);
end
$$;

-- Says no to a call, on record.
create function private.refuse_call(request jsonb, code text, message text, more jsonb default '{}') returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform private.add_events('runtime', jsonb_build_array(jsonb_build_object(
    'action', 'refused', 'actor', request ->> 'agent', 'provider_id', request ->> 'connector', 'digest', request ->> 'digest',
    'details', jsonb_build_object('tool', request -> 'tool', 'account', request -> 'account', 'code', code) || more)));
  return jsonb_build_object('outcome', 'refused', 'code', code, 'message', message, 'details', more);
end
$$;

create function private.receipt_json(r public.tool_receipts) returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return jsonb_build_object('receipt_id', r.receipt_id, 'call_id', r.call_id, 'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'connector', r.provider_id,
    'account', r.account, 'tool', r.tool_name, 'digest', r.digest, 'outcome', r.outcome, 'code', r.code,
    'details', r.details, 'result', r.result);
end
$$;

-- A call that nobody can finish from here on, in the log with all that it has: a receipt may have come a moment ago. Whoever
-- calls has the lock of begin_write.
create function private.as_it_stands(in_call uuid) returns public.tool_calls
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  c public.tool_calls;
begin
  select * into c from public.tool_calls x where x.call_id = in_call for update;
  if c.state = 'begun' and (not c.is_logged or exists (select from public.tool_receipts x where x.call_id = in_call)) then
    perform private.seal_calls();
    select * into c from public.tool_calls x where x.call_id = in_call;
  end if;
  return c;
end
$$;

-- Gives up a begun call whose process has shown no sign of life: nobody knows how it ended. Returns its state after that.
create function private.give_up(in_call uuid) returns public.call_state
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  c constant public.tool_calls := private.as_it_stands(in_call);
begin
  if c.state <> 'begun' or c.lease_until > clock_timestamp() then return c.state; end if;
  update public.tool_calls x set state = 'unknown' where x.call_id = in_call;
  perform private.call_event('call_unknown', c, '{"why": "lease"}');
  return 'unknown';
end
$$;

-- What stands in the way of a call under this key or on this entity: null when nothing does. `mine` is the key's row.
-- Whoever calls has the lock of begin_write.
create function private.in_the_way(mine public.tool_calls, in_request jsonb, is_idempotent boolean) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  other uuid;
begin
  if mine.request_hash <> in_request ->> 'request_hash' then
    return private.refuse_call(in_request, 'call.key_reused', 'The idempotency key stands for a call with other arguments.');
  elsif mine.state = 'done' then
    perform private.call_event('call_replayed', mine, '{}');
    return jsonb_build_object('outcome', 'replayed', 'call_id', mine.call_id, 'receipt',
      (select private.receipt_json(x) from public.tool_receipts x where x.call_id = mine.call_id));
  elsif mine.state = 'begun' and mine.lease_until > clock_timestamp() and mine.holder <> in_request ->> 'holder' then
    return jsonb_build_object('outcome', 'in_flight', 'call_id', mine.call_id);
  elsif mine.state in ('begun', 'unknown') and mine.holder <> in_request ->> 'holder' and not is_idempotent then
    if mine.state = 'begun' then perform private.give_up(mine.call_id); end if;
    return jsonb_build_object('outcome', 'unknown', 'call_id', mine.call_id);
  end if;
  select c.call_id into other from public.tool_calls c
  where c.entity = in_request ->> 'entity' and c.state = 'begun' and c.call_id is distinct from mine.call_id;
  if found and private.give_up(other) = 'begun' then
    return jsonb_build_object('outcome', 'in_flight', 'call_id', other);
  end if;
  return null;
end
$$;

-- Whether a call may begin, and its record if it may, judged one by one with the lock of begin_write: what needs a firearm,
-- whatever was asked before or is being done to the same thing, and every refusal.
create function private.judge_call(request jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  agent constant text := request ->> 'agent';
  slug constant text := request ->> 'connector';
  tool constant text := request ->> 'tool';
  key constant text := request ->> 'key';
  lease constant interval := make_interval(secs => (request ->> 'lease_seconds')::integer);
  t private.served_tools;
  mine public.tool_calls;
  answer jsonb;
  held uuid[] := '{}';
begin
  -- Whoever waits for another's call asks often: that costs no lock.
  if request ? 'again' and exists (select from public.tool_calls c where c.agent_id = agent and c.idempotency_key = key and c.state = 'begun'
             and c.request_hash = request ->> 'request_hash' and c.lease_until > clock_timestamp() and c.holder <> request ->> 'holder'
             and not exists (select from public.tool_receipts x where x.call_id = c.call_id)) then
    return jsonb_build_object('outcome', 'in_flight');
  end if;
  perform private.begin_write();

  -- 1. Exactly this revision is approved.
  select * into t from private.served_tools x where x.provider_id = slug and x.tool_name = tool;
  if t.tool_name is null or t.digest is distinct from request ->> 'digest' then
    if exists (select from public.connector_providers x where x.provider_id = slug and x.approved_digest = request ->> 'digest'
               and not x.is_gone) then
      return private.refuse_call(request, 'call.unknown_tool', format('%s has no tool %s.', slug, tool));
    end if;
    return private.refuse_call(request, 'call.not_approved', format('This content of %s is not approved.', slug));
  end if;

  -- 2. The mode allows it.
  if t.side_effecting and coalesce(request ->> 'mode', '') not in ('write', 'admin') then
    return private.refuse_call(request, 'mode.readonly', 'This runtime is read-only, and the tool changes something.');
  elsif t.destructive and request ->> 'mode' is distinct from 'admin' then
    return private.refuse_call(request, 'mode.admin_needed', 'The tool destroys something, and this runtime is not in admin mode.');
  end if;

  -- 3. The key and the thing: a call that was made, is being made, or may have been made is not made again.
  if t.side_effecting then
    mine := private.as_it_stands((select c.call_id from public.tool_calls c where c.agent_id = agent and c.idempotency_key = key));
    if mine.state = 'done' and mine.is_derived and (request ->> 'is_derived')::boolean and exists (
         select from public.tool_receipts x where x.call_id = mine.call_id
         and x.at + make_interval(secs => (request ->> 'window_seconds')::integer) < clock_timestamp()) then
      -- A key made of arguments means "the same again" only for a while.
      update public.tool_calls c set idempotency_key = c.idempotency_key || '@' || c.call_id where c.call_id = mine.call_id;
      mine := null;
    end if;
    answer := private.in_the_way(mine, request, t.idempotent);
    if answer is not null then return answer; end if;
    if mine.state = 'begun' and mine.holder = request ->> 'holder' then -- the answer to this very question was lost
      return jsonb_build_object('outcome', 'begun', 'call_id', mine.call_id, 'fence', mine.fence);
    end if;
  end if;

  -- 4. Firearms; they are spent with the record.
  if cardinality(t.armed_scopes) > 0 then
    answer := private.arms_for(agent, t, coalesce(mine.grants, '{}'));
    if answer ? 'code' then
      return private.refuse_call(request, answer ->> 'code', answer ->> 'message', answer -> 'details');
    end if;
    held := array(select x::uuid from jsonb_array_elements_text(answer -> 'grants') x);
  end if;

  -- 5. The record that the request follows.
  if t.side_effecting and mine.call_id is null then
    insert into public.tool_calls (call_id, agent_id, idempotency_key, is_derived, provider_id, account, tool_name, digest,
      request_hash, entity, state, holder, grants, arguments, lease_until)
    values ((request ->> 'call_id')::uuid, agent, key, (request ->> 'is_derived')::boolean, slug, request ->> 'account', tool,
      t.digest, request ->> 'request_hash', request ->> 'entity', 'begun', request ->> 'holder', held,
      coalesce(request -> 'arguments', '{}'), clock_timestamp() + lease)
    on conflict do nothing; -- so it waits before it is in any index, and two never wait for each other
    -- Somebody has this key, or is at this thing, since a moment ago.
    if not found then return jsonb_build_object('outcome', 'in_flight'); end if;
  elsif t.side_effecting then
    begin
      update public.tool_calls c set state = 'begun', fence = c.fence + 1, holder = request ->> 'holder', digest = t.digest,
        grants = case when answer is null then c.grants else held end, arguments = coalesce(request -> 'arguments', '{}'),
        begun_at = clock_timestamp(), lease_until = clock_timestamp() + lease, is_logged = false
      where c.call_id = mine.call_id returning * into mine;
    exception when unique_violation then
      return jsonb_build_object('outcome', 'in_flight');
    end;
  end if;
  if answer is not null then
    update public.agent_firearms_grants g set used_count = g.used_count + 1
    where g.grant_id in (select x::uuid from jsonb_array_elements_text(answer -> 'fresh') x);
  end if;
  return jsonb_build_object('outcome', 'begun',
    'call_id', case when t.side_effecting then coalesce(mine.call_id::text, request ->> 'call_id') end,
    'fence', case when t.side_effecting then coalesce(mine.fence, 1) else 0 end);
end
$$;

-- Whether a call may begin, and its record if it may. The common case waits for nobody and is one statement: a side effect of
-- what is approved, which the mode allows, which needs no firearm, and which nobody has asked for before. The
-- indexes of tool_calls say that. Not where somebody is at the thing: an insert that waited for its end would go by what was
-- true before.
create function private.runtime_begin_call(request jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  insert into public.tool_calls (call_id, agent_id, idempotency_key, is_derived, provider_id, account, tool_name, digest,
    request_hash, entity, state, holder, arguments, lease_until)
  select (request ->> 'call_id')::uuid, request ->> 'agent', request ->> 'key', (request ->> 'is_derived')::boolean, t.provider_id,
    request ->> 'account', t.tool_name, t.digest, request ->> 'request_hash', request ->> 'entity', 'begun', request ->> 'holder',
    coalesce(request -> 'arguments', '{}'), clock_timestamp() + make_interval(secs => (request ->> 'lease_seconds')::integer)
  from private.served_tools t
  where t.provider_id = request ->> 'connector' and t.tool_name = request ->> 'tool' and t.digest = request ->> 'digest'
    and t.side_effecting and (request ->> 'mode' = 'admin' or request ->> 'mode' = 'write' and not t.destructive)
    and cardinality(t.armed_scopes) = 0
    and not exists (select from public.tool_calls c where c.entity = request ->> 'entity' and c.state = 'begun')
  on conflict do nothing; -- so it waits before it is in any index, and two never wait for each other
  if found then return '{"outcome": "begun"}'; end if; -- under the name that was asked for, and for the first time
  return private.judge_call(request);
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

-- What became of a call whose end is not known, or that its process may have lost: the same answer again when the same is
-- said again, and nothing from whoever lost it. Never after a look at the call's row in the same transaction: its lock would
-- still be held, and who has the lock of begin_write may be waiting for it.
create function private.settle_call(request jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  this constant uuid := request ->> 'call_id';
  ending constant text := request ->> 'outcome';
  is_known constant boolean := ending not in ('not_sent', 'unknown');
  c public.tool_calls;
  receipt public.tool_receipts;
begin
  perform private.begin_write();
  c := private.as_it_stands(this);
  if c.call_id is null then perform private.refuse(404, 'call.not_begun', format('No call %s was begun.', this)); end if;
  if c.fence is distinct from (request ->> 'fence')::integer or c.state in ('done', 'not_sent') or (c.state = 'unknown' and not is_known) then
    return jsonb_build_object('accepted', c.fence is not distinct from (request ->> 'fence')::integer, 'at', (
      select to_char(x.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from public.tool_receipts x where x.call_id = this));
  elsif not is_known then
    update public.tool_calls x set state = ending::public.call_state where x.call_id = this;
    perform private.call_event('call_' || ending, c, jsonb_strip_nulls(jsonb_build_object('code', request ->> 'code')));
    return jsonb_build_object('accepted', true, 'at', null);
  end if;
  -- It was given up, and its end is known after all; or it could not be said a moment ago.
  insert into public.tool_receipts (receipt_id, agent_id, provider_id, tool_name, digest, outcome, details, call_id, account, code, result)
  values ((request ->> 'receipt_id')::uuid, c.agent_id, c.provider_id, c.tool_name, c.digest, ending::public.call_outcome,
    coalesce(request -> 'details', '{}'), c.call_id, c.account, request ->> 'code', request -> 'result')
  returning * into receipt;
  if c.state = 'unknown' then
    update public.tool_calls x set state = 'done' where x.call_id = this;
    perform private.append_events(array[private.receipt_item(c, receipt)]);
  end if;
  return jsonb_build_object('accepted', true, 'at', to_char(receipt.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
end
$$;

-- What became of a call. The common case, a call that its process has at hand and whose end is known, waits for nobody and is
-- one statement, as in runtime_begin_call: out of the call's row, whose lock keeps the call from being taken over or given up
-- until the receipt is there for all. Where that finds no such call, the answer is {settle: true}: to be asked again with
-- `settle`, in a transaction that holds no lock of the row.
create function private.runtime_finish_call(request jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  answer jsonb;
begin
  if request ? 'settle' or request ->> 'outcome' in ('not_sent', 'unknown') then return private.settle_call(request); end if;
  insert into public.tool_receipts (receipt_id, agent_id, provider_id, tool_name, digest, outcome, details, call_id, account, code, result)
  select (request ->> 'receipt_id')::uuid, x.agent_id, x.provider_id, x.tool_name, x.digest, (request ->> 'outcome')::public.call_outcome,
    coalesce(request -> 'details', '{}'), x.call_id, x.account, request ->> 'code', request -> 'result'
  -- By its key alone: the index of the calls under way holds all of them.
  from (select * from public.tool_calls c where c.call_id = (request ->> 'call_id')::uuid offset 0 for share) x
  where x.fence = (request ->> 'fence')::integer and x.state = 'begun'
  on conflict do nothing
  returning jsonb_build_object('accepted', true, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) into answer;
  return coalesce(answer, '{"settle": true}');
end
$$;

-- Calls whose process has shown no sign of life: nobody knows how they ended, and the log says so without being asked.
create function private.runtime_settle_calls() returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  late uuid;
  n integer := 0;
begin
  if not exists (select from public.tool_calls x where x.state = 'begun' and x.lease_until < clock_timestamp()) then return '0'; end if;
  perform private.begin_write();
  for late in select x.call_id from public.tool_calls x where x.state = 'begun' and x.lease_until < clock_timestamp() loop
    if private.give_up(late) = 'unknown' then n := n + 1; end if;
  end loop;
  return to_jsonb(n);
end
$$;

-- Records of reads and refusals, many at once: [{action, actor, provider_id, digest, details}]. With an
-- empty list the log only catches up.
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
