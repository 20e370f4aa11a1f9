import { parse } from "@babel/parser";

// The little that has to be known of a module's syntax: where functions and statements stand, and which names they use.

/** A node of the tree, by what all have. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** A statement at the top of a module. */
export interface TopStatement {
  readonly node: Node;
  /** Names that it declares for the rest of the module. */
  readonly names: readonly string[];
  /** Where its names come from, of an import. */
  readonly source: string | null;
  readonly isExport: boolean;
  /** From the comments above it on. */
  readonly from: number;
}

/** Reads a module without types. */
export function topStatements(code: string): readonly TopStatement[] {
  const { program } = parse(code, { sourceType: "module", errorRecovery: true });
  const nodes: readonly unknown[] = program.body;
  return nodes.filter(isNode).map((node) => {
    const exported = node.type === "ExportNamedDeclaration" ? field(node, "declaration") : null;
    const isImport = node.type === "ImportDeclaration";
    const comments = list(node, "leadingComments").filter((comment) => startsLine(code, comment.start));
    return {
      node,
      names: isImport ? list(node, "specifiers").flatMap(localName) : declaredBy(exported ?? node),
      source: isImport ? String(Reflect.get(Object(field(node, "source")), "value")) : null,
      isExport: exported !== null,
      from: comments[0]?.start ?? node.start,
    };
  });
}

function startsLine(code: string, at: number): boolean {
  return /(?:^|\n)[^\S\n]*$/.test(code.slice(Math.max(0, at - 200), at));
}

function localName(specifier: Node): string[] {
  const local = field(specifier, "local");
  return local === null ? [] : [nameOf(local)];
}

/** The names that a declaration makes known where it stands. */
function declaredBy(node: Node): string[] {
  if (node.type === "VariableDeclaration") {
    return list(node, "declarations").flatMap((one) => boundBy(field(one, "id")));
  }
  return /^(?:Function|Class)Declaration$/.test(node.type) ? boundBy(field(node, "id")) : [];
}

/** The names in a pattern. */
function boundBy(pattern: Node | null): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [nameOf(pattern)];
    case "ObjectPattern":
      return list(pattern, "properties").flatMap((one) => boundBy(field(one, "value") ?? one));
    case "ArrayPattern":
      return list(pattern, "elements").flatMap(boundBy);
    case "AssignmentPattern":
      return boundBy(field(pattern, "left"));
    case "RestElement":
      return boundBy(field(pattern, "argument"));
    default:
      return [];
  }
}

/** The names that a piece of code uses, each with where it does first, and those that it declares within. */
export interface Names {
  readonly used: ReadonlyMap<string, number>;
  readonly own: ReadonlySet<string>;
}

/** Collects the names of a node. A name may be in both: scopes within are not told apart. */
export function namesIn(node: Node): Names {
  const used = new Map<string, number>();
  const own = new Set<string>();
  walk(node, (here, parent, key) => {
    for (const name of [...declaredBy(here), ...parametersOf(here)]) own.add(name);
    if (here.type !== "Identifier" || (parent !== null && isLabel(parent, key))) return;
    const name = nameOf(here);
    if (!used.has(name)) used.set(name, here.start);
  });
  return { used, own };
}

function parametersOf(node: Node): string[] {
  if (node.type === "CatchClause") return boundBy(field(node, "param"));
  return isFunction(node) ? [...list(node, "params").flatMap(boundBy), ...boundBy(field(node, "id"))] : [];
}

/** Whether an identifier at this place of its parent names no variable. */
function isLabel(parent: Node, key: string): boolean {
  if (key === "property") return Reflect.get(parent, "computed") !== true;
  if (key === "key") return Reflect.get(parent, "computed") !== true;
  return key === "label" || parent.type === "MetaProperty" || key === "exported";
}

/** Whether a node is a function of any form. */
export function isFunction(node: Node): boolean {
  return /Function|ObjectMethod|ClassMethod|ClassPrivateMethod/.test(node.type);
}

/** Visits a node and all below it, with its parent and the parent's field that it is in. */
export function walk(
  node: Node,
  visit: (node: Node, parent: Node | null, key: string) => void,
  parent: Node | null = null,
  key = "",
): void {
  visit(node, parent, key);
  for (const [name, value] of Object.entries(node)) {
    if (/Comments$/.test(name) || name === "loc" || name === "extra") continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) walk(child, visit, node, name);
  }
}

function isNode(value: unknown): value is Node {
  if (typeof value !== "object" || value === null || !("start" in value) || !("end" in value)) return false;
  return "type" in value && typeof value.start === "number" && typeof value.end === "number";
}

/** A field of a node that is a node. */
export function field(node: Node, name: string): Node | null {
  const value: unknown = Reflect.get(node, name);
  return isNode(value) ? value : null;
}

/** A field of a node that is a list of nodes. */
export function list(node: Node, name: string): readonly Node[] {
  const value: unknown = Reflect.get(node, name);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier; of any other node the empty text. */
export function nameOf(node: Node): string {
  return node.type === "Identifier" ? String(Reflect.get(node, "name")) : "";
}
