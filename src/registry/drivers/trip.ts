import type { ClientBase, Connection, Submittable } from "pg";
import type { Statement } from "../call.ts";

type Values = readonly (string | null)[];

/** A statement; with a name it is prepared in the session under it, or was. */
export interface Step extends Statement {
  readonly name?: string;
  readonly isPrepared?: boolean;
}

/**
 * Statements that go out as one packet with one Sync behind them, and come back as one answer: one round trip, and one
 * wake-up on each side, however many they are. Where one fails, the server skips those behind it.
 *
 * A query class as `pg` asks for one; the messages are the extended query protocol's (PostgreSQL 15, 55.2.3).
 */
class Trip implements Submittable {
  readonly #statements: readonly Step[];
  readonly #values: (string | null)[] = [];
  #value: string | null = null;
  /** `pg` puts one of its own around it, which ends the wait for a server that has gone silent. */
  callback: (error: unknown, values?: Values) => void;

  constructor(statements: readonly Step[], callback: (error: unknown, values?: Values) => void) {
    this.#statements = statements;
    this.callback = callback;
  }

  submit = (connection: Connection): void => {
    connection.stream.cork();
    try {
      for (const { sql, values, name = "", isPrepared = false } of this.#statements) {
        // An earlier trip may have got as far as preparing it; closing what is not there is no error.
        if (name !== "" && !isPrepared) connection.close({ type: "S", name }, true);
        if (!isPrepared) connection.parse({ name, text: sql, types: [] }, true);
        connection.bind({ statement: name, values: [...values] }, true);
        connection.execute(null, true);
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  };

  handleDataRow({ fields: [value] }: { readonly fields: Values }): void {
    this.#value = value ?? null;
  }

  handleCommandComplete(): void {
    this.#values.push(this.#value);
    this.#value = null;
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#values);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }
}

/**
 * Runs statements in one round trip.
 * @returns for each statement the text of the first column of its last row, or null
 * @throws what `pg` throws
 */
export function tripOf(client: ClientBase, statements: readonly Step[]): Promise<Values> {
  return new Promise((resolve, reject) => {
    client.query(
      new Trip(statements, (error, values) => (values === undefined ? reject(error) : resolve(values))),
    );
  });
}
