/** What stands in a log where a secret stood. */
const REDACTED = "[redacted]";

/** Names of fields whose text is a secret whatever it looks like; matched in any case, anywhere in the name. */
const SECRET_NAME =
  /passw(or)?d|passphrase|secret|api[-_]?key|private[-_]?key|access[-_]?key|authorization|cookie|credential|(access|auth|refresh|id|session|bearer|bot)[-_]?token|^token$/i;

/** Shapes of tokens that providers hand out, of credentials in URLs and headers, and of private keys. */
const SECRET_SHAPES = [
  /\bgh[opsur]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bxox[abceoprs]-[\w-]{10,}/g,
  /\bxapp-[\w-]{10,}/g,
  /\b[prs]k_(?:live|test)_\w{10,}/g,
  /\bwhsec_[\w+/=]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\bya29\.[\w-]{10,}/g,
  /\bshp(?:at|ca|pa|ss|tka)_[A-Za-z0-9]{16,}/g,
  /\blin_(?:api|oauth)_[A-Za-z0-9]{16,}/g,
  /\bnpm_[A-Za-z0-9]{20,}/g,
  /\bglpat-[\w-]{16,}/g,
  /\bsb_secret_[\w-]{10,}/g,
  /\bsbp_[A-Za-z0-9]{20,}/g,
  /\bsk-[\w-]{20,}/g,
  /\beyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]*/g,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
];
/** These keep what stands before the secret, so that a reader still sees which address or scheme it was. */
const SECRET_AFTER = [
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]*:)[^\s@/]+(?=@)/gi,
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
];

/** Shorter values are no secrets, and replacing them would tear ordinary words apart. */
const SHORTEST = 4;

/** Characters of all that one regular expression looks for: an engine refuses those that are much longer. */
const LONGEST_PATTERN = 1000;

const known = new Set<string>();
/** Those that are too long for a pattern, in small letters. */
const knownLong = new Set<string>();
let knownPattern: RegExp | null = null;

/**
 * Makes a value unprintable: from now on `scrub` removes it, and its URL-encoded and base64 forms, wherever it stands.
 * For values that are secret by origin, not by look: a database password, a service key. Under 4 characters: ignored.
 */
export function registerSecret(value: string): void {
  if (value.length < SHORTEST || known.has(value)) return;
  for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString("base64")])
    if (form.length > LONGEST_PATTERN) knownLong.add(form.toLowerCase());
    else known.add(form);
  // Longest first: one secret may hold another.
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  knownPattern = known.size === 0 ? null : new RegExp(longestFirst.map(literally).join("|"), "gi");
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** The text without registered secrets (in any case) and without anything that has the shape of one. */
export function scrubText(text: string): string {
  let clean = text;
  for (const long of knownLong) clean = without(clean, long);
  if (knownPattern) clean = clean.replace(knownPattern, REDACTED);
  for (const shape of SECRET_SHAPES) clean = clean.replace(shape, REDACTED);
  for (const shape of SECRET_AFTER) clean = clean.replace(shape, `$1${REDACTED}`);
  return clean;
}

function without(text: string, long: string): string {
  if (text.length < long.length) return text;
  const lower = text.toLowerCase();
  let clean = "";
  let from = 0;
  for (let at = lower.indexOf(long); at >= 0; at = lower.indexOf(long, from)) {
    clean += text.slice(from, at) + REDACTED;
    from = at + long.length;
  }
  return clean + text.slice(from);
}

/** A copy of plain data (as JSON gives it) with every string in it scrubbed, keys too, and secrets by field name gone. */
export function scrub(value: unknown): unknown {
  if (typeof value === "string") return scrubText(value);
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      scrubText(name),
      SECRET_NAME.test(name) ? hide(inner) : scrub(inner),
    ]),
  );
}

/** Under a secret's name every text goes, however deep; numbers, true and false say nothing worth hiding. */
function hide(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "" : REDACTED;
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [scrubText(name), hide(inner)]));
}
