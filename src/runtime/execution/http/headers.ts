import { failure, shown } from "../failure.ts";

/** Belongs to the connection or its framing (RFC 9110, 7.6.1; RFC 9112), or carries credentials. */
const RESERVED =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|http2-settings|accept-encoding|cookie2?|set-cookie2?|authorization|(?:proxy|sec)-.*|:.*)$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** RFC 9110, 5.5: visible characters, spaces and tabs; what is no ASCII is opaque. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const MAX_VALUE = 8192;

/**
 * Checks one header field that a manifest, its templates or a function of `service.ts` wants to send.
 * @param credentials names (small letters) under which credentials are sent
 * @throws ToolFailure `firewall.header`, `input.bad_value`
 */
export function checkHeader(name: string, value: string, credentials: ReadonlySet<string>): void {
  const key = name.toLowerCase();
  if (!NAME.test(name)) throw failure("firewall.header", `${shown(name)} can't be the name of a header.`);
  if (RESERVED.test(key) || credentials.has(key)) {
    throw failure("firewall.header", `The header ${name} is not for a connector to set.`);
  }
  checkHeaderValue(name, value);
}

/** @throws ToolFailure `input.bad_value` for line breaks, control characters, what is no Latin-1, and what is too long */
export function checkHeaderValue(name: string, value: string): void {
  const fault = headerFault(value);
  if (fault !== null) throw failure("input.bad_value", `The header ${name} would ${fault}.`);
}

/** What a header with this value would do that none may, after "would"; null where there is nothing. */
export function headerFault(value: string): string | null {
  if (value.length > MAX_VALUE) return `have more than ${MAX_VALUE} characters`;
  return VALUE.test(value) ? null : "hold a character that no header may have";
}
