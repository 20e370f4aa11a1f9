import type { Json } from "../../base/index.ts";

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const TRUES = new Set(["true", "True", "TRUE"]);
const FALSES = new Set(["false", "False", "FALSE"]);
/** What YAML 1.1 readers take for a boolean and YAML 1.2 readers for text. */
const SWITCHES = /^(?:yes|no|on|off)$/i;
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
/** Everything else that a YAML 1.1 or 1.2 reader may take for a number. */
const OTHER_NUMBER =
  /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.inf|\.Inf|\.INF|\.nan|\.NaN|\.NAN)$/;

/** The value of a scalar without quotes, and why it is refused if it is. */
export interface Resolved {
  readonly value: Json;
  readonly problem: string | null;
}

/**
 * Resolves a plain scalar by the core schema (YAML 1.2.2, 10.3.2) and refuses what that schema and others read
 * differently: `no` and `on`, numbers that JSON can't write, integers that a double can't hold.
 */
export function resolvePlain(text: string): Resolved {
  if (NULLS.has(text)) return { value: null, problem: null };
  if (TRUES.has(text)) return { value: true, problem: null };
  if (FALSES.has(text)) return { value: false, problem: null };
  if (SWITCHES.test(text)) {
    return {
      value: text,
      problem: `${text} without quotes is a boolean to some readers and text to others.`,
    };
  }
  const first = text.charCodeAt(0);
  // Only digits, signs and a point start a number: spares nearly every scalar the two expressions.
  if (first > 57 || first < 43) return { value: text, problem: null };
  if (JSON_NUMBER.test(text)) return resolveNumber(text);
  if (OTHER_NUMBER.test(text)) {
    return {
      value: text,
      problem: `${shorten(text)} without quotes is not the same number to every reader.`,
    };
  }
  return { value: text, problem: null };
}

function resolveNumber(text: string): Resolved {
  const value = Number(text);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return { value: text, problem: `${shorten(text)} is a number that can't be held exactly.` };
  }
  // JSON has no negative zero worth keeping.
  return { value: value === 0 ? 0 : value, problem: null };
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
