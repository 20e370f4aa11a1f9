import { closest, distance } from "fastest-levenshtein";
import * as z from "zod";
import type { Json } from "../../base/index.ts";
import type { Finding, Path } from "../finding.ts";
import { UNCOMPILED } from "./parts.ts";
import { homesOf, mapHint, suggestion } from "./suggest.ts";

/** What a shape makes of a value: the typed value when all is well, and every finding. */
export interface Checked<T> {
  readonly value: T | null;
  readonly findings: Finding[];
}

/** How a value is written in its file, by its path in the document; null where that is not known. */
export type Written = (path: Path) => string | null;

/**
 * Checks a value against a shape.
 * @param base the path of `raw` within its document
 * @param written how values are written: `1.10` is 1.1 by value, and the author wants to see what stands there
 */
export function checkShape<T>(
  shape: z.ZodType<T>,
  raw: unknown,
  base: Path = [],
  written: Written = () => null,
): Checked<T> {
  const result = shape.safeParse(raw, UNCOMPILED);
  if (result.success) return { value: result.data, findings: [] };
  const findings = result.error.issues.flatMap((issue) => explain(issue, shape, raw, base, written));
  return { value: null, findings };
}

/** One issue of zod as findings of ours: an issue may name several unknown keys. */
function explain(
  issue: z.core.$ZodIssue,
  shape: z.ZodType,
  raw: unknown,
  base: Path,
  written: Written,
): Finding[] {
  const inner = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const path = [...base, ...inner];
  const found = follow(raw, inner);
  const label = labelOf(path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const here = shapeAt(shape, inner);
      const known = here instanceof z.ZodObject ? Object.keys(here.shape) : [];
      // Of a flood only the first are ever shown; finding what the others may have meant would cost seconds.
      return issue.keys.map((key, index) => unknownKey([...path, key], key, index < 50 ? known : [], here));
    }
    case "invalid_type":
      if (found === undefined) return [missing(path, label)];
      return [
        {
          code: "manifest.wrong_type",
          path,
          at: "value",
          ...wrongType(issue.expected, found, label, written(path), shapeAt(shape, inner)),
        },
      ];
    case "invalid_value": {
      if (found === undefined) return [missing(path, label)];
      const allowed = issue.values.map(String);
      const message = `${label} can't be ${show(found)}.`;
      return [{ code: "manifest.not_allowed", path, at: "value", message, hint: choose(found, allowed) }];
    }
    case "too_big": {
      if (typeof found === "number")
        return [badFormat(path, "value", label, found, `a number up to ${issue.maximum}`)];
      const what = typeof found === "string" ? "characters" : "entries";
      const message = `${label} is longer than ${issue.maximum} ${what}.`;
      return [{ code: "manifest.too_long", path, at: "value", message }];
    }
    case "too_small":
      if (typeof found === "number")
        return [badFormat(path, "value", label, found, `a number from ${issue.minimum}`)];
      return [{ code: "manifest.too_short", path, at: "value", message: `${label} is empty.` }];
    case "invalid_format":
      return [badFormat(path, "value", label, found, issue.message, shapeAt(shape, inner))];
    case "invalid_union":
      return [unlikeAny(issue.errors.flat(), path, label, found)];
    case "invalid_key": {
      const key = String(path.at(-1));
      const form = issue.issues[0]?.message ?? "a name";
      return [badFormat(path, "key", `The name ${JSON.stringify(key)}`, key, form)];
    }
    default:
      return [
        {
          code: "manifest.wrong_type",
          path,
          at: "value",
          message: `${label} is not right: ${issue.message}.`,
        },
      ];
  }
}

function missing(path: Path, label: string): Finding {
  const key = String(path.at(-1));
  return {
    code: "manifest.missing_key",
    path: path.slice(0, -1),
    at: "value",
    message: `${label} is missing.`,
    hint: `Add ${key}: …`,
  };
}

/** A value that may be of one type or another, and is of neither. */
function unlikeAny(issues: readonly z.core.$ZodIssue[], path: Path, label: string, found: unknown): Finding {
  const types = issues.flatMap((issue) => (issue.code === "invalid_type" ? [issue.expected] : []));
  const wanted = [...new Set(types)].map((type) => WORDS[type] ?? type).join(" or ");
  const message = `${label} wants ${wanted}, not ${show(found)}.`;
  return { code: "manifest.wrong_type", path, at: "value", message, hint: `Write ${wanted}.` };
}

function badFormat(
  path: Path,
  at: "key" | "value",
  label: string,
  found: unknown,
  form: string,
  shape?: z.core.$ZodType,
): Finding {
  const message = `${label} wants ${form}${at === "value" ? `, not ${show(found)}` : ""}.`;
  const insecure = typeof found === "string" && found.startsWith("http://") && form.includes("https://");
  const meant = suggestion(found, shape);
  const hint = insecure ? "Write https:// in place of http://." : `Write ${meant ?? form}.`;
  return { code: "manifest.bad_format", path, at, message, hint };
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
  number: "a number",
  int: "a whole number from 0",
};

function wrongType(
  expected: string,
  found: unknown,
  label: string,
  source: string | null,
  shape: z.core.$ZodType | undefined,
): { message: string; hint: string } {
  const wanted = WORDS[expected] ?? expected;
  if (found === null) {
    return {
      message: `${label} has no value, but wants ${wanted}.`,
      hint: "Write a value, or leave the key out.",
    };
  }
  const shown = typeof found === "number" && source !== null ? source.slice(0, 60) : show(found);
  const message = `${label} wants ${wanted}, not ${shown}.`;
  return { message, hint: typeHint(expected, found, wanted, shown, shape) };
}

