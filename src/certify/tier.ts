import type { Manifest } from "../manifest/index.ts";
import type { ReviewTier } from "./types.ts";

/** Verbs of capabilities that add something and leave what exists as it is. */
const ADDS =
  /^(?:add|append|attach|book|comment|create|draft|insert|invite|log|note|open|post|publish|record|register|reply|schedule|send|share|submit|subscribe|upload)(?:_|$)/;

/**
 * How thorough a review the tools ask for: the tier of the one that does most. A write is bounded where it only adds
 * something; it is a business mutation where it changes what exists, or uses a scope for which a firearm is proposed.
 */
export function reviewTier({ tools, scopes }: Manifest): ReviewTier {
  const writes = tools.filter((tool) => tool.side_effecting);
  if (writes.some((tool) => tool.destructive)) return "destructive";
  const guarded = new Set(scopes.filter((scope) => scope.requires_firearm).map(({ name }) => name));
  const mutates = writes.some(
    (tool) =>
      !ADDS.test(tool.capability?.split(".")[1] ?? tool.name) ||
      tool.scopes.some((scope) => guarded.has(scope)),
  );
  if (mutates) return "business mutation";
  return writes.length > 0 ? "bounded write" : "read-heavy";
}
