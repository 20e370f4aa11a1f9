import { copied } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";
import type { KeyRing } from "../vault/keys.ts";
import { DEFAULT_ACCOUNT, secretName, wantedSecrets } from "../vault/names.ts";
import { seal } from "../vault/seal.ts";

/** What a rehearsal takes for approved. */
export interface Stage {
  readonly manifest: Manifest;
  readonly digest: string;
  /** Hashes of the files that the manifest uses. */
  readonly files: Readonly<Record<string, string>>;
  /** The text of service.ts; null where there is none. */
  readonly service: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether the vault has what the connector asks for. */
  readonly hasSecrets: boolean;
}

/**
 * A registry that is not there: one connector, as if it were approved without firearms, and calls that begin and end. For
 * rehearsals only; it keeps nothing.
 */
export function stageRegistry(stage: Stage, ring: KeyRing): RuntimeFace {
  const { manifest, digest, files, service, fields, hasSecrets } = stage;
  const keys = hasSecrets ? wantedSecrets(manifest).map(({ key }) => key) : [];
  const begun = new Set<string>();
  const plain = copied(manifest);
  const open = manifest.scopes.map(({ name }) => [name, { requires_firearm: false, firearm_type: null }]);
  const revision = {
    ...{ slug: manifest.provider_slug, digest, version: manifest.version, manifest: plain },
    files: { ...files },
    decisions: Object.fromEntries(open),
  };
  return {
    head: null,
    catalogue: async () => ({ state: digest, connectors: [revision] }),
    agent: async () => null,
    accounts: async () => [{ account: DEFAULT_ACCOUNT, fields: { ...fields }, keys }],
    secret: async (connector, account, key) => {
      if (!keys.includes(key)) return null;
      const key_name = secretName(manifest, account, key);
      const sealed = seal(ring, { connector, account, key }, key_name, `rehearsed-${key.toLowerCase()}`);
      return { key_name, version: 1, ...sealed };
    },
    file: async () => service,
    renewSecret: async () => true,
    lease: async () => true,
    settle: async () => 0,
    begin: async (call) => {
      begun.add(call.call_id);
      return { outcome: "begun", call_id: call.call_id, fence: 1 };
    },
    renew: async () => true,
    finish: async ({ call_id, outcome }) => {
      const accepted = begun.has(call_id);
      const isKnown = accepted && (outcome === "succeeded" || outcome === "failed");
      const now = new Date().toISOString();
      return { accepted, at: isKnown ? now : null };
    },
    record: async () => {},
  };
}
