import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Json, JsonObject } from "../../../base/index.ts";
import { endAfter } from "../watchdog.ts";
import { type FromChild, listen, type ToChild, tell } from "../wire.ts";

// Runs one statement on one SQLite file, in a process of its own: a statement that never ends is ended with it.

/** What to run. */
export interface SqliteJob {
  readonly file: string;
  readonly query: string;
  readonly params: JsonObject;
  /** Whether it may change data. */
  readonly writes: boolean;
  /** Characters of the result's JSON. */
  readonly max: number;
}

const READS = new Set<number>([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);
/** Bytes of one value, also on the way to a result; what Node keeps outside of its heap has no other bound. */
const MAX_VALUE = 16 * 1024 * 1024;
/** Not ATTACH (which VACUUM INTO uses too), DETACH, virtual tables, transactions: those are ours. */
const WRITES = new Set<number>([
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
  constants.SQLITE_CREATE_TABLE,
  constants.SQLITE_CREATE_INDEX,
  constants.SQLITE_CREATE_VIEW,
  constants.SQLITE_CREATE_TRIGGER,
  constants.SQLITE_DROP_TABLE,
  constants.SQLITE_DROP_INDEX,
  constants.SQLITE_DROP_VIEW,
  constants.SQLITE_DROP_TRIGGER,
  constants.SQLITE_ALTER_TABLE,
  constants.SQLITE_REINDEX,
  constants.SQLITE_ANALYZE,
]);
/** Those that tell of the schema and change nothing, whatever their argument. */
const PRAGMAS = new Set([
  "table_info",
  "table_xinfo",
  "table_list",
  "index_list",
  "index_info",
  "index_xinfo",
  "foreign_key_list",
]);

/** What full-text tables ask of their own file while they are used; with an argument it would be a setting. */
const INNER_PRAGMAS = new Set(["data_version", "page_size"]);
/** They load code, or tell and take addresses of code. */
const NO_FUNCTIONS = new Set(["load_extension", "fts3_tokenizer", "fts5"]);
const CHANGES = new Set<number>([constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE]);
/** The tables in which an R*Tree keeps itself. */
const RTREE = /_(?:node|rowid|parent)$/;

/** SQLite has many words for it, so that the authorizer itself remembers that it has said no. */
let denied = false;
/** Whether it is this module that begins or ends a transaction now. */
let ours = false;

type Authorizer = (action: number, first: string | null, second: string | null) => number;

function authorizer(writes: boolean): Authorizer {
  return (action, first, second) => {
    const allowed = allows(action, first ?? "", second, writes);
    denied ||= !allowed;
    return allowed ? constants.SQLITE_OK : constants.SQLITE_DENY;
  };
}

function allows(action: number, first: string, second: string | null, writes: boolean): boolean {
  if (action === constants.SQLITE_TRANSACTION) return ours;
  if (action === constants.SQLITE_FUNCTION) return !NO_FUNCTIONS.has(second ?? "");
  if (action === constants.SQLITE_PRAGMA) {
    const name = first.toLowerCase();
    return PRAGMAS.has(name) || (second === null && INNER_PRAGMAS.has(name));
  }
  if (READS.has(action) || (writes && WRITES.has(action))) return true;
  // An R*Tree prepares its changes as soon as it is opened, also to be read. What is run of them, or of a query that names
  // such a table, fails: the file is open read-only.
  return CHANGES.has(action) && RTREE.test(first);
}

/** SQLITE_READONLY_ROLLBACK: a process died while it wrote, and a file that is open to be read can't undo that. */
const HALF_WRITTEN = 776;

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function run(job: SqliteJob): Json {
  const database = open(job.file, job.writes, job.max);
  database.setAuthorizer(authorizer(job.writes));
  // Before the transaction: a full-text table reads its settings here, and a transaction that has read doesn't wait for
  // another's lock.
  const statement = prepare(database, job.query);
  return job.writes ? wholly(database, () => resultOf(statement, job)) : resultOf(statement, job);
}

/** All of it or nothing. By itself SQLite would commit a statement that gives rows as soon as nobody asks for more of them. */
function wholly(database: DatabaseSync, work: () => Json): Json {
  transact(database, "begin");
  try {
    const result = work();
    transact(database, "commit");
    return result;
  } catch (error) {
    // Some failures have ended it already.
    if (database.isTransaction) transact(database, "rollback");
    throw error;
  }
}

function transact(database: DatabaseSync, word: "begin" | "commit" | "rollback"): void {
  ours = true;
  try {
    database.exec(word);
  } finally {
    ours = false;
  }
}

function resultOf(statement: StatementSync, { params, max }: SqliteJob): Json {
  const columns = statement.columns().map(({ name }) => name);
  const values = bindings(params);
  if (columns.length === 0) {
    const { changes, lastInsertRowid } = statement.run(values);
    return { changes: readable(changes), last_insert_id: readable(lastInsertRowid) };
  }
  const rows: Json[] = [];
  let size = 0;
  for (const cells of statement.iterate(values)) {
    const row = Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, readable(value)]));
    size += JSON.stringify(row).length;
    if (size > max) throw new Refused("api.too_large", `The result has more than ${max} characters.`);
    rows.push(row);
  }
  return rows;
}

