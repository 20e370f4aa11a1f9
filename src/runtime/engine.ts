import type { Manifest } from "../manifest/index.ts";
import type { RuntimeFace } from "../registry/index.ts";
import { Recorder } from "./activity/recorder.ts";
import { createExecutor, type ExecutorParts } from "./execution/executor.ts";
import { type Approved, ApprovedConnectors } from "./gate/approved.ts";
import { Gate } from "./gate/gate.ts";
import { no } from "./gate/refusals.ts";
import { approvedService } from "./gate/service.ts";
import type { Mode } from "./gate/types.ts";
import { accountHealth, type ConnectorHealth, together } from "./health.ts";
import { type AuthorizeOptions, authorize } from "./oauth/authorize.ts";
import { TokenClient } from "./oauth/endpoint.ts";
import { Refresher } from "./oauth/refresh.ts";
import { type DataOf, ListedTools } from "./serve/tools.ts";
import type { KeyRing } from "./vault/keys.ts";
import { DEFAULT_ACCOUNT } from "./vault/names.ts";
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
  /** Told what a `runtime.internal` was, without secrets. */
  readonly onBug?: (what: string) => void;
  /** For tests: how names are resolved and certificates are trusted. */
  readonly parts?: ExecutorParts;
}

/** Everything between an agent and a provider, in one process. */
export interface Engine {
  readonly gate: Gate;
  readonly approved: ApprovedConnectors;
  readonly vault: Vault;
  readonly tools: ListedTools;
  /** How an approved connector is, and what it lacks. @throws ToolFailure `call.unknown_connector` */
  health(slug: string): Promise<ConnectorHealth>;
  /** Gets an account its first tokens. @throws ToolFailure, UserError */
  connect(slug: string, account: string | null, how: ConnectHow): Promise<void>;
  /** Writes what is to be recorded and ends connections and children. The registry stays open. */
  close(): Promise<void>;
}

/** How a person connects an account. */
export type ConnectHow = Pick<AuthorizeOptions, "port" | "show" | "signal">;

/** Puts a runtime together; nothing is reached before its first call. */
export function createEngine(options: EngineOptions): Engine {
  const { runtime, ring, digestOf, dataOf, mode, allowedHosts, logValues } = options;
  const approved = new ApprovedConnectors({ runtime, digestOf });
  const client = new TokenClient(allowedHosts, options.parts);
  const refresher = new Refresher({ runtime, ring, client });
  const vault = new Vault({ runtime, ring, refresh: refresher.refresh });
  const { onTrouble, onBug } = options;
  const recorder = new Recorder({ runtime, ...(onTrouble && { onTrouble }) });
  const service = approvedService(runtime, approved);
  const executor = createExecutor({ service, ...(allowedHosts && { allowedHosts }) }, options.parts);
  const tools = new ListedTools(dataOf);
  const { validate } = tools;
  const gate = new Gate({
    ...{ runtime, approved, vault, executor, recorder, validate, mode },
    ...(logValues === undefined ? {} : { logValues }),
    ...(onBug && { onBug }),
  });
  const served = async (slug: string): Promise<Approved> => {
    const { connectors, refused } = await approved.current();
    const found = connectors.get(slug);
    if (found !== undefined) return found;
    const why = refused.get(slug);
    if (why !== undefined) throw no("call.changed", `${slug} is not what was approved: ${why}.`);
    throw no("call.unknown_connector", `No approved connector is named ${slug.slice(0, 64)}.`);
  };
  return {
    ...{ gate, approved, vault, tools },
    health: async (slug) => {
      const { manifest } = await served(slug);
      const rows = await runtime.accounts(slug);
      const all = rows.length > 0 ? rows : [{ account: DEFAULT_ACCOUNT, fields: {}, keys: [] }];
      const looks = all.map((row) =>
        accountHealth(manifest, row, () => vault.connect(manifest, row.account), executor),
      );
      return together(slug, await Promise.all(looks));
    },
    connect: async (slug, account, how) => {
      const { manifest } = await served(slug);
      const connection = await vault.connect(manifest, account);
      await authorize({ client, refresher, manifest, connection, ...how });
    },
    close: async () => {
      await Promise.all([executor.close(), client.close()]);
      await recorder.close();
    },
  };
}
