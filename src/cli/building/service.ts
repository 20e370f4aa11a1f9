import { withoutHoles } from "./holes.ts";
import {
  field,
  isFunction,
  list,
  type Names,
  type Node,
  nameOf,
  namesIn,
  type TopStatement,
  topStatements,
  walk,
} from "./syntax.ts";

/** A tool whose handler is wanted: its name, and where its `tool(` stands in the file, in UTF-16 units. */
export interface Wanted {
  readonly tool: string;
  /** Null: it was made in another file. */
  readonly at: number | null;
}

/** Why a handler can't be carried over, and where that shows. */
export interface Refusal {
  readonly tool: string;
  readonly message: string;
  readonly at: number | null;
}

/** The text of service.ts, and the function of each tool. */
export interface Service {
  readonly text: string;
  readonly functions: ReadonlyMap<string, string>;
  readonly refusals: readonly Refusal[];
}

/** A handler within the file. */
interface Found {
  readonly tool: string;
  /** What service.ts exports. */
  readonly name: string;
  /** The function where the tool is; null where it is a declaration at the top of the file. */
  readonly inline: { readonly text: string; readonly node: Node } | null;
}

/** Where the process of a handler has nothing. */
const OUT_OF_REACH = new Set(["fetch", "process", "require", "WebSocket", "XMLHttpRequest"]);
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/**
 * Makes service.ts of a file: the handlers as functions that it exports, and the statements at the top of the file that
 * these use, in the file's order and without types. Nothing of the connector's declaration is in it, and no import: the
 * process that runs it has none.
 * @param source the file
 * @param code the same without types, every other character where it was
 */
export function serviceOf(source: string, code: string, wanted: readonly Wanted[]): Service {
  return new Slicer(source, code).slice(wanted);
}

class Slicer {
  readonly #source: string;
  readonly #code: string;
  readonly #top: readonly TopStatement[];
  readonly #refusals: Refusal[] = [];
  /** Statements of the file that go over. */
  readonly #carried = new Set<TopStatement>();
  /** Names whose statements are to be exports. */
  readonly #exported = new Set<string>();
  readonly #names = new Map<Node, Names>();

  constructor(source: string, code: string) {
    this.#source = source;
    this.#code = code;
    this.#top = topStatements(code);
  }

  slice(wanted: readonly Wanted[]): Service {
    const found = wanted.flatMap((one) => this.#find(one) ?? []);
    for (const { tool, name, inline } of found) {
      if (inline === null) this.#carry(name, tool);
      else this.#use(inline.node, tool);
    }
    this.#settle(found[0]?.tool ?? "", wanted);
    const pieces = [...this.#carried].map((one) => ({ at: one.node.start, text: this.#statement(one) }));
    const inlines = found.flatMap(({ name, inline }) =>
      inline === null ? [] : [{ at: inline.node.start, text: inline.text.replace(NAME, () => name) }],
    );
    const text = [...pieces, ...inlines].sort((a, b) => a.at - b.at).map((piece) => piece.text);
    return {
      // To the language all line ends are one; to a digest they are not.
      text: text.length === 0 ? "" : `${text.join("\n\n")}\n`.replaceAll("\r\n", "\n"),
      functions: new Map(found.map(({ tool, name }) => [tool, name])),
      refusals: this.#refusals,
    };
  }

  #refuse(tool: string, message: string, at: number | null): null {
    this.#refusals.push({ tool, message, at });
    return null;
  }

  #find({ tool, at }: Wanted): Found | null {
    if (at === null) return this.#refuse(tool, `The handler of ${tool} stands in another file.`, null);
    const call = this.#callAt(at);
    if (call === null)
      return this.#refuse(tool, `The call that makes ${tool} can't be found in the file.`, at);
    if (call.nested)
      return this.#refuse(tool, `${tool} is made within a function, whose variables stay behind.`, at);
    const [definition] = list(call.node, "arguments");
    const property = definition === undefined ? undefined : list(definition, "properties").find(isHandler);
    if (property === undefined) {
      return this.#refuse(tool, `The handler of ${tool} does not stand within its tool({ … }).`, at);
    }
    if (property.type === "ObjectMethod") {
      return {
        tool,
        name: this.#freeName(tool),
        inline: { text: this.#asFunction(property), node: property },
      };
    }
    const value = field(property, "value");
    if (value !== null && isFunction(value)) {
      const text = `export const ${MARK} = ${this.#text(value.start, value.end)};`;
      return { tool, name: this.#freeName(tool), inline: { text, node: value } };
    }
    const name = value === null ? "" : nameOf(value);
    const declared = this.#declaring(name);
    if (declared === undefined || declared.source !== null) {
      return this.#refuse(tool, `The handler of ${tool} is no function of this file.`, property.start);
    }
    this.#exported.add(name);
    return { tool, name, inline: null };
  }

  /** A method of the definition as a function of its own. */
  #asFunction(method: Node): string {
    const key = field(method, "key");
    const isAsync = Reflect.get(method, "async") === true ? "async " : "";
    const star = Reflect.get(method, "generator") === true ? "*" : "";
    const rest = this.#text(key?.end ?? method.start, method.end, method.start);
    return `export ${isAsync}function${star} ${MARK}${rest}`;
  }

  #callAt(at: number): { node: Node; nested: boolean } | null {
    let found: { node: Node; nested: boolean } | null = null;
    const functions: Node[] = [];
    for (const { node } of this.#top) {
      walk(node, (here) => {
        if (isFunction(here)) functions.push(here);
        const callee = here.type === "CallExpression" ? field(here, "callee") : null;
        if (callee === null || found !== null) return;
        if (callee.start !== at && field(callee, "property")?.start !== at) return;
        found = { node: here, nested: functions.some(({ start, end }) => start <= at && at < end) };
      });
    }
    return found;
  }

