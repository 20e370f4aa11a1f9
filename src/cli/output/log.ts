import type { Json } from "../../base/index.ts";
import type { LogHead, LogRow } from "../../registry/index.ts";
import type { LogFault } from "../../runtime/index.ts";
import { clean, columns, count, type Paint, shorten } from "./text.ts";

/** An event as it is shown: its details as data. */
export type ShownEvent = Omit<LogRow, "details"> & { readonly details: Json };

const LONGEST_DETAILS = 100;

/** Events as a table. */
export function logLines(events: readonly ShownEvent[], colour: Paint): string[] {
  const rows = events.map(({ event_id, at, actor, action, provider_id, details }) => [
    String(event_id),
    at.replace(/\.\d+Z$/, "Z"),
    actor,
    action,
    provider_id ?? "-",
    shorten(JSON.stringify(details), LONGEST_DETAILS),
  ]);
  return columns(["row", "at", "who", "did", "connector", "details"], rows, colour);
}

/** What `log verify` found. */
export function verifiedLines(
  found: {
    readonly events: number;
    readonly head: LogHead;
    readonly receipts: number;
    readonly checkpoints: number | null;
    readonly fault: LogFault | null;
  },
  colour: Paint,
): string[] {
  const { fault, events, head, receipts, checkpoints } = found;
  if (fault !== null) {
    return [
      colour.red(`The log is not what it was: ${clean(fault.message)}`),
      `  ${fault.code}${fault.event_id === 0 ? "" : `, first bad row: ${fault.event_id}`}`,
      `  hint: ${clean(fault.hint)}`,
    ];
  }
  const against = checkpoints === null ? "no checkpoints" : count(checkpoints, "checkpoint");
  return [
    colour.green(`${count(events, "row")}, ${count(receipts, "receipt")} and ${against}: all as they were.`),
    `  last row ${head.event_id}, hash ${clean(head.hash)}`,
  ];
}
