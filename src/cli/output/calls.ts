import type { Json } from "../../base/index.ts";
import type { Receipt } from "../../registry/index.ts";
import type { CallPlan } from "../../runtime/index.ts";
import { clean, cleanLines, type Paint } from "./text.ts";

/** What a call gave: its result as JSON, and its receipt. */
export function answerLines(
  {
    value,
    receipt,
    replayed,
  }: { readonly value: Json; readonly receipt: Receipt | null; readonly replayed: boolean },
  colour: Paint,
): string[] {
  const lines = [cleanLines(JSON.stringify(value, null, 2))];
  if (receipt !== null) {
    const again = replayed ? " (of an earlier call: nothing was sent now)" : "";
    lines.push(colour.dim(`receipt ${clean(receipt.receipt_id)}${again}`));
  }
  return lines;
}

/** Why a call was not made, or failed. */
export function refusalLines(
  { code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string },
  colour: Paint,
): string[] {
  return [colour.red(`${clean(code)}: ${clean(message)}`), `  ${colour.cyan("hint:")} ${clean(hint)}`];
}

/** A plan in words. */
export function planLines(plan: CallPlan, colour: Paint): string[] {
  const effect = plan.destructive ? "destroys something" : "changes something";
  const kind =
    plan.side_effecting || plan.destructive ? `${effect}${plan.idempotent ? ", idempotent" : ""}` : "reads";
  return [
    `${clean(plan.connector)}:${clean(plan.account)} ${clean(plan.tool)}: ${kind}. Nothing was sent.`,
    colour.dim(`  revision ${clean(plan.digest)}`),
    colour.dim(`  scopes ${plan.scopes.length === 0 ? "none" : plan.scopes.map(clean).join(", ")}`),
    ...(plan.refused === null ? [] : [colour.red(`  mode ${plan.mode} refuses it (${plan.refused})`)]),
    ...(plan.needs_firearm ? [colour.dim("  the agent has to hold a firearm (sentinel grant list)")] : []),
    ...(plan.side_effecting ? [colour.dim(`  key ${clean(plan.key)}`)] : []),
    ...plan.steps.flatMap((step, at) => [
      `${at + 1}. ${step.kind}`,
      cleanLines(JSON.stringify(step, null, 2)),
    ]),
  ];
}
