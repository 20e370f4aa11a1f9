import { join } from "node:path";
import { sha256 } from "../base/index.ts";
import type { GovernanceFace } from "../registry/index.ts";
import { Checkpoints, type KeyRing, type KeySources, loadKeyRing, makeOwnKey } from "../runtime/index.ts";
import type { Settings } from "./config.ts";
import { registryTarget } from "./target.ts";

/** The vault's master keys as configured; the embedded registry's own stands beside it. @throws UserError `vault.*` */
export function keyRing(settings: Settings): KeyRing {
  return loadKeyRing(sourcesOf(settings));
}

/** Makes the embedded registry's own key where there was none. @throws UserError `vault.key_missing` where it is gone */
export function makeKey(settings: Settings, { accounts }: Pick<GovernanceFace, "accounts">): Promise<void> {
  const hasSecrets = async (): Promise<boolean> =>
    (await accounts()).some(({ secrets }) => secrets.length > 0);
  return makeOwnKey(sourcesOf(settings), hasSecrets);
}

function sourcesOf({ registry, workspace, vaultKey }: Settings): KeySources {
  const target = registryTarget(registry, workspace.cwd);
  const ownFile = target.kind === "pglite" ? `${target.directory}.vault-key` : null;
  return { ...vaultKey, ownFile };
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
