import { CODES, sha256 } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";
import { ToolFailure } from "../seams.ts";
import type { ApprovedConnectors } from "./approved.ts";

const FILE = "service.ts";

/**
 * Gives the text of `service.ts` as it was approved with a manifest: it comes from the registry, not from the folder, where
 * a draft may stand by now, and is compared with the hash that the approved digest covers.
 * @returns null where the connector has none, or the registry does not have its text
 * @throws (from calls) ToolFailure `call.changed`
 */
export function approvedService(
  runtime: Pick<RuntimeFace, "file">,
  approved: ApprovedConnectors,
): (manifest: Manifest) => Promise<string | null> {
  const texts = new Map<string, string>();
  return async ({ provider_slug: slug }) => {
    const hash = (await approved.current()).connectors.get(slug)?.files[FILE];
    if (hash === undefined) return null;
    const known = texts.get(hash);
    if (known !== undefined) return known;
    const text = await runtime.file(slug, FILE);
    if (text === null) return null;
    if (sha256(text) !== hash) {
      const message = `The service.ts of ${slug} is not the one that was approved.`;
      throw new ToolFailure("call.changed", message, CODES["call.changed"].remedy);
    }
    texts.set(hash, text);
    return text;
  };
}
