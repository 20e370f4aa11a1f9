import type { ProviderBrief } from "../../registry/index.ts";
import type { SeenStatus } from "../../watch/index.ts";
import { clean, columns, count, type Paint } from "./text.ts";

/** How many digits of a digest tell contents apart for a reader. */
const SHORT = 12;

/** A digest as tables show it. */
function shortDigest(digest: string): string {
  return clean(digest.slice(0, SHORT));
}

/** A provider's state, with what is served meanwhile. */
export function stateOf(one: Pick<ProviderBrief, "status" | "digest" | "approved_digest">): string {
  const older = one.approved_digest !== null && one.approved_digest !== one.digest;
  return older && one.status !== "archived" ? `${one.status}, an older revision is served` : one.status;
}

/** The table of connectors; empty text where there are none. */
export function briefTable(connectors: readonly ProviderBrief[], colour: Paint): string {
  const head = [
    "connector",
    "version",
    "scopes",
    "tools",
    "metrics",
    "to decide",
    "source",
    "digest",
    "state",
  ];
  const rows = connectors.map((one) => [
    one.provider_slug,
    one.version ?? "-",
    String(one.scopes),
    String(one.tools),
    String(one.metrics),
    String(one.blockers),
    one.source,
    shortDigest(one.digest),
    stateOf(one),
  ]);
  return columns(head, rows, colour).join("\n");
}

/** What `status` says. */
export function prettyStatus(
  connectors: readonly ProviderBrief[],
  watch: SeenStatus | null,
  colour: Paint,
): string {
  if (connectors.length === 0) {
    return ["Nothing is registered yet. Next: sentinel run", ...watchLines(watch, colour)].join("\n");
  }
  const waiting = connectors.filter(({ status }) => status === "draft").length;
  const told =
    waiting === 0
      ? "no draft waits."
      : `${count(waiting, "draft")} ${waiting === 1 ? "waits" : "wait"} for a person. Next: sentinel review list`;
  return [
    briefTable(connectors, colour),
    "",
    `${count(connectors.length, "connector")} registered, ${told}`,
    ...watchLines(watch, colour),
  ].join("\n");
}

function watchLines(watch: SeenStatus | null, colour: Paint): string[] {
  if (watch === null) return [];
  const daemon = `The daemon (process ${watch.pid})`;
  if (!watch.running) return [colour.yellow(`${daemon} ended without stopping properly.`)];
  const how =
    watch.polling_because === null ? watch.mode : `polling, because ${clean(watch.polling_because)}`;
  const health = watch.health_url === null ? "" : ` Its health: ${clean(watch.health_url)}`;
  const state = watch.ready ? "is ready" : `is not ready: ${watch.reasons.map(clean).join("; ")}`;
  return [`${daemon} ${state} (${how}).${health}`];
}
