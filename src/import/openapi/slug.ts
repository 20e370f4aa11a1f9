import { nameProblem } from "../../manifest/index.ts";
import { withinLength, wordSet, wordsOf } from "../names.ts";

/** Words of a title that say what every description is. */
const NO_NAME = wordSet(`
  api apis rest restful openapi swagger specification spec documentation
`);
const VERSION = /^v?\d+$/;

/** A provider_slug for a document that nobody has named: from its title, else from the host of its server. */
export function slugOf(title: string | null, server: string): string {
  const host = /^https:\/\/([^/{}:]+)/.exec(server)?.[1] ?? "";
  // `api.eu.example.co.uk` has its name before the last parts, which are short.
  const labels = host
    .split(".")
    .slice(0, -1)
    .filter((label) => label.length > 3 && !NO_NAME.has(label));
  for (const words of [wordsOf(title ?? ""), wordsOf(labels.at(-1) ?? "")]) {
    const telling = words.filter((word) => !NO_NAME.has(word) && !VERSION.test(word));
    const slug = withinLength(telling.join("_"), 40, telling.join("_")).replaceAll("_", "-");
    if (slug !== "" && nameProblem(slug) === null) return slug;
  }
  return "imported-api";
}

/** A display name where a document has no title: "tiktok-ads" is "Tiktok Ads". */
export function nameOf(slug: string): string {
  return slug
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
