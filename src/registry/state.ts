import { createHash } from "node:crypto";
import { byCodeUnit } from "../base/index.ts";

/**
 * The state of a source as `sentinel_fingerprints` gives it: SHA-256 over the lines `slug digest` of its connectors that
 * are not archived, sorted by bytes. The same connectors in any order give the same value.
 */
export function sourceState(connectors: Iterable<{ slug: string; digest: string }>): string {
  const hash = createHash("sha256");
  for (const { slug, digest } of [...connectors].sort((a, b) => byCodeUnit(a.slug, b.slug))) {
    hash.update(`${slug} ${digest}\n`);
  }
  return hash.digest("hex");
}
