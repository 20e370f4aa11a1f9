import { randomUUID } from "node:crypto";

const latest = { time: 0, count: 0 };

/**
 * A new UUID of version 7 (RFC 9562): ids of records lie in the order of their making, and so beside each other in an index.
 * Those of one process do within a millisecond too, by a counter in the twelve bits behind the time (its section 6.2, method 1):
 * what happens within one tick of a database's clock has an order by them.
 */
export function orderedId(): string {
  const now = Date.now();
  if (now > latest.time) Object.assign(latest, { time: now, count: 0 });
  else if (latest.count < 0xfff) latest.count += 1;
  else Object.assign(latest, { time: latest.time + 1, count: 0 });
  const time = latest.time.toString(16).padStart(12, "0");
  const count = latest.count.toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}${randomUUID().slice(18)}`;
}