function typeHint(
  expected: string,
  found: unknown,
  wanted: string,
  shown: string,
  shape: z.core.$ZodType | undefined,
): string {
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean")) {
    // In quotes it may be wrong still: `version: 1.0`.
    const quoted = shape === undefined ? undefined : z.safeParse(shape, shown, UNCOMPILED);
    const form = quoted?.error?.issues.find((issue) => issue.code === "invalid_format")?.message;
    return form === undefined ? `Put it in quotes: "${shown}".` : `Write ${form}, in quotes.`;
  }
  if (expected === "boolean" && typeof found === "string") {
    return /^(?:yes|on|y|1|true)$/i.test(found)
      ? "Write true, without quotes."
      : "Write true or false, without quotes.";
  }
  if (expected === "object") return mapHint(found, shape);
  if (expected === "array") return "Write a list: one line per entry, each starting with `- `.";
  return `Write ${wanted}.`;
}

/** Shows a value in a message: short, on one line, and never more of a text than tells it apart. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value !== "string") return String(value);
  const text = JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 57)}...`);
  return text;
}

function choose(found: unknown, allowed: readonly string[]): string {
  const list = allowed.join(", ");
  if (typeof found !== "string") return `Use one of ${list}.`;
  const near = didYouMean(found, allowed);
  return near === null ? `Use one of ${list}.` : `Did you mean ${near}? Use one of ${list}.`;
}

/** The candidate that a misspelt word most likely meant, or null. */
export function didYouMean(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0 || word.length > 100) return null;
  const plain = (text: string): string => text.toLowerCase().replaceAll("-", "_");
  const lower = plain(word);
  const known = new Map(candidates.toReversed().map((candidate) => [plain(candidate), candidate]));
  const names = candidates.map(plain);
  const near = closest(lower, names);
  if (distance(lower, near) <= Math.max(1, Math.floor(near.length / 3))) return known.get(near) ?? null;
  const part = names.find((name) => lower.length >= 3 && (name.includes(lower) || lower.includes(name)));
  return part === undefined ? null : (known.get(part) ?? null);
}

// A field that tries to gate beside firearms (law 5).
const GATING =
  /^(?:is_)?(?:danger(?:ous)?|risk|threat|trust|sensitivity|severity|safety)(?:_?(?:level|score|tier|rating|class|mode))?$|^(?:allow|deny|block|black|white)_?list(?:ed)?$|^(?:permission|access)_?(?:tier|level|mode)$|^(?:requires?|needs?)_?(?:approval|confirmation|permission)$|^approval_?(?:required|mode)$/i;
// A field that would run something (law 7).
const RUN = /^(?:run|shell|sh|bash|zsh|powershell|exec|cmd|command|script|applescript|swift|python|eval)$/i;
// A field that would hold a credential (law 4).
const SECRET =
  /^(?:value|secret|secrets|token|password|passwd|pass|key|api_?key|client_?secret|access_?token|refresh_?token|bearer_?token|private_?key|credentials?|client_?id|username|user|env)$/i;

function unknownKey(
  path: Path,
  key: string,
  known: readonly string[],
  shape: z.core.$ZodType | undefined,
): Finding {
  const at = "key" as const;
  const shown = show(key);
  if (GATING.test(key)) {
    return { code: "manifest.gating_field", path, at, message: `${shown} is a second gate beside firearms.` };
  }
  if (RUN.test(key)) {
    return { code: "manifest.run_block", path, at, message: `${shown} would run a command; tools run none.` };
  }
  if (path[0] === "auth" && SECRET.test(key)) {
    return { code: "manifest.secret_field", path, at, message: `${shown} would hold a credential.` };
  }
  const near = didYouMean(key, known);
  const homes = homesOf(key, shape);
  const fields = known.length > 0 ? `Fields here: ${known.join(", ")}.` : undefined;
  const home = homes.length > 0 ? `Write it under ${homes.join(", ")}.` : fields;
  const hint = near === null ? home : `Did you mean ${near}?`;
  return { code: "manifest.unknown_key", path, at, message: `There is no field ${shown} here.`, hint };
}

/** How a place is called in a message: `scopes[2].name`. */
export function labelOf(path: Path): string {
  let label = "";
  for (const step of path) {
    if (typeof step === "number") label += `[${step}]`;
    else label += label === "" ? step : `.${step}`;
  }
  return label === "" ? "The file" : label.length <= 120 ? label : `…${label.slice(-117)}`;
}

/** What a path leads to, or undefined. Only own properties are followed. */
export function follow(value: unknown, path: Path): Json | undefined {
  let here: unknown = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here as Json;
}

/** The part of a shape that a path leads to. */
function shapeAt(shape: z.ZodType, path: Path): z.core.$ZodType | undefined {
  let here: z.core.$ZodType | undefined = shape;
  for (const step of path) {
    here = unwrap(here);
    if (here instanceof z.ZodObject) here = here.shape[step];
    else if (here instanceof z.ZodArray) here = here.element;
    else if (here instanceof z.ZodRecord) here = here.valueType;
    else return undefined;
  }
  return unwrap(here);
}

function unwrap(shape: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return shape instanceof z.ZodOptional ? shape.unwrap() : shape;
}
