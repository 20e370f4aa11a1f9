import { createInterface } from "node:readline/promises";
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