  #declaring(name: string): TopStatement | undefined {
    return this.#top.find(({ names }) => names.includes(name));
  }

  #freeName(tool: string): string {
    let name = tool;
    while (RESERVED.has(name) || this.#declaring(name) !== undefined) name += "_handler";
    return name;
  }

  #carry(name: string, tool: string): void {
    const statement = this.#declaring(name);
    if (statement === undefined || this.#carried.has(statement)) return;
    this.#carried.add(statement);
    this.#use(statement.node, tool);
  }

  /** Takes over what a piece of code uses. */
  #use(node: Node, tool: string): void {
    const { used, own } = this.#namesIn(node);
    for (const [name, at] of used) {
      const statement = this.#declaring(name);
      if (statement === undefined) {
        if (OUT_OF_REACH.has(name) && !own.has(name)) {
          this.#refuse(
            tool,
            `${name}, which the handler of ${tool} uses, is not there where handlers run.`,
            at,
          );
        }
      } else if (statement.source === null) this.#carry(name, tool);
      else this.#refuse(tool, importedMessage(name, statement.source, tool, own.has(name)), at);
    }
  }

  /** Statements that declare nothing come along when they touch what was taken over: they may fill or change it. */
  #settle(tool: string, wanted: readonly Wanted[]): void {
    for (let grown = true; grown; ) {
      grown = false;
      for (const statement of this.#top) {
        if (this.#carried.has(statement) || !isBare(statement) || isDeclaring(statement, wanted)) continue;
        const { used } = this.#namesIn(statement.node);
        if (![...used.keys()].some((name) => this.#isCarried(name))) continue;
        this.#carried.add(statement);
        this.#use(statement.node, tool);
        grown = true;
      }
    }
  }

  #isCarried(name: string): boolean {
    const statement = this.#declaring(name);
    return statement !== undefined && this.#carried.has(statement);
  }

  #namesIn(node: Node): Names {
    const known = this.#names.get(node) ?? namesIn(node);
    this.#names.set(node, known);
    return known;
  }

  #statement(statement: TopStatement): string {
    const above = this.#text(statement.from, statement.node.start);
    const text = this.#text(statement.node.start, statement.node.end);
    const missing = !statement.isExport && statement.names.some((name) => this.#exported.has(name));
    return `${above}${missing ? "export " : ""}${text}`;
  }

  /** Text without the holes of types; lines after the first are moved left with it. */
  #text(start: number, end: number, lineOf = start): string {
    const text = withoutHoles(this.#source, this.#code, start, end);
    const line = this.#code.slice(this.#code.lastIndexOf("\n", lineOf - 1) + 1, lineOf);
    const margin = /^[^\S\n]*/.exec(line)?.[0] ?? "";
    // Within a text of several lines the margin belongs to the text.
    return margin === "" || /`[^`]*\n[^`]*`|\\\r?\n/.test(text) ? text : text.replaceAll(`\n${margin}`, "\n");
  }
}

/** Stands for the function's name, which no file holds. */
const MARK = "\u0000";
const NAME = /\0/;

function isHandler(property: Node): boolean {
  const key = field(property, "key");
  if (key === null || Reflect.get(property, "computed") === true) return false;
  return nameOf(key) === "handler" || Reflect.get(key, "value") === "handler";
}

function isBare({ names, source, node }: TopStatement): boolean {
  return names.length === 0 && source === null && !node.type.startsWith("Export");
}

/** Whether a statement makes a tool: then it is part of the declaration, which stays behind. */
function isDeclaring({ node }: TopStatement, wanted: readonly Wanted[]): boolean {
  return wanted.some(({ at }) => at !== null && node.start <= at && at < node.end);
}

function importedMessage(name: string, source: string, tool: string, isOwn: boolean): string {
  const from = JSON.stringify(source);
  return isOwn
    ? `${name} is both a name within the handler of ${tool} and imported from ${from}: give one another name.`
    : `The handler of ${tool} uses ${name} of ${from}, and service.ts stands alone.`;
}
