import { CODES, type Json, type JsonObject, type RuntimeCode } from "../../base/index.ts";
import type { Manifest, Tool } from "../../manifest/index.ts";
import type { RuntimeFace, ServedRevision } from "../../registry/index.ts";
import { ToolFailure } from "../seams.ts";

/** One approved revision, ready to be served: it never changes, another one takes its place. */
export interface Approved {
  readonly slug: string;
  readonly digest: string;
  readonly manifest: Manifest;
  /** Hashes of the files that the manifest uses. */
  readonly files: Readonly<Record<string, string>>;
  readonly tool: (name: string) => Tool | undefined;
  /** Whether some scope that the tool needs requires a firearm, as far as this snapshot knows. */
  readonly armed: (tool: Tool) => boolean;
}

/** All that is served at one moment. */
export interface Snapshot {
  readonly state: string;
  readonly connectors: ReadonlyMap<string, Approved>;
  /** Revisions that the registry calls approved and that are not what was approved. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface ApprovedOptions {
  readonly runtime: Pick<RuntimeFace, "catalogue">;
  /** The digest of a manifest with its files, as the manifest's own room works it out. */
  readonly digestOf: (manifest: Manifest, files: Readonly<Record<string, string>>) => string;
  /** How old the snapshot may be when a call relies on it, in milliseconds; older ones are refreshed first. */
  readonly freshMs?: number;
}

const FRESH_MS = 1000;

/**
 * What people have approved, as an immutable snapshot that is swapped when it changes. Each revision's digest is worked
 * out again from its content: what the registry says is believed only where both agree.
 */
export class ApprovedConnectors {
  readonly #options: ApprovedOptions;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #snapshot: Snapshot | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<Snapshot> | null = null;

  constructor(options: ApprovedOptions) {
    this.#options = options;
  }

  /** The snapshot, no older than the options allow. @throws what the registry throws */
  async current(): Promise<Snapshot> {
    const fresh = performance.now() - this.#readAt < (this.#options.freshMs ?? FRESH_MS);
    return this.#snapshot !== null && fresh ? this.#snapshot : this.refresh();
  }

  /** Asks the registry now. */
  refresh(): Promise<Snapshot> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Calls back with every new snapshot; gives the way to stop that. */
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Finds an approved connector and its tool.
   * @throws ToolFailure `call.unknown_connector`, `call.changed`, `call.unknown_tool`
   */
  async find(slug: string, toolName: string): Promise<{ readonly approved: Approved; readonly tool: Tool }> {
    const { connectors, refused } = await this.current();
    const approved = connectors.get(slug);
    if (approved === undefined) {
      if (refused.has(slug))
        throw no("call.changed", `${slug} is not what was approved: ${refused.get(slug)}.`);
      throw no("call.unknown_connector", `No approved connector is named ${slug.slice(0, 64)}.`);
    }
    const tool = approved.tool(toolName);
    if (tool === undefined) throw no("call.unknown_tool", `${slug} has no tool ${toolName.slice(0, 64)}.`);
    return { approved, tool };
  }

  async #read(): Promise<Snapshot> {
    const asked = performance.now();
    const before = this.#snapshot;
    const digests = Object.fromEntries(
      [...(before?.connectors ?? [])].map(([slug, { digest }]) => [slug, digest]),
    );
    const { state, connectors } = await this.#options.runtime.catalogue(before?.state, digests);
    this.#readAt = asked;
    if (before !== null && connectors === null) return before;
    const served = new Map<string, Approved>();
    const refused = new Map<string, string>();
    for (const revision of connectors ?? []) {
      const standing = before?.connectors.get(revision.slug);
      const made = this.#take(revision, standing);
      if (typeof made === "string") refused.set(revision.slug, made);
      else served.set(revision.slug, made);
    }
    const snapshot: Snapshot = { state, connectors: served, refused };
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener(snapshot);
    return snapshot;
  }

  /** The revision, or why it is not served. */
  #take(revision: ServedRevision, standing: Approved | undefined): Approved | string {
    const { slug, digest, manifest: content, decisions } = revision;
    const known = standing?.digest === digest ? standing : null;
    const manifest = known?.manifest ?? content;
    if (manifest === null || !isManifest(manifest) || manifest.provider_slug !== slug)
      return "its manifest is no manifest";
    const files = texts(revision.files);
    if (known === null || JSON.stringify(files) !== JSON.stringify(known.files)) {
      const found = this.#options.digestOf(manifest, files);
      if (found !== digest) return `its content has the digest ${found}`;
    }
    const tools = new Map(manifest.tools.map((tool) => [tool.name, tool]));
    const armedScopes = armed(manifest, decisions);
    return {
      slug,
      digest,
      manifest,
      files,
      tool: (name) => tools.get(name),
      armed: (tool) => tool.scopes.some((scope) => armedScopes.has(scope)),
    };
  }
}

/** Scopes that require a firearm: what was decided, else what the approved manifest proposes. */
function armed({ scopes }: Manifest, decisions: JsonObject): ReadonlySet<string> {
  const required = scopes.filter(({ name, requires_firearm }) => {
    const decision = decisions[name];
    return isObject(decision) ? decision.requires_firearm !== false : requires_firearm;
  });
  return new Set(required.map(({ name }) => name));
}

/** The registry derived every row from this; the digest says whether it is the whole of what was approved. */
function isManifest(value: Manifest | JsonObject): value is Manifest {
  return "provider_slug" in value && Array.isArray(value.tools) && Array.isArray(value.scopes);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(files: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

function no(code: RuntimeCode, message: string): ToolFailure {
  return new ToolFailure(code, message, CODES[code].remedy);
}
