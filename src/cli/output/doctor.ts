import { scrubText } from "../../base/index.ts";
import type { Finding } from "../doctor/finding.ts";
import { clean, count, type Paint } from "./text.ts";

/** What `doctor` says: one line for each thing, and below it what to do. */
export function prettyDoctor(checks: readonly Finding[], colour: Paint): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const words = { ok: colour.green("ok  "), warn: colour.yellow("warn"), fail: colour.red("fail") };
  const lines = checks.flatMap(({ name, state, message, remedy }) => [
    `${words[state]}  ${name.padEnd(width)}  ${clean(scrubText(message))}`,
    ...(remedy === null
      ? []
      : [`      ${" ".repeat(width)}  ${colour.cyan("mend:")} ${clean(scrubText(remedy))}`]),
  ]);
  const [failed, warned] = [number(checks, "fail"), number(checks, "warn")];
  const told =
    failed > 0
      ? `${count(failed, "thing")} must be mended before a run works.`
      : warned > 0
        ? `A run works; ${count(warned, "thing")} could be better.`
        : "All is well.";
  return [...lines, "", told].join("\n");
}

function number(checks: readonly Finding[], state: Finding["state"]): number {
  return checks.filter((one) => one.state === state).length;
}
