import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { errno, type Json } from "../../base/index.ts";
import { migrationNames } from "../migrations.ts";

/**
 * What the registry's sources held when it was last closed, in a file beside its directory, so that a run with nothing to
 * do needs no database. Only whoever holds the directory's lock reads or writes it. It is removed before the first write
 * and written after the database is closed: killed in between, there is none, and the next run asks the database.
 */
export class StateToken {
  readonly #path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#path = `${directory}.state`;
    this.#directory = directory;
  }

  /** The states by source; none when the file is missing, damaged or not of this very database. */
  read(): Map<string, string> {
    try {
      const { seal, states }: { seal: Json; states: { [source: string]: string } } = JSON.parse(
        readFileSync(this.#path, "utf8"),
      );
      if (seal === this.#seal()) return new Map(Object.entries(states));
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError) && errno(error) === null)
        throw error;
    }
    return new Map();
  }

  /** Forgets, before something is written. */
  remove(): void {
    rmSync(this.#path, { force: true, recursive: true });
  }

  /** Keeps the states of a database that has been closed. */
  write(states: ReadonlyMap<string, string>): void {
    try {
      const token = { seal: this.#seal(), states: Object.fromEntries(states) };
      writeFileSync(this.#path, JSON.stringify(token));
    } catch (error) {
      // A torn file reads as damaged, and without one the next run is only slower.
      if (errno(error) === null) throw error;
    }
  }

  // Any use of the database changes its control file; a restored or replaced directory has another one.
  #seal(): string {
    const { ino, mtimeMs, size } = statSync(`${this.#directory}/global/pg_control`);
    return [ino, mtimeMs, size, migrationNames().at(-1)].join(" ");
  }
}
