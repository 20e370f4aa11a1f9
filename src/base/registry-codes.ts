import type { CodeMeaning } from "./codes.ts";

/** The codes of what the registry says no to, and of what can be wrong with it. */
export const REGISTRY_CODES = {
  "registry.slug_taken": {
    severity: "error",
    meaning: "The slug is registered by another source.",
    remedy: "Rename the folder and its provider_slug, or remove the connector from the other source.",
  },
  "registry.vault_prefix_taken": {
    severity: "error",
    meaning:
      "A registered connector has the same vault prefix, because the slugs differ only in `-` and `_`.",
    remedy: "Rename the folder and its provider_slug.",
  },
  "registry.version_immutable": {
    severity: "error",
    meaning: "The version was approved with other content, and an approved version never changes.",
    remedy: "Give the new content a new version.",
  },
  "registry.digest_mismatch": {
    severity: "error",
    meaning: "The digest is not that of the content that it came with.",
    remedy: "Register with the sentinel itself; if it was the sentinel, report it with the manifest.",
  },
  "registry.lease_held": {
    severity: "error",
    meaning: "Another process is writing for the same source.",
    remedy: "Let it finish or stop it; two trees of connectors need two source names (--source).",
  },
  "registry.lease_lost": {
    severity: "error",
    meaning: "Another process took over while this one was paused; nothing was changed.",
    remedy: "Run again.",
  },
  "registry.archive_limit": {
    severity: "error",
    meaning: "More connectors would be archived than is allowed; nothing was changed.",
    remedy: "Bring the folders back, or pass --allow-archive with the number of connectors that may go.",
  },
  "registry.not_admin": {
    severity: "error",
    meaning: "Only a person with the admin role may do this.",
    remedy: "Sign in as an admin; on a database URL, use a login that may act as `authenticated`.",
  },
  "registry.forbidden": {
    severity: "error",
    meaning: "The database does not let this login do that.",
    remedy: "Grant the login the role of its face: sentinel_writer, or authenticated for people's decisions.",
  },
  "registry.unknown_provider": {
    severity: "error",
    meaning: "No connector of that name is registered.",
    remedy: "List the registered ones with `sentinel status`.",
  },
  "registry.unknown_scope": {
    severity: "error",
    meaning: "The connector has no scope of that name.",
    remedy: "List them with `sentinel show <slug>`.",
  },
  "registry.unknown_metric": {
    severity: "error",
    meaning: "The connector has no metric of that name.",
    remedy: "List them with `sentinel show <slug>`.",
  },
  "registry.unknown_kpi": {
    severity: "error",
    meaning: "There is no core KPI of that name.",
    remedy: "Use one of profit_after_costs, mer, growth_yoy, discount_rate, returns_rate, aoa.",
  },
  "registry.unknown_firearm_type": {
    severity: "error",
    meaning: "There is no firearm type of that name.",
    remedy: "Use financial, communication, system or one of the licences within them.",
  },
  "registry.firearm_untyped": {
    severity: "error",
    meaning: "A scope that requires a firearm needs its type.",
    remedy: "Name a firearm type, or decide that no firearm is required.",
  },
  "registry.archived": {
    severity: "error",
    meaning: "The connector's folder is gone, so there is nothing to decide on.",
    remedy: "Bring the folder back and run the sentinel.",
  },
  "registry.stale_digest": {
    severity: "error",
    meaning: "The connector has changed since it was looked at.",
    remedy: "Look at the current content, then decide on its digest.",
  },
  "registry.blocked": {
    severity: "error",
    meaning: "Something is left to decide before the connector can be approved.",
    remedy: "Map the metrics and type the firearms that are listed.",
  },
  "registry.is_approved": {
    severity: "error",
    meaning: "The content is approved and serving, so it can't be rejected.",
    remedy: "Deprecate it instead.",
  },
  "registry.not_approved": {
    severity: "error",
    meaning: "Nothing of the connector is approved.",
    remedy: "Only what was approved can be deprecated; reject a draft instead.",
  },
  "registry.reason_missing": {
    severity: "error",
    meaning: "The decision needs a reason.",
    remedy: "Say why, for the record.",
  },
  "registry.locked": {
    severity: "error",
    meaning: "Another process has the embedded registry open.",
    remedy: "Let it finish or stop it; for several processes at a time use PostgreSQL (--database-url).",
  },
  "registry.unwritable": {
    severity: "error",
    meaning: "The embedded registry's folder can't be created or written.",
    remedy: "Mend what the message names (space, permissions), or name another folder with --registry.",
  },
  "registry.damaged": {
    severity: "error",
    meaning: "The embedded registry can't be opened.",
    remedy: "Restore its folder from a backup, or move it away: a run registers everything anew, as drafts.",
  },
  "registry.unavailable": {
    severity: "error",
    meaning: "The registry can't be reached, or its answer was lost.",
    remedy: "Check that the database runs and can be reached, then run again.",
  },
  "registry.bad_url": {
    severity: "error",
    meaning: "The registry's URL is not one.",
    remedy: "Write postgres://user@host:port/database, or https://… for Supabase.",
  },
  "registry.login_failed": {
    severity: "error",
    meaning: "The database does not accept the login.",
    remedy: "Check the user, the password and the database's name in the URL.",
  },
  "registry.not_migrated": {
    severity: "error",
    meaning: "The database has no registry, or an older one.",
    remedy: "Run `sentinel migrate` (on Supabase: `supabase db push`).",
  },
  "registry.too_new": {
    severity: "error",
    meaning: "The registry was set up by a newer version of the sentinel.",
    remedy: "Update connector-sentinel.",
  },
} as const satisfies Record<string, CodeMeaning>;
