import type { ConnectorHealth, HealthStatus } from "../../runtime/index.ts";
import { clean, type Paint } from "./text.ts";

/** Connectors with their state, and below each what is to be done. */
export function healthLines(found: readonly ConnectorHealth[], colour: Paint): string[] {
  if (found.length === 0) return ["No connector is approved."];
  const width = Math.max(...found.map(({ connector }) => connector.length));
  const painted: Record<HealthStatus, (text: string) => string> = {
    healthy: colour.green,
    degraded: colour.yellow,
    needs_setup: colour.yellow,
    error: colour.red,
  };
  return found.flatMap(({ connector, status, reasons, accounts }) => {
    const who = accounts.flatMap(({ account, whoami }) =>
      whoami === null ? [] : [`${account}: ${String(whoami.name ?? whoami.email ?? whoami.id ?? "known")}`],
    );
    const known = who.length === 0 ? "" : colour.dim(`  ${clean(who.join(", "))}`);
    return [
      `${clean(connector).padEnd(width)}  ${painted[status](status)}${known}`,
      ...reasons.flatMap(({ code, message, hint }) => [
        `  ${clean(code)}: ${clean(message)}`,
        `    ${colour.cyan("hint:")} ${clean(hint)}`,
      ]),
    ];
  });
}
