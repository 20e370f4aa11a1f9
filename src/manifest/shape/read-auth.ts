import type { ZodType } from "zod";
import type { Finding, Path } from "../finding.ts";
import { AUTH_KINDS, type AuthKind, authShapes, oauth2WithList, type RawAuth } from "./auth.ts";
import { type Checked, checkShape, didYouMean, show } from "./check.ts";

const AT: Path = ["auth"];

/**
 * Reads `auth` in any of its spellings: `bearer`, `{type: bearer}`, `{bearer: {…}}`; `whoami` may stand inside the kind
 * or beside it.
 */
export function readAuth(raw: unknown): Checked<RawAuth> {
  if (typeof raw === "string") return ofKind(raw, {}, AT);
  if (!isMap(raw)) {
    const message = `auth wants the kind of credential, not ${show(raw)}.`;
    return {
      value: null,
      findings: [{ code: "manifest.wrong_type", path: AT, at: "value", message, hint: kinds() }],
    };
  }
  if (Object.hasOwn(raw, "type")) {
    const { type, ...body } = raw;
    if (typeof type === "string") return ofKind(type, body, AT, ["auth", "type"]);
    const message = `auth.type wants the kind of credential, not ${show(type)}.`;
    const path = ["auth", "type"];
    return {
      value: null,
      findings: [{ code: "manifest.wrong_type", path, at: "value", message, hint: kinds() }],
    };
  }
  return byKey(raw);
}

/** `{api_key: {…}}`, with `whoami` inside or beside. */
function byKey(raw: Record<string, unknown>): Checked<RawAuth> {
  const keys = Object.keys(raw).filter((key) => key !== "whoami");
  const kind = keys[0];
  if (kind === undefined || keys.length > 1) {
    const message = kind === undefined ? "auth does not say its kind." : "auth names more than one kind.";
    return {
      value: null,
      findings: [{ code: "manifest.missing_key", path: AT, at: "value", message, hint: kinds() }],
    };
  }
  const given = raw[kind];
  const body = given === null ? {} : given;
  if (!isMap(body) && AUTH_KINDS.some((known) => known === kind)) {
    // The value is not shown: `api_key: …` most likely holds the credential itself.
    const path = ["auth", kind];
    const message = `auth.${kind} wants a map, not a value.`;
    const hint = `Write a map of its fields; ${kind}: {} has none.`;
    return { value: null, findings: [{ code: "manifest.wrong_type", path, at: "value", message, hint }] };
  }
  if (!isMap(body)) return ofKind(kind, {}, ["auth", kind], ["auth", kind], "key");
  if (!Object.hasOwn(raw, "whoami")) return ofKind(kind, body, ["auth", kind], ["auth", kind], "key");
  const checked = ofKind(kind, { ...body, whoami: raw.whoami }, ["auth", kind], ["auth", kind], "key");
  // What is wrong in a whoami that stands beside its kind is found where it stands.
  const findings = checked.findings.map((finding) =>
    finding.path[2] === "whoami" ? { ...finding, path: ["auth", ...finding.path.slice(2)] } : finding,
  );
  return { value: checked.value, findings };
}

function ofKind(
  kind: string,
  body: Record<string, unknown>,
  at: Path,
  kindAt: Path = at,
  side: "key" | "value" = "value",
): Checked<RawAuth> {
  switch (kind) {
    case "none":
      return check(kind, authShapes.none, body, at);
    case "api_key":
      return check(kind, authShapes.api_key, body, at);
    case "bearer":
      return check(kind, authShapes.bearer, body, at);
    case "basic":
      return check(kind, authShapes.basic, body, at);
    case "oauth2":
      return Array.isArray(body.scopes)
        ? check(kind, oauth2WithList, body, at)
        : check(kind, authShapes.oauth2, body, at);
    case "keys":
      return check(kind, authShapes.keys, body, at);
    case "local_path":
      return check(kind, authShapes.local_path, body, at);
    default:
      return { value: null, findings: [unknownKind(kind, kindAt, side)] };
  }
}

function check<K extends AuthKind, B>(
  kind: K,
  shape: ZodType<B>,
  body: Record<string, unknown>,
  at: Path,
): { value: { kind: K; body: B } | null; findings: Finding[] } {
  const { value, findings } = checkShape(shape, body, at);
  return { value: value === null ? null : { kind, body: value }, findings };
}

function unknownKind(kind: string, path: Path, at: "key" | "value"): Finding {
  const near = didYouMean(kind, AUTH_KINDS);
  const hint = near === null ? kinds() : `Did you mean ${near}? ${kinds()}`;
  return {
    code: "manifest.not_allowed",
    path,
    at,
    message: `There is no kind of auth named ${show(kind)}.`,
    hint,
  };
}

function kinds(): string {
  return `Use one of ${AUTH_KINDS.join(", ")}.`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
