import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { errno, type UserError } from "../../base/index.ts";
import { userError } from "../failure.ts";

/** The right to use a registry's directory, until it is released or the process ends. */
export interface DirectoryLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/** Who holds a directory, as its note says. */
interface Holder {
  readonly pid: number;
  readonly since: string;
  readonly command: string;
  /** Whether it lets go whenever it has nothing to do: it pays to wait. */
  readonly shares: boolean;
}

/**
 * Takes the exclusive lock beside a directory. PGlite has none, and two processes on one directory lose each other's rows.
 * The lock is an open SQLite file: the kernel gives it back however the process ends, so it never goes stale.
 * @param shares whether this process lets go whenever it has nothing to do
 * @throws UserError `registry.locked`, with who holds it; `registry.unwritable`.
 */
export function lockDirectory(directory: string, shares = false): DirectoryLock {
  const note = `${directory}.holder`;
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(directory), { recursive: true });
    database = openSqlite(`${directory}.lock`);
    // No journal: nothing is ever written into this file.
    database.exec("pragma locking_mode = exclusive; pragma journal_mode = off; begin exclusive");
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw held(directory, note);
    const why = error instanceof Error ? error.message : String(error);
    throw userError("registry.unwritable", `The registry at ${directory} can't be written: ${why}.`, {
      cause: error,
    });
  }
  const locked = database;
  try {
    const holder: Holder = {
      pid: process.pid,
      since: new Date().toISOString(),
      command: command(),
      shares,
    };
    writeFileSync(note, JSON.stringify(holder));
    if (!shares) utimesSync(`${directory}.lock`, new Date(), new Date());
  } catch (error) {
    // Only for the message of another process; a full disk will say so elsewhere.
    if (errno(error) === null) throw error;
  }
  return {
    release: () => {
      rmSync(note, { force: true });
      locked.close();
    },
  };
}

function openSqlite(path: string): DatabaseSync {
  // Node 22 warns that SQLite is experimental; our users can do nothing about it.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const sqlite = process.getBuiltinModule("node:sqlite");
    return new sqlite.DatabaseSync(path, { timeout: 0 });
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function command(): string {
  return [basename(process.argv[1] ?? "node", ".js"), ...process.argv.slice(2)].join(" ");
}

/**
 * When a process last held a directory that does not share it, in milliseconds; 0: none ever did. Those that share it only
 * make calls: what is registered and decided is as it was before them.
 */
export function lastOwnedMs(directory: string): number {
  return statSync(`${directory}.lock`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Whether whoever holds a directory will soon let go, or has done so. */
export function letsGo(directory: string): boolean {
  return readNote(`${directory}.holder`)?.shares ?? true;
}

function held(directory: string, note: string): UserError {
  const holder = readNote(note);
  const who =
    holder === null ? "another process" : `process ${holder.pid} (${holder.command}, since ${holder.since})`;
  return userError("registry.locked", `The registry at ${directory} is held by ${who}.`);
}

/** Null where there is none, or it is being written at this very moment. */
function readNote(note: string): Holder | null {
  try {
    const holder: Holder = JSON.parse(readFileSync(note, "utf8"));
    return holder;
  } catch (error) {
    if (!(error instanceof SyntaxError) && errno(error) === null) throw error;
    return null;
  }
}
