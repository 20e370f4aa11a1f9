/** How often a request is sent at most. */
const MAX_TRIES = 3;
/** The longest time that one call waits because a provider asks for it. */
const MAX_WAIT_MS = 20_000;

/**
 * Whether a request may be sent again: `always`, or only when the provider itself says when (`told`), as it is for a write
 * with an idempotency key, which not every provider looks at.
 */
export type Repeatable = "always" | "told" | "never";

/**
 * How long to wait before a request is sent again, in milliseconds; null when it is not. Retry-After is seconds or a
 * date (RFC 9110, 10.2.3); without it the wait doubles, from half a second.
 * @param tries how often it was sent already
 * @param left milliseconds that the call has left
 */
export function waitBefore(
  { status, headers }: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  repeatable: Repeatable,
  tries: number,
  now: number,
  left: number,
): number | null {
  if ((status !== 429 && status !== 503) || tries >= MAX_TRIES || repeatable === "never") return null;
  const asked = askedWait(headers["retry-after"] ?? null, now);
  if (asked === null && repeatable === "told") return null;
  const wait = asked ?? 500 * 2 ** (tries - 1);
  return wait <= Math.min(MAX_WAIT_MS, left) ? wait : null;
}

/** The wait that a Retry-After asks for, in milliseconds; null when it says nothing that can be read. */
export function askedWait(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null;
  if (/^\s*[0-9]{1,9}\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
