import type { JsonObject } from "../../base/index.ts";
import type { Change, ProviderDetail } from "../../registry/index.ts";
import { shellWord } from "../shell.ts";
import { changeLines } from "./changes.ts";
import { cell, isTrue, rowsAt } from "./fields.ts";
import { stateOf } from "./status.ts";
import { clean, columns, count, type Paint, shorten } from "./text.ts";

const LONGEST_TEXT = 60;

/** What a person decides about: state, scopes, metrics, tools, blockers and how to clear them. */
export function prettyReview(detail: ProviderDetail, colour: Paint): string {
  return [
    ...heading(detail, colour),
    ...scopeLines(detail, colour),
    ...metricLines(detail, colour),
    ...toolLines(detail, colour),
    ...blockerLines(detail, colour),
  ].join("\n");
}

/** Who it is, in which state, and what is served now. */
export function heading(detail: ProviderDetail, colour: Paint): string[] {
  const { provider_slug, display_name, version, digest, approved_digest, source } = detail;
  const lines = [
    `${colour.bold(clean(display_name))} (${clean(provider_slug)})${version === null ? "" : `, version ${clean(version)}`}`,
    `  state    ${clean(stateOf(detail))}${reasonOf(detail)}`,
    `  digest   ${clean(digest)}`,
    `  served   ${served(approved_digest, digest)}`,
    `  source   ${clean(source)}`,
  ];
  return lines;
}

function reasonOf({ reason }: JsonObject): string {
  return typeof reason === "string" ? `: ${clean(reason)}` : "";
}

function served(approved: string | null, digest: string): string {
  if (approved === null) return "nothing, as nobody has approved it";
  return approved === digest ? "this content" : `${clean(approved)} (an older revision)`;
}

/** Proposal and decision of every scope; those that the manifest no longer has are kept for their decision. */
export function scopeLines(detail: ProviderDetail, colour: Paint): string[] {
  const rows = detail.scopes.map((row) => [
    cell(row, "scope_name"),
    firearm(row, "proposed_requires_firearm", "proposed_firearm_type"),
    isTrue(row, "is_decided") ? firearm(row, "requires_firearm", "firearm_type_id") : "nobody has decided",
    isTrue(row, "is_gone") ? "gone from the manifest" : shorten(cell(row, "description"), LONGEST_TEXT),
  ]);
  return section("scopes", ["scope", "proposed firearm", "decided firearm", "description"], rows, colour);
}

function firearm(row: JsonObject, required: string, type: string): string {
  if (!isTrue(row, required)) return "none";
  const name = cell(row, type);
  return name === "-" ? "required, no type" : name;
}

/** Every metric and where it leads. */
export function metricLines(detail: ProviderDetail, colour: Paint): string[] {
  const rows = detail.metrics.map((row) => [
    cell(row, "raw_metric_name"),
    cell(row, "standard_metric_slug"),
    cell(row, "aggregation_method"),
    cell(row, "core_kpi_slug") === "-" ? "not mapped" : cell(row, "core_kpi_slug"),
    isTrue(row, "is_gone") ? "gone from the manifest" : shorten(cell(row, "description"), LONGEST_TEXT),
  ]);
  const head = ["metric", "standard metric", "aggregation", "core KPI", "description"];
  return section("metrics", head, rows, colour);
}

function toolLines(detail: ProviderDetail, colour: Paint): string[] {
  const rows = detail.tools.map((row) => [
    cell(row, "tool_name"),
    cell(row, "capability"),
    effects(row),
    // A tool without an executor is only declared: it blocks an approval, and nothing can call it.
    cell(row, "executor") === "-" ? "nothing yet" : cell(row, "executor"),
    cell(row, "scopes"),
  ]);
  return section("tools", ["tool", "capability", "effects", "done by", "scopes"], rows, colour);
}

function effects(row: JsonObject): string {
  if (isTrue(row, "destructive")) return "destroys";
  return isTrue(row, "side_effecting") ? "changes" : "reads";
}

/** What still blocks an approval, each with the command that clears it. */
export function blockerLines(detail: ProviderDetail, colour: Paint): string[] {
  const { provider_slug, blockers, status } = detail;
  if (status === "approved" || status === "archived") return [];
  const slug = shellWord(clean(provider_slug));
  if (blockers.length === 0) {
    const digest = clean(detail.digest);
    return [
      "",
      colour.green("Nothing blocks an approval:"),
      `  sentinel review approve ${slug} --digest ${digest}`,
    ];
  }
  const lines = blockers.flatMap((one) => [
    `  ${colour.red("!")} ${clean(cell(one, "message"))}`,
    `      ${remedy(slug, cell(one, "code"), shellWord(clean(cell(one, "key"))))}`,
  ]);
  return ["", `${count(blockers.length, "blocker")} before it can be approved:`, ...lines];
}

function remedy(slug: string, code: string, key: string): string {
  switch (code) {
    case "metric_unmapped":
      return `sentinel review kpis map ${slug} ${key} <core-kpi>`;
    case "firearm_untyped":
      return `sentinel review firearms ${slug} ${key} --type <type>   (or --none)`;
    default:
      return "say it in manifest.yaml, then: sentinel run";
  }
}

/** The differences between what is served and what waits. */
export function differenceLines(
  changes: readonly Change[],
  approved: string | null,
  colour: Paint,
): string[] {
  if (changes.length === 0) return ["The current content is what is approved."];
  const against =
    approved === null ? "Nothing is approved yet; all of it would be new:" : "Against what is served:";
  return [against, ...changeLines(changes, colour).map((line) => `  ${line}`)];
}

/** What a person may choose firearms from. */
export function firearmTypeLines(vocabulary: JsonObject, colour: Paint): string[] {
  const rows = rowsAt(vocabulary, "firearm_types").map((row) => [
    cell(row, "firearm_type_id"),
    cell(row, "description"),
  ]);
  return section("firearm types", ["type", "description"], rows, colour);
}

/** What metrics may lead to. */
export function coreKpiLines(vocabulary: JsonObject, colour: Paint): string[] {
  const rows = rowsAt(vocabulary, "core_kpis").map((row) => [
    cell(row, "core_kpi_slug"),
    cell(row, "calculation_logic"),
    cell(row, "description"),
  ]);
  return section("core KPIs", ["core KPI", "calculation", "description"], rows, colour);
}

function section(
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colour: Paint,
): string[] {
  if (rows.length === 0) return [];
  return [
    "",
    colour.bold(`${rows.length} ${rows.length === 1 ? name.replace(/s$/, "") : name}`),
    ...columns(head, rows, colour),
  ];
}
