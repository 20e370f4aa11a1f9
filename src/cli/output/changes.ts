import type { Json } from "../../base/index.ts";
import type { Change } from "../../registry/index.ts";
import { clean, type Paint, shorten } from "./text.ts";

const LONGEST_VALUE = 100;

/** A value of a row on one line. */
function shownValue(value: Json): string {
  if (value === null) return "nothing";
  return shorten(JSON.stringify(value), LONGEST_VALUE);
}

/** Differences of rows as lines: whole rows with + and -, fields with from and to below their row. */
export function changeLines(changes: readonly Change[], colour: Paint): string[] {
  const lines: string[] = [];
  const rows = Map.groupBy(changes, ({ table, key }) => `${table} ${key}`);
  for (const [row, list] of rows) {
    const whole = list.find(({ field }) => field === null);
    const fields = list.filter(({ field }) => field !== null);
    if (whole !== undefined) {
      const comes = whole.from === null;
      lines.push(comes ? colour.green(`+ ${clean(row)}`) : colour.red(`- ${clean(row)}`));
    } else {
      lines.push(colour.yellow(`~ ${clean(row)}`));
    }
    for (const { field, from, to } of fields) {
      lines.push(`    ${clean(field ?? "")}: ${shownValue(from)} ${colour.dim("→")} ${shownValue(to)}`);
    }
  }
  return lines;
}
