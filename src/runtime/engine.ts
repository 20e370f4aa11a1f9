import type { Manifest } from "../manifest/index.ts";
import type { RuntimeFace } from "../registry/index.ts";
import { Recorder } from "./activity/recorder.ts";
import { createExecutor, type ExecutorParts } from "./execution/executor.ts";
import { ApprovedConnectors } from "./gate/approved.ts";
import { Gate } from "./gate/gate.ts";
import { approvedService } from "./gate/service.ts";
import type { Mode } from "./gate/types.ts";
import { TokenClient } from "./oauth/endpoint.ts";
import { Refresher } from "./oauth/refresh.ts";
import { type DataOf, ListedTools } from "./serve/tools.ts";
import type { KeyRing } from "./vault/keys.ts";
import { Vault } from "./vault/vault.ts";

/** What a runtime is made of; the rooms that it must not know give their part here. */
export interface EngineOptions {
  readonly runtime: RuntimeFace;
  readonly ring: () => KeyRing;
  /** The digest of a manifest with its files. */
  readonly digestOf: (manifest: Manifest, files: Readonly<Record<string, string>>) => string;
  readonly dataOf: DataOf;
  readonly mode: Mode;
  /** Hosts of the operator's own: docs/config.md. */
  readonly allowedHosts?: readonly string[];
  /** Whether the activity log has the values of arguments. */
  readonly logValues?: boolean;
  /** Told when the activity log can't be written. */
  readonly onTrouble?: (error: unknown) => void;
  /** For tests: how names are resolved and certificates are trusted. */
  readonly parts?: ExecutorParts;
}

/** Everything between an agent and a provider, in one process. */
export interface Engine {
  readonly gate: Gate;
  readonly approved: ApprovedConnectors;
  readonly vault: Vault;
  readonly tools: ListedTools;
  /** Writes what is to be recorded and ends connections and children. The registry stays open. */
  close(): Promise<void>;
}

/** Puts a runtime together; nothing is reached before its first call. */
export function createEngine(options: EngineOptions): Engine {
  const { runtime, ring, digestOf, dataOf, mode, allowedHosts, logValues } = options;
  const approved = new ApprovedConnectors({ runtime, digestOf });
  const client = new TokenClient(allowedHosts, options.parts);
  const refresher = new Refresher({ runtime, ring, client });
  const vault = new Vault({ runtime, ring, refresh: refresher.refresh });
  const { onTrouble } = options;
  const recorder = new Recorder({ runtime, ...(onTrouble && { onTrouble }) });
  const service = approvedService(runtime, approved);
  const executor = createExecutor({ service, ...(allowedHosts && { allowedHosts }) }, options.parts);
  const tools = new ListedTools(dataOf);
  const { validate } = tools;
  const gate = new Gate({
    ...{ runtime, approved, vault, executor, recorder, validate, mode },
    ...(logValues === undefined ? {} : { logValues }),
  });
  return {
    ...{ gate, approved, vault, tools },
    close: async () => {
      await Promise.all([executor.close(), client.close()]);
      await recorder.close();
    },
  };
}
