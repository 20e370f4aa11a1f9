import { wordSet, wordsOf } from "../names.ts";
import type { Operation } from "./model.ts";

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
  HEAD: "check",
  OPTIONS: "options",
  TRACE: "trace",
  QUERY: "search",
};
/** Last parts of a path that name a deed and not a thing. */
const DEEDS = wordSet(`
  accept activate approve archive assign cancel clone close complete confirm copy deactivate
  decline disable download enable execute export import invite join leave lock login logout merge
  move pause preview publish refresh refund reject rename reopen reset restart restore resume
  retry revoke run search send start stop submit subscribe sync unarchive unassign unlock
  unpublish unsubscribe upload validate
`);
/** Parts of a path that name no thing. */
const NO_THING = /^(?:api|apis|rest|json|xml|public|v?\d+(?:[._]\d+)*[a-z]*\d*|_[a-z]+)$/i;

/** The verb that a tool provides: what it is about, from the path or else the tag, and what it does, from the method. */
export function capabilityOf(operation: Operation): string {
  const parts = operation.path
    .replace(/[?#].*$/s, "")
    .split("/")
    .filter((part) => part !== "");
  const words = parts.map((part) => (part.includes("{") ? null : nameOf(part)));
  const last = words.at(-1) ?? null;
  const deed = last !== null && last !== undefined && words.length > 1 && DEEDS.has(last) ? last : null;
  const things = (deed === null ? words : words.slice(0, -1)).filter((word) => word !== null);
  const noun = things.findLast((word) => !NO_THING.test(word)) ?? nameOf(operation.tags[0] ?? "");
  const named = wordsOf(operation.id ?? "");
  if (noun === "" && named.length > 0) return ofName(named);
  const verb = deed ?? VERBS[operation.method] ?? readVerb(operation, parts.at(-1) ?? "");
  return `${limit(singular(noun === "" ? "api" : noun))}.${limit(verb)}`;
}

/** `AssociateCreatedArtifact` is an artifact's associate: for APIs that have one path for everything. */
function ofName(words: readonly string[]): string {
  const [verb = "call", ...rest] = words;
  return `${limit(singular(nameOf(rest.at(-1) ?? "api")))}.${limit(nameOf(verb))}`;
}

function readVerb({ method }: Operation, last: string): string {
  if (method !== "GET") return nameOf(method.toLowerCase()) || "call";
  const name = nameOf(last);
  return last.includes("{") || (singular(name) === name && name !== "") ? "read" : "list";
}

/** A part of a path, or a tag, as one word of ours: `user-groups.json` is `user_groups`. */
function nameOf(part: string): string {
  const name = wordsOf(part.replace(/\.(?:json|xml|php|aspx?)$/i, "").replace(/^.*:/, "")).join("_");
  return name.replace(/^[0-9_]+/, "");
}

function singular(word: string): string {
  if (word.length < 4 || /(?:ss|us|is|series|news|settings)$/.test(word)) return word;
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:(?:ss|sh|ch|x|z)es|(?:stat|bon|vir|camp)uses|aliases)$/.test(word)) return word.slice(0, -2);
  return word.replace(/s$/, "");
}

function limit(word: string): string {
  return word.slice(0, 60).replace(/_+$/, "") || "api";
}
