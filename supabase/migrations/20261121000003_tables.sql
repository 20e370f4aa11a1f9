-- The registry. Machine columns say what the folder says and are rewritten by every run. Human columns hold decisions
-- and are written by the review functions only. What both decide together is a generated column: nobody writes it.
-- No table here holds a time, and every key sorts by bytes: the same folders and decisions give the same rows.

create table public.connector_providers (
  -- machine
  provider_id text collate "C" primary key check (provider_id ~ '^[a-z][a-z0-9]*([-_][a-z0-9]+)*$' and length(provider_id) <= 64),
  source text collate "C" not null,
  display_name text not null,
  summary text,
  version text,
  homepage text,
  docs_url text,
  icon text,
  platform text not null,
  instructions text,
  naming_rule text not null,
  auth_mode text collate "C" references public.connector_auth_modes (auth_mode),
  auth jsonb,
  base_url text,
  utm_capabilities text[] not null,
  schemas jsonb not null,
  files jsonb not null,
  digest text collate "C" not null,
  manifest jsonb not null,
  is_gone boolean not null default false,
  -- human
  approved_digest text collate "C",
  approved_version text,
  approved_versions jsonb not null default '{}',   -- version → digest, of all that were ever approved
  rejected_digests jsonb not null default '{}',    -- digest → reason
  deprecated_digests jsonb not null default '{}',  -- digest → reason
  -- both
  platform_slug text collate "C" not null generated always as (replace(provider_id, '-', '_')) stored,
  is_approved boolean not null generated always as (approved_digest is not null) stored,
  status text collate "C" not null generated always as (
    case when is_gone then 'archived'
         when digest = approved_digest then 'approved'
         when rejected_digests ? digest then 'rejected'
         when deprecated_digests ? digest then 'deprecated'
         else 'draft' end) stored
);
-- {PLATFORM} of the vault's key names: two slugs that share it would share their secrets.
create unique index connector_providers_platform_slug on public.connector_providers (platform_slug);
create index connector_providers_source on public.connector_providers (source, provider_id);
create index connector_providers_auth_mode on public.connector_providers (auth_mode);
comment on column public.connector_providers.is_approved is 'Whether an approved revision is on record; approved_digest says which. Generated: only review functions change what it is made of.';
comment on column public.connector_providers.status is 'State of the current revision (digest): draft, approved, rejected, deprecated; archived when the folder is gone.';

create table public.connector_revisions (
  provider_id text collate "C" not null references public.connector_providers (provider_id),
  digest text collate "C" not null,
  version text,
  manifest jsonb not null,
  files jsonb not null,
  primary key (provider_id, digest)
);
comment on table public.connector_revisions is 'Contents by digest: the current one, and every one that a person has decided on. Never changed.';

create table public.connector_scope_categories (
  provider_id text collate "C" not null,
  category_name text collate "C" not null,
  category_id uuid not null generated always as (md5(provider_id || '/' || category_name)::uuid) stored,
  primary key (provider_id, category_name)
);

create table public.connector_scopes (
  provider_id text collate "C" not null,
  scope_name text collate "C" not null,
  scope_type text,
  category_id uuid,
  description text,
  source text,
  since text,
  proposed_requires_firearm boolean not null,
  proposed_firearm_type text collate "C",
  is_gone boolean not null default false,
  -- human: null means that nobody has decided, and the proposal stands until somebody does
  decided_requires_firearm boolean,
  decided_firearm_type text collate "C" references public.firearm_types (firearm_type_id),
  notes text,
  -- both
  scope_id uuid not null generated always as (md5(provider_id || '/' || scope_name)::uuid) stored,
  requires_firearm boolean not null generated always as (coalesce(decided_requires_firearm, proposed_requires_firearm)) stored,
  firearm_type_id text collate "C" generated always as (
    case when decided_requires_firearm is null then proposed_firearm_type else decided_firearm_type end) stored,
  primary key (provider_id, scope_name),
  check (decided_requires_firearm is not true or decided_firearm_type is not null)
);
create index connector_scopes_decided_firearm_type on public.connector_scopes (decided_firearm_type)
  where decided_firearm_type is not null;

