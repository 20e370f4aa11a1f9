import { stringify } from "yaml";
import type { JsonObject } from "../../base/index.ts";
import type { Change, ProviderDetail } from "../../registry/index.ts";
import { blockerLines, differenceLines, heading, metricLines, scopeLines } from "./review.ts";
import { cleanLines, type Paint } from "./text.ts";

/** What `show` says: state, decisions, what waits and how it differs, and the whole declaration. */
export function prettyShow(detail: ProviderDetail, differences: readonly Change[], colour: Paint): string {
  const waiting =
    differences.length === 0 ? [] : ["", ...differenceLines(differences, detail.approved_digest, colour)];
  return [
    ...heading(detail, colour),
    ...waiting,
    ...scopeLines(detail, colour),
    ...metricLines(detail, colour),
    ...blockerLines(detail, colour),
    "",
    colour.bold("declaration"),
    ...declaration(detail.manifest).map((line) => `  ${line}`),
  ].join("\n");
}

/** Every field that the manifest fills, defaults included. */
function declaration(manifest: JsonObject): string[] {
  const filled = Object.fromEntries(Object.entries(manifest).filter(([, value]) => !isEmpty(value)));
  return cleanLines(stringify(filled, { lineWidth: 0 }).trimEnd()).split("\n");
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
