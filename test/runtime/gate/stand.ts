import canonicalize from "canonicalize";
import { type Json, type JsonObject, sha256 } from "../../../src/base/index.ts";
import type { BatchEntry, Registry } from "../../../src/registry/index.ts";
import { Recorder } from "../../../src/runtime/activity/recorder.ts";
import { ApprovedConnectors } from "../../../src/runtime/gate/approved.ts";
import { Gate } from "../../../src/runtime/gate/gate.ts";
import type { CallRequest, GateOptions } from "../../../src/runtime/gate/types.ts";
import type { Connection, Executor, Runnable } from "../../../src/runtime/seams.ts";
import { type KeyRing, newKey } from "../../../src/runtime/vault/keys.ts";
import { Vault } from "../../../src/runtime/vault/vault.ts";
import { shop } from "../../contract/calls.ts";
import { register } from "../../contract/manifests.ts";

/** A digest that survives the way through the database. */
export function digestOf(manifest: object, files: object): string {
  return sha256(canonicalize([manifest, files]) ?? "");
}

/** The shop of the contract tests under a digest that can be worked out again. */
export function revision(slug: string, version?: string, more: JsonObject = {}): BatchEntry {
  const { manifest, files } = shop(slug, version);
  const content = { ...manifest, ...more };
  return { digest: digestOf(content, files), manifest: content, files };
}

/** Registers a revision and approves it. */
export async function serve(registry: Registry, entry: BatchEntry): Promise<BatchEntry> {
  const slug = String(entry.manifest.provider_slug);
  await register(registry, slug, entry);
  await registry.human("jane").approve(slug, entry.digest);
  return entry;
}

/** What a provider does with a call; the default answers with what it was asked. */
export type Provider = (
  tool: Runnable,
  input: JsonObject,
  connection: Connection,
  signal: AbortSignal,
) => Promise<Json>;

/** A gate over a registry, with a provider that counts. */
export interface Stand {
  readonly gate: Gate;
  readonly recorder: Recorder;
  readonly approved: ApprovedConnectors;
  readonly vault: Vault;
  readonly ring: KeyRing;
  /** Calls that reached the provider. */
  readonly reached: { readonly tool: string; readonly input: JsonObject; readonly key: string | undefined }[];
  provider: Provider;
  call(tool: string, input?: JsonObject, more?: Partial<CallRequest>): ReturnType<Gate["call"]>;
}

/** Builds it; calls go to `slug` in the name of agent ann. */
export function stand(
  registry: Registry,
  slug: string,
  options: Partial<GateOptions> = {},
  freshMs = 0,
): Stand {
  const { runtime } = registry;
  const key = newKey();
  const ring: KeyRing = { current: key, keys: [key], file: null };
  const recorder = new Recorder({ runtime, delayMs: 5 });
  const approved = new ApprovedConnectors({ runtime, digestOf, freshMs });
  const vault = new Vault({ runtime, ring: () => ring, freshMs });
  const reached: Stand["reached"] = [];
  const executor: Executor = {
    execute: async (_manifest, tool, input, connection, bounds, signal) => {
      reached.push({ tool: tool.name, input, key: bounds.idempotencyKey });
      return { value: await made.provider(tool, input, connection, signal) };
    },
    preview: async () => [],
    close: async () => {},
  };
  const validate: GateOptions["validate"] = (_manifest, _tool, input) => input;
  const gate = new Gate({
    runtime,
    approved,
    vault,
    executor,
    recorder,
    validate,
    mode: "write",
    ...options,
  });
  const made: Stand = {
    gate,
    recorder,
    approved,
    vault,
    ring,
    reached,
    provider: async (_tool, input) => ({ did: input }),
    call: (tool, input = {}, more = {}) =>
      gate.call({
        agent: "ann",
        connector: slug,
        tool,
        account: null,
        input,
        key: null,
        signal: new AbortController().signal,
        ...more,
      }),
  };
  return made;
}