create table public.connector_tools (
  provider_id text collate "C" not null,
  tool_name text collate "C" not null,
  capability text,
  title text,
  description text,
  scopes text[] not null,
  side_effecting boolean not null,
  destructive boolean not null,
  idempotent boolean not null,
  executor text,
  execution jsonb,
  input jsonb,
  output jsonb,
  tool_id uuid not null generated always as (md5(provider_id || '/' || tool_name)::uuid) stored,
  primary key (provider_id, tool_name)
);
comment on column public.connector_tools.executor is 'rest, graphql, sql, applescript, handler or steps; null blocks approval.';

create table public.connector_oauth_requirements (
  provider_id text collate "C" primary key,
  authorization_url text,
  token_url text,
  refresh_url text,
  grant_type text,
  pkce boolean,
  scopes jsonb,
  free_testing_limit text,
  authorization_links text[] not null,
  functional_summary text
);

create table public.platform_metrics (
  provider_slug text collate "C" not null,
  raw_metric_name text collate "C" not null,
  unit text,
  description text,
  is_gone boolean not null default false,
  platform_metric_id uuid not null generated always as (md5(provider_slug || '/' || raw_metric_name)::uuid) stored,
  primary key (provider_slug, raw_metric_name)
);

create table public.metric_mappings (
  provider_slug text collate "C" not null,
  raw_metric_name text collate "C" not null,
  standard_metric_slug text collate "C" not null,
  aggregation_method text collate "C" not null,
  is_gone boolean not null default false,
  -- human: what stood here when the connector was approved
  approved_standard_metric_slug text collate "C",
  approved_aggregation_method text collate "C",
  mapping_id uuid not null generated always as (md5(provider_slug || '/' || raw_metric_name)::uuid) stored,
  is_approved boolean not null generated always as (
    coalesce(approved_standard_metric_slug = standard_metric_slug
             and approved_aggregation_method = aggregation_method, false)) stored,
  primary key (provider_slug, raw_metric_name)
);

-- Human only.
create table public.kpi_mappings (
  provider_slug text collate "C" not null references public.connector_providers (provider_id),
  raw_metric_name text collate "C" not null,
  core_kpi_slug text collate "C" not null references public.core_kpis (core_kpi_slug),
  mapping_id uuid not null generated always as (md5(provider_slug || '/' || raw_metric_name)::uuid) stored,
  primary key (provider_slug, raw_metric_name)
);
create index kpi_mappings_core_kpi on public.kpi_mappings (core_kpi_slug);

create table public.utm_templates (
  provider_slug text collate "C" not null,
  content_type_slug text collate "C" not null,
  proposed_static_params jsonb not null,
  proposed_allowed_variables text[] not null,
  proposed_pattern text,
  is_gone boolean not null default false,
  -- human: a decision on a field wins over its proposal
  decided_static_params jsonb,
  decided_allowed_variables text[],
  decided_pattern text,
  -- human: what stood here when the connector was approved
  approved boolean not null default false,
  approved_static_params jsonb,
  approved_allowed_variables text[],
  approved_pattern text,
  template_id uuid not null generated always as (md5(provider_slug || '/' || content_type_slug)::uuid) stored,
  static_params jsonb not null generated always as (coalesce(decided_static_params, proposed_static_params)) stored,
  allowed_variables text[] not null generated always as (coalesce(decided_allowed_variables, proposed_allowed_variables)) stored,
  pattern_structure text generated always as (coalesce(decided_pattern, proposed_pattern)) stored,
  is_approved boolean not null generated always as (
    approved
    and approved_static_params = coalesce(decided_static_params, proposed_static_params)
    and approved_allowed_variables = coalesce(decided_allowed_variables, proposed_allowed_variables)
    and approved_pattern is not distinct from coalesce(decided_pattern, proposed_pattern)) stored,
  primary key (provider_slug, content_type_slug)
);

