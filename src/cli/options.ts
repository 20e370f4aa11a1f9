import { basename, resolve } from "node:path";
import { CODES, UserError } from "../base/index.ts";
import type { Settings } from "./config.ts";
import type { Given } from "./definitions.ts";

/** Whether a flag was given. */
export function flag({ options }: Given, name: string): boolean {
  return options[name] === true;
}

/** The text given to an option, or null. */
export function textOption({ options }: Given, name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

/** The number given to an option, or null. */
export function numberOption({ options }: Given, name: string): number | null {
  const value = options[name];
  return typeof value === "number" ? value : null;
}

/** The texts given to an option that may be given several times. */
export function listOption({ options }: Given, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The argument at a place; commander has made sure that it is there. */
export function argument({ args }: Given, at: number): string {
  const value = args[at];
  if (value === undefined) throw new UserError("usage.argument", "An argument is missing.", "See --help.");
  return value;
}

/** The id at a place, in the form that the registry gives out. @throws UserError with the code given */
export function idArgument(given: Given, at: number, code: "agent.unknown_token" | "grant.unknown"): string {
  const id = argument(given, at);
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  // Not what was given: somebody may have pasted the token itself.
  throw new UserError(code, CODES[code].meaning, CODES[code].remedy);
}

/**
 * The connectors that a command was asked for; undefined: all. A path such as `connectors/shopify/`, as a shell
 * completes it, names its folder.
 */
export function slugs({ args }: Given, { workspace }: Settings): readonly string[] | undefined {
  if (args.length === 0) return undefined;
  return args.map((given) => {
    const path = resolve(workspace.cwd, given);
    return /[/\\]/.test(given) && resolve(path, "..") === workspace.connectors ? basename(path) : given;
  });
}
