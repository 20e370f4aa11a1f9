import type { Operation } from "./model.ts";

/** Which operations are wanted. */
export interface Selection {
  /** `tag:NAME`, `path:/pets/*`, `operation:ID`, or any of the three without its word; none: all operations. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Whether an operation is wanted: one of `include` names it, if there are any, and none of `exclude`. */
export function isWanted(operation: Operation, { include = [], exclude = [] }: Selection): boolean {
  const named = (pattern: string): boolean => matches(operation, pattern);
  return (include.length === 0 || include.some(named)) && !exclude.some(named);
}

function matches(operation: Operation, pattern: string): boolean {
  const [, kind, value = ""] = /^(?:(tag|path|operation):)?(.*)$/s.exec(pattern) ?? [];
  const tag = (): boolean => operation.tags.some((one) => one.toLowerCase() === value.toLowerCase());
  const id = (): boolean => operation.id === value || operation.identity === value;
  if (kind === "tag") return tag();
  if (kind === "path") return glob(value, operation.path);
  if (kind === "operation") return id();
  return tag() || id() || glob(value, operation.path);
}

/** `*` stands for anything within a part of a path, `**` for anything. */
function glob(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`, "s").test(path);
}