create table public.budget_metrics (
  provider_slug text collate "C" not null,
  budget_name text collate "C" not null,
  description text,
  is_gone boolean not null default false,
  budget_metric_id uuid not null generated always as (md5(provider_slug || '/' || budget_name)::uuid) stored,
  primary key (provider_slug, budget_name)
);

-- Human only.
create table public.budget_mappings (
  provider_slug text collate "C" not null references public.connector_providers (provider_id),
  budget_name text collate "C" not null,
  standard_metric_slug text collate "C" not null references public.generic_metrics (metric_slug),
  mapping_id uuid not null generated always as (md5(provider_slug || '/' || budget_name)::uuid) stored,
  primary key (provider_slug, budget_name)
);
create index budget_mappings_metric on public.budget_mappings (standard_metric_slug);

-- Human only.
create table public.connector_dev_accounts (
  provider_id text collate "C" not null references public.connector_providers (provider_id),
  system_dev_username text collate "C" not null,
  vault_key_hint text not null,
  tenant_owned_keys boolean not null default false,
  secondary_information jsonb not null default '{}',
  primary key (provider_id, system_dev_username)
);

-- Human only; used_count is the runtime's.
create table public.agent_firearms_grants (
  grant_id uuid primary key default gen_random_uuid(),
  agent_id text collate "C" not null,
  firearm_type_id text collate "C" not null references public.firearm_types (firearm_type_id),
  granted_by text not null,
  expires_at timestamptz,
  max_uses integer check (max_uses > 0),
  used_count integer not null default 0,
  revoked_at timestamptz
);
create index agent_firearms_grants_agent on public.agent_firearms_grants (agent_id);
create index agent_firearms_grants_type on public.agent_firearms_grants (firearm_type_id);

create table public.vault_secrets (
  key_name text collate "C" primary key check (key_name ~ '^[A-Z][A-Z0-9_]*$'),
  ciphertext bytea not null,
  key_id text not null
);

create table public.tool_receipts (
  receipt_id uuid primary key, -- of version 7: what is written after one another lies beside one another
  at timestamptz not null default clock_timestamp(),
  agent_id text not null,
  provider_id text collate "C" not null,
  tool_name text collate "C" not null,
  digest text collate "C" not null,
  outcome text not null,
  details jsonb not null default '{}'
);

-- The activity log: a chain, in which each hash covers the one before.
create table public.sentinel_events (
  event_id bigint primary key,
  at timestamptz not null,
  actor text not null,
  face text not null check (face in ('machine', 'human', 'runtime')),
  action text not null,
  source text,
  provider_id text collate "C",
  digest text collate "C",
  details jsonb not null,
  prev_hash text not null,
  hash text not null
);
create index sentinel_events_provider on public.sentinel_events (provider_id, event_id);

-- Its end: one row, whose lock makes every writing call wait for the one before it.
create table private.event_head (
  is_end boolean primary key check (is_end),
  event_id bigint not null,
  hash text not null
);
insert into private.event_head values (true, 0, repeat('0', 64));

create table public.sentinel_leases (
  source text collate "C" primary key,
  token bigint not null,
  holder text not null,
  expires_at timestamptz not null
);

-- Few rows wait for their return, and each change of a connector asks whether some of its own do.
create index connector_scopes_gone on public.connector_scopes (provider_id) where is_gone;
create index platform_metrics_gone on public.platform_metrics (provider_slug) where is_gone;
create index budget_metrics_gone on public.budget_metrics (provider_slug) where is_gone;
create index utm_templates_gone on public.utm_templates (provider_slug) where is_gone;

-- Contents are written once and read seldom; the default compression would cost more than all the rest of a row.
do $$
begin
  alter table public.connector_providers alter column manifest set compression lz4, alter column schemas set compression lz4;
  alter table public.connector_revisions alter column manifest set compression lz4;
  alter table public.connector_tools alter column execution set compression lz4, alter column input set compression lz4,
    alter column output set compression lz4;
exception when feature_not_supported then null; -- PGlite and some builds have the default only
end
$$;

insert into private.sentinel_migrations values ('20261121000003_tables');
