import { sha256 } from "../base/index.ts";

/**
 * The state of a source as `sentinel_fingerprints` gives it: SHA-256 over the lines `slug digest` of its connectors that
 * are not archived, sorted by bytes. The same connectors in any order give the same value.
 */
export function sourceState(connectors: Iterable<{ slug: string; digest: string }>): string {
  // A space comes before every character of a slug, so lines sort as their slugs do.
  const lines = Array.from(connectors, ({ slug, digest }) => `${slug} ${digest}\n`);
  return sha256(lines.sort().join(""));
}