function open(file: string, writes: boolean, max: number): DatabaseSync {
  try {
    return opened(file, writes, max);
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (Object(error).errcode === HALF_WRITTEN && !writes) {
      // Who may write undoes it as soon as it looks.
      open(file, true, max).close();
      return open(file, writes, max);
    }
    throw new Refused("sql.no_database", `The database can't be opened: ${Object(error).message}.`);
  }
}

function opened(file: string, writes: boolean, max: number): DatabaseSync {
  const limits = { length: Math.max(MAX_VALUE, max) };
  const database = new DatabaseSync(file, {
    readOnly: !writes,
    allowExtension: false,
    timeout: 5000,
    limits,
  });
  if (typeof database.setAuthorizer !== "function") {
    throw new Refused(
      "sql.refused",
      "This version of Node can't restrict a query: it takes Node 24.10 or newer.",
    );
  }
  // Reads the header: what is no database shows here.
  database.prepare("select count(*) from sqlite_schema").get();
  return database;
}

function prepare(database: DatabaseSync, query: string): StatementSync {
  const statement = database.prepare(query);
  // SQLite compiles the first statement and leaves the others: they would be dropped in silence.
  const rest = query.slice(query.indexOf(statement.sourceSQL) + statement.sourceSQL.length);
  if (rest.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|;/g, "").trim() !== "") {
    throw new Refused("sql.refused", "The query is more than one statement.");
  }
  statement.setReadBigInts(true);
  return statement;
}

/**
 * SQLite has no booleans, lists and maps: true is 1, lists and maps are JSON text. A whole number is bound as one, as Node
 * would make a REAL of it: 'item-' || 3.0 and json_object('id', 3.0) tell, and '3' in a column of texts is not found. That
 * holds for a field of type number as well: JSON doesn't know 3 from 3.0, and a REAL column makes a REAL of it anyway.
 * Whoever divides and wants parts writes cast(:x as real).
 */
function bindings(params: JsonObject): Record<string, SQLInputValue> {
  const pairs = Object.entries(params).map(([name, value]): [string, SQLInputValue] => [name, bound(value)]);
  return Object.fromEntries(pairs);
}

function bound(value: Json): SQLInputValue {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** Numbers that a double can't hold become texts, and bytes base64. */
function readable(value: unknown): Json {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === "string" || value === null) return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
}

function failed(error: unknown): FromChild {
  const { message } = Object(error);
  if (error instanceof Refused) return { failed: { code: error.code, message } };
  if (/too big/.test(String(message))) {
    return { failed: { code: "api.too_large", message: "A value is larger than an answer may be." } };
  }
  const refused =
    denied || /readonly database|^table \S+ may not be modified$|^cannot VACUUM/.test(String(message));
  return { failed: { code: refused ? "sql.refused" : "sql.failed", message: `SQLite says: ${message}.` } };
}

endAfter(Number(process.argv[2]));
listen((message: ToChild<SqliteJob>) => {
  if (!("start" in message)) return;
  try {
    tell({ done: run(message.start) });
  } catch (error) {
    tell(failed(error));
  }
});
