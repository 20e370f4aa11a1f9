import { createInterface } from "node:readline/promises";
import type { UserError } from "../../base/index.ts";
import { clean } from "./text.ts";

/** Whether there is a person to ask: a terminal at both ends. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks one question on stderr and reads one line; the end of input counts as an empty answer. */
export async function ask<T>(question: string, read: (answer: string) => T): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    return read((await Promise.race([lines.question(`${clean(question.trimEnd())} `), ended])).trim());
  } finally {
    lines.close();
  }
}

/** Keys that end an answer; with the last two, Ctrl-C and Ctrl-D, there is none. */
const ENDS = new Set(["\r", "\n", "\u0003", "\u0004"]);

/**
 * Asks for a text that must not be seen: nothing that is typed is shown. Ctrl-C and the end of input give null.
 * Needs a terminal.
 */
export function askHidden(question: string): Promise<string | null> {
  const { stdin, stderr } = process;
  stderr.write(`${clean(question.trimEnd())} `);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve) => {
    let typed = "";
    const done = (answer: string | null): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      resolve(answer);
    };
    const take = (chunk: string): void => {
      const keys = [...chunk];
      const end = keys.findIndex((key) => ENDS.has(key));
      for (const key of end < 0 ? keys : keys.slice(0, end)) {
        typed = key === "\u007f" || key === "\b" ? [...typed].slice(0, -1).join("") : typed + key;
      }
      if (end >= 0) done(keys[end] === "\r" || keys[end] === "\n" ? typed : null);
    };
    stdin.on("data", take);
  });
}

/**
 * Everything that comes in on standard input, as UTF-8; null when it is none.
 * @param most bytes; @param tooLong thrown when there are more
 */
export async function readInput(most: number, tooLong: UserError): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > most) throw tooLong;
    chunks.push(bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}
