import { join } from "node:path";
import { sha256 } from "../base/index.ts";
import { Checkpoints, type KeyRing, loadKeyRing } from "../runtime/index.ts";
import type { Settings } from "./config.ts";
import { registryTarget } from "./target.ts";

/** The vault's master keys as configured; the embedded registry's own stands beside it. @throws UserError `vault.*` */
export function keyRing(settings: Settings): KeyRing {
  const target = registryTarget(settings.registry, settings.workspace.cwd);
  const ownFile = target.kind === "pglite" ? `${target.directory}.vault-key` : null;
  return loadKeyRing({ ...settings.vaultKey, ownFile });
}

/** What remembers outside the database how far its activity log went: beside the embedded registry, else in .sentinel. */
export function checkpoints(settings: Settings, ring: () => KeyRing): Checkpoints {
  const target = registryTarget(settings.registry, settings.workspace.cwd);
  if (target.kind === "pglite") return new Checkpoints(`${target.directory}.checkpoints`, ring);
  const { host, pathname } = new URL(target.url);
  return new Checkpoints(
    join(settings.stateDir, "checkpoints", `${sha256(host + pathname).slice(0, 16)}.jsonl`),
    ring,
  );
}
