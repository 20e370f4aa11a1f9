import type { Json, JsonObject } from "../../../base/index.ts";
import { CODES, type RuntimeCode } from "../../../base/index.ts";
import type { Sql } from "../../../manifest/index.ts";
import { ToolFailure } from "../../seams.ts";
import type { Call, Mark, Turn } from "../call.ts";
import { ChildFailed, inChild } from "../child.ts";
import { failure } from "../failure.ts";
import { inPlace } from "../places.ts";
import { databaseFile } from "./file.ts";
import { runPostgres } from "./postgres.ts";
import { checkBound, checkWords } from "./words.ts";

/**
 * Runs an `sql` query with its parameters bound. It may change data only when its tool says that it does.
 * @returns a list of rows, or `{changes, last_insert_id}` where there are none
 * @throws ToolFailure `sql.*`, `auth.missing`, `account.*`, `input.*`, `api.too_large`
 */
export async function runSql(sql: Sql, turn: Turn): Promise<Json> {
  const { tool, limits } = turn.call;
  const mark: Mark = tool.side_effecting ? turn.mark : () => {};
  const query = queryOf(sql, turn.call);
  const params = boundParams(sql, turn);
  try {
    return sql.database === "postgres"
      ? await onPostgres(query, params, turn, mark)
      : await onSqlite(sql, query, params, turn, mark);
  } catch (error) {
    if (error === limits.signal.reason && error instanceof ToolFailure && error.code === "api.timeout") {
      throw failure("sql.timeout", error.message);
    }
    throw error;
  }
}

/**
 * The query itself: the manifest's, or the agent's own.
 * @throws ToolFailure `input.missing`, `sql.refused`, `sql.failed`
 */
export function queryOf(sql: Sql, { tool, input }: Pick<Call, "tool" | "input">): string {
  const query = sql.query ?? (sql.query_field === null ? undefined : input[sql.query_field]);
  if (typeof query !== "string" || query.trim() === "") {
    throw failure("input.missing", `${sql.query_field} is the query and was not given.`);
  }
  if (sql.database === "postgres") checkWords(query, tool.side_effecting);
  else checkBound(query, sql.params);
  return query;
}

/** What is absent binds as null, so that a query can say what that means. */
export function boundParams(sql: Sql, { renderer }: Pick<Turn, "renderer">): JsonObject {
  const pairs = Object.entries(sql.params).map(([name, value]) => [name, renderer.value(value) ?? null]);
  return Object.fromEntries(pairs);
}

async function onPostgres(query: string, params: JsonObject, { call }: Turn, mark: Mark): Promise<Json> {
  const { connection, tool, limits } = call;
  const url = await connection.secret("DATABASE_URL");
  if (url === null) {
    const hint = `Store it with \`sentinel vault set ${connection.connector} DATABASE_URL\`.`;
    throw failure("auth.missing", "The account has no DATABASE_URL in the vault.", { hint });
  }
  const job = { url, query, params, writes: tool.side_effecting };
  const owner = `${connection.connector}:${connection.account}`;
  return inPlace(owner, limits.signal, () => runPostgres(job, limits, mark));
}

async function onSqlite(
  sql: Sql,
  query: string,
  params: JsonObject,
  { call }: Turn,
  mark: Mark,
): Promise<Json> {
  const { manifest, connection, tool, limits } = call;
  const file = await databaseFile(sql, manifest, connection);
  const job = { file, query, params, writes: tool.side_effecting, max: limits.responseBytes };
  try {
    // The rows' own bound is that of the child; commas and brackets come on top.
    return await inPlace(connection.connector, limits.signal, () => {
      mark(true);
      return inChild("runtime/execution/sql/sqlite-child", job, limits, { max: 2 * job.max });
    });
  } catch (error) {
    if (!(error instanceof ChildFailed)) throw error;
    // What fails is undone as a whole; of a process that died nobody knows.
    if (isCode(error.code)) mark(false);
    throw isCode(error.code)
      ? failure(error.code, error.message)
      : failure(
          error.code === "full" ? "api.too_large" : "sql.failed",
          `The query was stopped: ${error.message}.`,
        );
  }
}

function isCode(code: string): code is RuntimeCode {
  return Object.hasOwn(CODES, code);
}
