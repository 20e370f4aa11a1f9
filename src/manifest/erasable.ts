import type { Problem } from "./finding.ts";

/**
 * A piece of text without which a file is gone with its types: one look tells whether it has to be parsed at all. Comments
 * and texts may look like it.
 */
const CANDIDATE = new RegExp(
  [
    "\\b(?:enum|namespace|module)\\s+[^\\s{};]{1,200}\\s*\\{",
    "\\bconstructor\\s*\\([\\s\\S]{0,500}?\\b(?:public|private|protected|readonly|override)\\s",
    "\\bimport\\s+(?:type\\s+)?[\\w$]+\\s*=|\\bexport\\s*=",
    // A bracket behind it would be a generic function's, which is plain; a name before it a call's or a type's.
    "<(?<=(?:[=(,?:;{[&|>\\n]|\\breturn)\\s{0,20}<)[\\w$.[\\]| ]{1,100}>\\s{0,20}[\\w$'\"`[{]",
  ].join("|"),
);
/** Longer files are for generators, and would take longer than a reading may. */
const MAX_CHARACTERS = 256 * 1024;

/** Whether a file may hold TypeScript that does more than to say types. */
export function mayNotBeErasable(text: string): boolean {
  return text.length <= MAX_CHARACTERS && CANDIDATE.test(text);
}

/** Where a TypeScript file holds what is not gone with its types, so that it can't be run. */
export async function unerasable(text: string): Promise<readonly Problem[]> {
  if (!mayNotBeErasable(text)) return [];
  const { parse } = await import("@babel/parser");
  const found: Problem[] = [];
  try {
    const { program } = parse(text, { sourceType: "module", plugins: ["typescript"], errorRecovery: true });
    if (isNode(program)) visit(program, found);
  } catch {
    // What is no TypeScript at all is told by whoever runs it.
    return [];
  }
  return found;
}

/** A node of the tree, by what all have. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Kinds of syntax with code behind them: what they are called, and what to write instead. */
const KINDS: Readonly<Record<string, readonly [what: string, instead: string]>> = {
  TSEnumDeclaration: ["An enum", 'Write a const object, such as `const Color = { red: "red" } as const`.'],
  TSModuleDeclaration: ["A namespace", "Write a const object, or its functions and values by themselves."],
  TSParameterProperty: [
    "A property among a constructor's parameters",
    "Declare the field in the class, and assign it in the constructor.",
  ],
  TSImportEqualsDeclaration: [
    "import … =",
    "Write what is needed into the file; types are imported with import type.",
  ],
  TSExportAssignment: ["export =", "Export each function by its name: export async function name() { … }."],
  TSTypeAssertion: ["A type in angle brackets before a value", "Write the type behind it: value as Type."],
};

function visit(node: Node, found: Problem[]): void {
  const [what, instead] = KINDS[node.type] ?? [];
  if (what !== undefined && !isErasable(node)) {
    const message = `${what} is more than a type, so the file can't be run: only types are taken away.`;
    found.push({ code: "tool.handler_syntax", start: node.start, end: node.end, message, hint: instead });
  } else if (Reflect.get(node, "declare") !== true) {
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, found);
  }
}

/** Whether Node takes something of these kinds away with the types. */
function isErasable(node: Node): boolean {
  const isDeclared = Reflect.get(node, "declare") === true;
  switch (node.type) {
    case "TSEnumDeclaration":
      return isDeclared;
    case "TSModuleDeclaration":
      // `module Name` is refused even as a type.
      if (Reflect.get(node, "kind") === "module") return field(node, "id")?.type === "StringLiteral";
      return isDeclared || statementsOf(node).every(isTypeOnly);
    case "TSImportEqualsDeclaration":
      return Reflect.get(node, "importKind") === "type";
    case "TSTypeAssertion":
      return Reflect.get(Object(field(node, "typeAnnotation")), "typeName")?.name === "const";
    default:
      return false;
  }
}

function statementsOf(node: Node): readonly Node[] {
  const body: unknown = Reflect.get(field(node, "body") ?? node, "body");
  return Array.isArray(body) ? body.filter(isNode) : [node];
}

function isTypeOnly(statement: Node): boolean {
  const exported = statement.type === "ExportNamedDeclaration" ? field(statement, "declaration") : statement;
  if (exported === null) return false;
  if (Reflect.get(exported, "declare") === true) return false;
  if (exported.type === "TSModuleDeclaration") return isErasable(exported);
  return exported.type === "TSInterfaceDeclaration" || exported.type === "TSTypeAliasDeclaration";
}

function field(node: Node, name: string): Node | null {
  const value: unknown = Reflect.get(node, name);
  return isNode(value) ? value : null;
}

function isNode(value: unknown): value is Node {
  if (typeof value !== "object" || value === null || !("start" in value) || !("end" in value)) return false;
  return "type" in value && typeof value.start === "number" && typeof value.end === "number";
}
