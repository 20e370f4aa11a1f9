import { Duplex } from "node:stream";
import type { Client, CustomTypesConfig } from "pg";
import { type Json, type JsonObject, replaceParameters } from "../../../base/index.ts";
import type { ToolFailure } from "../../seams.ts";
import type { Limits, Mark } from "../call.ts";
import { failure, messageOf } from "../failure.ts";
import { parseJson } from "../response.ts";

/** One statement for a PostgreSQL. */
export interface PostgresJob {
  readonly url: string;
  /** With `:name` for each parameter. */
  readonly query: string;
  readonly params: JsonObject;
  /** Whether it may change data; otherwise its transaction is read-only. */
  readonly writes: boolean;
}

const CONNECT_MS = 10_000;
type Reader = (text: string) => Json;
const whole: Reader = (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const asWritten: Reader = (text) => text;
/**
 * Types, and the types of lists of them, of which the driver would lose something: a double has too few digits for numeric,
 * bigint and numbers within JSON, and a Date has neither time zones nor microseconds.
 */
const READERS: readonly (readonly [type: number, list: number, read: Reader])[] = [
  [20, 1016, whole],
  [114, 199, parseJson],
  [3802, 3807, parseJson],
  [1700, 1231, asWritten],
  // Dates, times and intervals.
  [1082, 1182, asWritten],
  [1083, 1183, asWritten],
  [1114, 1115, asWritten],
  [1184, 1185, asWritten],
  [1266, 1270, asWritten],
  [1186, 1187, asWritten],
];
/** A list of texts. */
const TEXTS: number = 1009;
/** A character of a result is no more bytes than this on its way here. */
const BYTES = 4;
/** Class 28 and 3D: login and database; class 08: connection. */
const NO_DATABASE = /^(?:28|3D|08)/;

/**
 * Runs one statement in one transaction, read-only and undone unless it may write; the server ends it when it takes too
 * long.
 * @param sent told before a statement that may change something is sent, and when it turns out that it changed nothing
 * @returns a list of rows, or `{changes}` where there are none
 * @throws ToolFailure `sql.*`, `api.too_large`
 */
export async function runPostgres(job: PostgresJob, limits: Limits, sent: Mark): Promise<Json> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: job.url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "connector-sentinel",
    types: typesOf(pg.types.getTypeParser),
  });
  // A connection that breaks while nobody waits would end the process.
  client.on("error", () => {});
  const stop = (): void => destroy(client);
  limits.signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect().catch((error: unknown) => {
      throw unreached(error);
    });
    return await transaction(client, job, limits, sent);
  } catch (error) {
    limits.signal.throwIfAborted();
    throw told(error);
  } finally {
    limits.signal.removeEventListener("abort", stop);
    destroy(client);
  }
}

async function transaction(client: Client, job: PostgresJob, limits: Limits, sent: Mark): Promise<Json> {
  await begin(client, job, Math.max(1, limits.deadline - Date.now()));
  const { text, values } = numbered(job);
  sent(true);
  try {
    const result = await rowsOf(client, text, values, limits.responseBytes);
    // Read-only as a transaction is, a superuser can still store large objects in it, and anyone notify.
    await client.query(job.writes ? "commit" : "rollback");
    return result;
  } catch (error) {
    // The server said no, so the transaction is undone; without an answer nobody knows.
    if (codeOf(error) !== null) sent(false);
    throw error;
  }
}

async function begin(client: Client, { writes }: PostgresJob, left: number): Promise<void> {
  const settings = `set local statement_timeout = ${left}; set local lock_timeout = ${left};
    set local idle_in_transaction_session_timeout = ${left}`;
  try {
    await client.query(`begin ${writes ? "read write" : "read only"}; ${settings}`);
  } catch (error) {
    // A pooler takes the login before it has a connection itself. Of a statement these codes say something else, such as
    // that it has more parameters than it was given.
    if (NO_DATABASE.test(codeOf(error) ?? "")) throw unreached(error);
    throw error;
  }
}

function unreached(cause: unknown): ToolFailure {
  return failure("sql.no_database", `The database can't be reached: ${messageOf(cause)}.`, { cause });
}

/**
 * `$1` for the first `:name` and wherever it comes again; what nobody binds stays, for the server to say what it is. Lists
 * and maps are sent as JSON text.
 */
function numbered({ query, params }: PostgresJob): {
  text: string;
  values: (string | number | boolean | null)[];
} {
  const names: string[] = [];
  const text = replaceParameters(query, "postgres", (name) => {
    if (!Object.hasOwn(params, name)) return `:${name}`;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const values = names.map((name) => {
    const value = params[name] ?? null;
    return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
  });
  return { text, values };
}

/**
 * The rows, one after the other, so that a result that is too large is not first held in memory. Of a row the driver holds
 * all that comes, and what is longer than a text of JavaScript's can be would end the process: so what comes is counted too.
 */
async function rowsOf(client: Client, text: string, values: readonly unknown[], max: number): Promise<Json> {
  const { default: pg } = await import("pg");
  // The extended protocol takes one statement, however many the text would like to be.
  const config = { text, values: [...values], queryMode: "extended" };
  const query = new pg.Query(config);
  return new Promise((resolve, reject) => {
    const rows: Json[] = [];
    let size = 0;
    let came = 0;
    const tooLarge = (): void => {
      reject(failure("api.too_large", `The result has more than ${max} characters.`));
      destroy(client);
    };
    query.on("row", (row) => {
      const json = JSON.stringify(row, sayable);
      size += json.length;
      if (size > max) tooLarge();
      else rows.push(JSON.parse(json));
    });
    streamOf(client)?.on("data", (chunk: Buffer) => {
      came += chunk.length;
      if (came > max * BYTES) tooLarge();
    });
    query.on("error", reject);
    query.on("end", ({ fields, rowCount }) => resolve(fields.length > 0 ? rows : { changes: rowCount }));
    client.query(query);
  });
}

/** Bytes become base64, and what is no finite number the text that the server writes for it. */
function sayable(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  const raw = typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  return Buffer.isBuffer(raw) ? raw.toString("base64") : value;
}

function typesOf(parser: CustomTypesConfig["getTypeParser"]): CustomTypesConfig {
  const readers = new Map<number, Reader>();
  for (const [type, list, read] of READERS) {
    readers.set(type, read);
    readers.set(list, (text) => each(parser(TEXTS)(text), read));
  }
  return { getTypeParser: (id: number, format?: "text" | "binary") => readers.get(id) ?? parser(id, format) };
}

/** Lists have up to six dimensions, and nothing at some places. */
function each(value: Json, read: Reader): Json {
  if (Array.isArray(value)) return value.map((item) => each(item, read));
  return typeof value === "string" ? read(value) : value;
}

function destroy(client: Client): void {
  client.end().catch(() => {});
  // `end` waits for a server that may never answer.
  streamOf(client)?.destroy();
}

function streamOf(client: Client): Duplex | null {
  const stream: unknown = Reflect.get(client, "connection")?.stream;
  return stream instanceof Duplex ? stream : null;
}

function told(error: unknown): unknown {
  const code = codeOf(error);
  if (code === null) return error;
  const message = `PostgreSQL says: ${messageOf(error)} (${code}).`;
  const options = { cause: error };
  if (code === "25006") return failure("sql.refused", message, options);
  if (code === "57014" || code === "55P03") return failure("sql.timeout", message, options);
  return failure("sql.failed", message, options);
}

/** The SQLSTATE of what the server said, or null when it is not the server that said it. */
function codeOf(error: unknown): string | null {
  const code: unknown = Object(error).code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && "severity" in Object(error) ? code : null;
}
