import type { Json, JsonObject } from "../../base/index.ts";
import { bindings, TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { flagAt, get, put } from "../json.ts";
import { responseOf } from "./response.ts";
import { parameterOf, piecesOf, type Template } from "./template.ts";
import type { Workbench } from "./values.ts";

/** A text of SQL (`''` is a quote in it), a quoted name, a comment, or a template outside of them. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\r\n]*|\/\*[\s\S]*?\*\/|\{\{[^{}]*\}\}/g;
/** A query that is nothing but a parameter. */
const WHOLE = /^\s*\{\{\s*params\.([A-Za-z_]\w*)\s*\}\}\s*;?\s*$/;
/** A question to SQLite about itself, which takes no bound parameter; as a table it does. */
const PRAGMA = /^\s*PRAGMA\s+([a-z_]+)\s*\(([\s\S]*)\)\s*;?\s*$/i;
const FILE = /^~?(?:\/(?!\.{1,2}(?:\/|\s*$))[^/\\{}\r\n]+)+$/;

/** A `sql` block as ours: values are bound and never part of the query. Null where that can't be, which is noted. */
export function sqlOf(
  source: JsonObject,
  beside: Json | undefined,
  database: "local_path" | "postgres",
  bench: Workbench,
  ledger: Ledger,
): JsonObject | null {
  const text = ledger.text(source, "query");
  if (text === null || text.length > TEXT.long - 2000) {
    bench.lost("the query", text === null ? "there is none" : "it is longer than a manifest holds");
    return null;
  }
  const place = placeOf(ledger.text(source, "database"), database, bench);
  if (place === null) return null;
  ledger.exactly(source, "format", "json");
  const query = queryOf(text, place, bench);
  if (query === null) return null;
  const response = get(source, "response") ?? beside;
  return { ...place, ...query, ...responseOf(response, "sql", bench, ledger) };
}

/** The account's database, or a file that is the same for everyone. */
function placeOf(file: string | null, database: string, bench: Workbench): JsonObject | null {
  if (file === null) return database === "local_path" ? {} : { database };
  if (FILE.test(file) && file.length <= TEXT.name) return { file };
  bench.lost(`the database ${file}`, "a fixed one is an absolute path, or one below the user's folder");
  return null;
}

function queryOf(text: string, place: JsonObject, bench: Workbench): JsonObject | null {
  const [, whole] = WHOLE.exec(text) ?? [];
  if (whole !== undefined) {
    bench.template({ path: ["params", whole], filters: [] }, { type: "string", needed: true });
    return { query_field: whole };
  }
  const binder = new Binder(bench);
  const pragma = text.includes("{{") ? PRAGMA.exec(text) : null;
  const bound = binder.bind(pragma === null ? text : asTable(pragma));
  if (bound === null) return null;
  const open = bindings({ ...place, query: bound }).filter((name) => !Object.hasOwn(binder.params, name));
  if (open.length > 0) {
    bench.lost(`the query with :${open[0]}`, "nothing says what is bound there");
    return null;
  }
  return { query: bound, ...(Object.keys(binder.params).length === 0 ? {} : { params: binder.params }) };
}

/** A name in a PRAGMA needs no quotes; as a value it does. */
function asTable([, name = "", argument = ""]: RegExpExecArray): string {
  const value = argument.trim();
  return `SELECT * FROM pragma_${name}(${/^\{\{[^{}]*\}\}$/.test(value) ? `'${value}'` : value})`;
}

/** Puts parameters where templates stood in a query. */
class Binder {
  readonly params: JsonObject = {};
  readonly #bench: Workbench;
  #failed = false;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** The query with `:name` for each template; null where one stands for code and not for a value. */
  bind(query: string): string | null {
    const bound = query.replace(TOKEN, (token, at: number) => {
      if (!token.includes("{{")) return token;
      if (token.startsWith("'")) return this.#text(token.slice(1, -1).replaceAll("''", "'"));
      if (token.startsWith("{{")) return this.#value(token, query.slice(0, at));
      // A comment says nothing to the database; a name can't be bound.
      return token.startsWith('"') ? this.#fail(token) : " ";
    });
    // The runtime tells parameters from casts and texts alike; what is left of a template it would refuse.
    if (/\{\{|\{%/.test(bound)) this.#fail(query);
    return this.#failed ? null : bound;
  }

  /** A text of SQL with templates in it is one value; without its parameter it is an empty text. */
  #text(text: string): string {
    const pieces = piecesOf(text);
    if (pieces === null) return this.#fail(text);
    const parts = pieces.map((piece) =>
      typeof piece === "string" ? piece : this.#template(this.#orEmpty(piece)),
    );
    const template = pieces.find((piece) => typeof piece === "object");
    if (template === undefined || parts.some((part) => part === null)) return this.#fail(text);
    const name = this.#name(template, parts.join(""));
    const type = this.#bench.typeOf(parameterOf(template) ?? "");
    return pieces.length > 1 || type === null || type === "string" ? `:${name}` : `CAST(:${name} AS TEXT)`;
  }

  /** Outside of quotes a template stood for code, so only a number is sure to have been a value. */
  #value(token: string, before: string): string {
    const [template] = piecesOf(token) ?? [];
    if (template === undefined || typeof template === "string") return this.#fail(token);
    const type = this.#bench.typeOf(parameterOf(template) ?? "");
    const isCount = /\b(?:LIMIT|OFFSET)\s*$/i.test(before);
    const isNumber = ["number", "integer", "int", "float", "boolean"].includes(type ?? "");
    if (!isNumber && !isCount) return this.#fail(token);
    const text = this.#template(template, isCount ? "integer" : null);
    return text === null ? this.#fail(token) : `:${this.#name(template, text)}`;
  }

  #orEmpty(template: Template): Template {
    const name = parameterOf(template);
    const declared = name === null ? undefined : this.#bench.declared(name);
    const given = get(declared, "default") !== undefined || flagAt(declared, "required");
    if (template.filters.length > 0 || given) return template;
    return { path: template.path, filters: [{ name: "default", argument: "" }] };
  }

  #template(template: Template, type: string | null = null): string | null {
    return this.#bench.template(template, { type });
  }

  /** The name of a value's parameter: that of what it reads, the same value under the same name. */
  #name(template: Template, text: string): string {
    const wish = template.path.filter((step) => step !== "params").join("_");
    for (let count = 1; ; count++) {
      const name = count === 1 ? wish : `${wish}_${count}`;
      if (this.params[name] === undefined) put(this.params, name, text);
      if (this.params[name] === text) return name;
    }
  }

  #fail(text: string): string {
    if (!this.#failed)
      this.#bench.lost(`the query with ${text}`, "a value would become a part of the query's code");
    this.#failed = true;
    return "";
  }
}
