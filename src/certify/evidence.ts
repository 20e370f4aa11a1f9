import type { Evidence, Gate } from "./types.ts";

/** Names that are listed of many. */
const SHOWN = 8;

/** What is found of anything while the manifest, or what stands beside it, is not valid. */
export const NOT_YET = "it can be told once check finds no error";

/** Evidence that something is as it has to be. */
export function passed(check: string, found: string): Evidence {
  return { check, status: "passed", found, hint: null };
}

/** Evidence that has to come from elsewhere. */
export function pending(check: string, found: string): Evidence {
  return { check, status: "pending", found, hint: null };
}

/** Evidence that something is not as it has to be, and what to do about it. */
export function failed(check: string, found: string, hint: string): Evidence {
  return { check, status: "failed", found, hint };
}

/** A gate, with the worst status of its evidence. */
export function gate(name: Gate["gate"], evidence: readonly Evidence[]): Gate {
  const has = (status: Evidence["status"]): boolean => evidence.some((one) => one.status === status);
  return { gate: name, status: has("failed") ? "failed" : has("pending") ? "pending" : "passed", evidence };
}

/** "3 tools: a, b, c", the first few of many. */
export function listed(names: readonly string[], noun: string, plural = `${noun}s`): string {
  const count = `${names.length} ${names.length === 1 ? noun : plural}`;
  if (names.length === 0) return count;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `${count}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}
