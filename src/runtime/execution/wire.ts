import { read, readSync, writeSync } from "node:fs";
import type { Json } from "../../base/index.ts";

// What a child and its parent say to each other: JSON, one message a line, on two pipes. Node's own channel trusts the
// child: what is no JSON, or looks like one of Node's own messages, would end the parent.

/** What a child says: it asks for something and waits, or it has finished. */
export type FromChild =
  | { readonly ask: number; readonly question: Json }
  | { readonly done: Json }
  | { readonly failed: { readonly code: string; readonly message: string } };

/** What a child is told: what to do, or the answer to what it has asked. */
export type ToChild<Start, Value = Json> =
  | { readonly start: Start }
  | { readonly answer: number; readonly value: Value }
  | { readonly answer: number; readonly error: { readonly code: string; readonly message: string } };

/** Questions of a child that wait for an answer at a time; a host has no more connections than that. */
export const MAX_OPEN = 8;

/** The child's ends of the pipes. */
const FROM_PARENT = 3;
const TO_PARENT = 4;
/** More than a pipe holds at once. */
const CHUNK = 256 * 1024;
const LINE_END = 10;

/** Puts lines together out of the pieces in which they come. */
export class Lines {
  #parts: Buffer[] = [];
  #size = 0;

  /** Bytes of the line that has not ended yet. */
  get size(): number {
    return this.#size;
  }

  /** @param hear gets each line that ends in this piece, without its end */
  push(piece: Buffer, hear: (line: string) => void): void {
    let from = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, from)) {
      this.#keep(piece.subarray(from, end));
      const line = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#size = 0;
      from = end + 1;
      hear(line);
    }
    this.#keep(piece.subarray(from));
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#size += part.length;
  }
}

// Kept, as a child may take `process` away from what it runs.
const exit = process.exit.bind(process);

/** In a child: hears what the parent says, and ends the process when the parent is gone. */
export function listen<Start, Value = Json>(hear: (message: ToChild<Start, Value>) => void): void {
  const lines = new Lines();
  const next = (): void =>
    read(FROM_PARENT, Buffer.allocUnsafe(CHUNK), 0, CHUNK, null, (error, size, piece) => {
      if (error !== null || size === 0) exit();
      lines.push(piece.subarray(0, size), (line) => hear(JSON.parse(line)));
      next();
    });
  next();
}

/**
 * As `listen`, for a child that does one thing after the other and has nothing to do but to wait in between, which takes a
 * third of the time of being woken. Nothing but promises goes on meanwhile.
 */
export async function doAll<Start>(work: (start: Start) => Promise<void>): Promise<void> {
  const lines = new Lines();
  const waiting: ToChild<Start>[] = [];
  for (;;) {
    const piece = Buffer.allocUnsafe(CHUNK);
    const size = readSync(FROM_PARENT, piece, 0, CHUNK, null);
    if (size === 0) exit();
    lines.push(piece.subarray(0, size), (line) => waiting.push(JSON.parse(line)));
    for (const message of waiting.splice(0)) if ("start" in message) await work(message.start);
  }
}

/** In a child: says something to the parent, and waits until it is on its way. */
export function tell(message: FromChild): void {
  tellText(JSON.stringify(message));
}

/** As `tell`, where the message is JSON already. */
export function tellText(message: string): void {
  const bytes = Buffer.from(`${message}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(TO_PARENT, bytes, at);
}
