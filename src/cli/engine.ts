import type { Logger } from "../base/index.ts";
import { connectorData } from "../generate/index.ts";
import { digestOf } from "../manifest/index.ts";
import type { Registry, RuntimeFace } from "../registry/index.ts";
import {
  connectorDataOf,
  createEngine,
  type Engine,
  type EngineOptions,
  keepHouse,
  type Mode,
} from "../runtime/index.ts";
import { DEFAULT_AGENT, type Settings } from "./config.ts";
import { checkpoints, keyRing, makeKey } from "./keeping.ts";

/** The mode of a runtime that nobody has told one: it changes things, and destroys none. */
export const DEFAULT_MODE: Mode = "write";

/** A runtime as configured, over a registry's face. @param mode beats the configuration */
export function engineOf(
  settings: Settings,
  runtime: RuntimeFace,
  {
    mode,
    onTrouble,
    onBug,
  }: Pick<EngineOptions, "onTrouble" | "onBug"> & { readonly mode?: Mode | undefined } = {},
): Engine {
  const { allowed_hosts, log_values } = settings.runtime;
  return createEngine({
    runtime,
    // Read each time: a rotation changes the file while we run.
    ring: () => keyRing(settings),
    digestOf,
    // The digest is the registry's business: what is listed says nothing of it.
    dataOf: (manifest) => connectorDataOf(connectorData(manifest, "")),
    mode: mode ?? settings.runtime.mode ?? DEFAULT_MODE,
    ...(allowed_hosts && { allowedHosts: allowed_hosts }),
    ...(log_values === undefined ? {} : { logValues: log_values }),
    ...(onTrouble && { onTrouble }),
    ...(onBug && { onBug }),
  });
}

/**
 * What a serving process looks after besides: calls of processes that died, and how far the activity log went.
 * @returns the way to stop it
 */
export function houseOf(
  settings: Settings,
  registry: Pick<Registry, "runtime" | "human">,
  logger: Logger | null,
): () => Promise<void> {
  return keepHouse({
    runtime: registry.runtime,
    checkpoints: checkpoints(settings, () => keyRing(settings)),
    prepare: () => makeKey(settings, registry.human(DEFAULT_AGENT).governance),
    onTrouble: (what, detail) => {
      if (what === "log_rewound")
        logger?.error("the activity log is shorter than it was: sentinel log verify");
      else if (what === "checkpoint")
        logger?.warn("how far the activity log goes can't be remembered", { detail });
      else logger?.debug("dead calls can't be settled now", { detail });
    },
  });
}
