import { connectorData } from "../generate/index.ts";
import { digestOf } from "../manifest/index.ts";
import type { RuntimeFace } from "../registry/index.ts";
import { connectorDataOf, createEngine, type Engine, type KeyRing, type Mode } from "../runtime/index.ts";
import type { Settings } from "./config.ts";
import { checkpoints, keyRing } from "./keeping.ts";

/** The mode of a runtime that nobody has told one: it changes things, and destroys none. */
export const DEFAULT_MODE: Mode = "write";
/** In whose name calls are made where nobody says: whoever sits at this machine. */
export const DEFAULT_AGENT = "local";

/** A runtime as configured, over a registry's face. @param mode beats the configuration */
export function engineOf(
  settings: Settings,
  runtime: RuntimeFace,
  {
    mode,
    onTrouble,
  }: { readonly mode?: Mode | undefined; readonly onTrouble?: (error: unknown) => void } = {},
): Engine {
  const { allowed_hosts, log_values } = settings.runtime;
  let ring: KeyRing | null = null;
  const keys = (): KeyRing => {
    ring ??= keyRing(settings);
    return ring;
  };
  const kept = checkpoints(settings, keys);
  return createEngine({
    runtime,
    ring: keys,
    digestOf,
    // The digest is the registry's business: what is listed says nothing of it.
    dataOf: (manifest) => connectorDataOf(connectorData(manifest, "")),
    mode: mode ?? settings.runtime.mode ?? DEFAULT_MODE,
    ...(allowed_hosts && { allowedHosts: allowed_hosts }),
    ...(log_values === undefined ? {} : { logValues: log_values }),
    onHead: (head) => {
      kept.add(head, new Date().toISOString());
    },
    ...(onTrouble && { onTrouble }),
  });
}
