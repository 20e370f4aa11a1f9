import { type JsonObject, sha256 } from "../../../src/base/index.ts";
import { connectorData } from "../../../src/generate/index.ts";
import { digestOf, type Manifest, type Tool } from "../../../src/manifest/index.ts";
import type { Registry } from "../../../src/registry/index.ts";
import { connectorDataOf, createEngine, type Engine, type Mode, seal } from "../../../src/runtime/index.ts";
import { type KeyRing, newKey } from "../../../src/runtime/vault/keys.ts";
import { register } from "../../contract/manifests.ts";
import { manifest, tool } from "../../generate/manifest.ts";
import { rest } from "../execution/workbench.ts";

/** A runtime over a registry, with what people do to it. */
export interface House {
  readonly registry: Registry;
  readonly ring: KeyRing;
  engine(options?: { readonly mode?: Mode; readonly hosts?: readonly string[] }): Engine;
  /** Registers a manifest; @returns its digest */
  add(content: Manifest): Promise<string>;
  /** The same, and approves it. */
  approve(content: Manifest): Promise<string>;
  secret(slug: string, key: string, value: string, account?: string): Promise<void>;
  /** Makes a token. */
  token(agent: string): Promise<string>;
}

/** Builds it. */
export function house(registry: Registry, ring: KeyRing = newRing()): House {
  const jane = registry.human("jane");
  const add = async (content: Manifest): Promise<string> => {
    const digest = digestOf(content, {});
    const plain: JsonObject = JSON.parse(JSON.stringify(content));
    await register(registry, content.provider_slug, { digest, manifest: plain, files: {} });
    return digest;
  };
  return {
    registry,
    ring,
    add,
    engine: ({ mode = "write", hosts = [] } = {}) =>
      createEngine({
        runtime: registry.runtime,
        ring: () => ring,
        digestOf,
        dataOf: (content) => connectorDataOf(connectorData(content, "")),
        mode,
        allowedHosts: hosts.map((host) => `http://${host}`),
      }),
    approve: async (content) => {
      const digest = await add(content);
      await jane.approve(content.provider_slug, digest);
      return digest;
    },
    secret: async (slug, name, value, account = "default") => {
      const key_name = `PROVIDER_${slug}_${account}_${name}`.toUpperCase().replaceAll("-", "_");
      const sealed = seal(ring, { connector: slug, account, key: name }, key_name, value);
      await jane.governance.writeSecret({ provider_slug: slug, account, key: name, key_name, ...sealed });
    },
    token: async (agent) => {
      const token = `sentinel_${agent}_token`;
      await jane.governance.createToken(agent, sha256(token), 3600);
      return token;
    },
  };
}

/** A tool that gets one thing, and what a case changes in it. */
export function getter(name: string, changes: Partial<Tool> = {}): Tool {
  const id = { type: "string" };
  return tool({
    name,
    description: `Does ${name}.`,
    input: { type: "object", properties: { id }, required: ["id"], additionalProperties: false },
    rest: rest({ path: `/${name}/{{ params.id }}` }),
    ...changes,
  });
}

/** A tool that changes one thing. */
export function setter(name: string, changes: Partial<Tool> = {}): Tool {
  return getter(name, {
    side_effecting: true,
    rest: rest({ method: "PUT", path: `/${name}/{{ params.id }}`, body: {} }),
    ...changes,
  });
}

/** A connector with a bearer token, at a host. */
export function connector(
  slug: string,
  host: string,
  tools: Tool[],
  changes: Partial<Manifest> = {},
): Manifest {
  return manifest({
    provider_slug: slug,
    display_name: slug,
    base_url: `https://${host}`,
    auth: { type: "bearer", also: [], whoami: null },
    tools,
    ...changes,
  });
}

function newRing(): KeyRing {
  const key = newKey();
  return { current: key, keys: [key], file: null };
}
