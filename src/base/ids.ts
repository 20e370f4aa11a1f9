import { randomUUID } from "node:crypto";

/** A new UUID of version 7 (RFC 9562): ids of records lie in the order of their making, and so beside each other in an index. */
export function orderedId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
