import { UserError } from "../base/index.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const LONGEST = 50 * 365 * 86_400;
const REMEDY = "Write it as 45m, 12h or 7d.";

/** Reads a length of time such as `45m`, `12h` or `7d`; gives seconds. @throws UserError `usage.duration` */
export function seconds(text: string, option: string): number {
  const [, count, unit] = /^([1-9]\d{0,6})([smhdw])$/.exec(text) ?? [];
  const size = SECONDS[unit ?? ""];
  const length = count === undefined || size === undefined ? Number.NaN : Number(count) * size;
  if (length <= LONGEST) return length;
  if (length > LONGEST) throw new UserError("usage.duration", `${option} is longer than 50 years.`, REMEDY);
  throw new UserError("usage.duration", `${option} is no length of time.`, REMEDY);
}

/** Reads a moment: ISO 8601, or so long before `now`; gives ISO 8601 in UTC. @throws UserError `usage.duration` */
export function moment(text: string, option: string, now: number): string {
  if (/^\d+[smhdw]$/.test(text)) return new Date(now - seconds(text, option) * 1000).toISOString();
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  const written = Number.isNaN(time) ? "" : new Date(time).toISOString();
  // There is no year 0 for databases, and an offset may lead to it.
  if (/^(?!0000)\d{4}-/.test(written)) return written;
  throw new UserError(
    "usage.duration",
    `${option} is neither a moment nor a length of time.`,
    "Write it as 2026-11-21T08:00:00Z, or as 45m, 12h, 7d for so long ago.",
  );
}
