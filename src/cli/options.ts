import { basename, resolve } from "node:path";
import { UserError } from "../base/index.ts";
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
