import type { Logger } from "../../base/index.ts";
import type { Identity } from "../catalogue.ts";
import type { Engine } from "../engine.ts";
import type { Snapshot } from "../gate/approved.ts";
import type { Call, Face } from "../server.ts";
import { capabilitiesFace, type Preferred } from "./capabilities.ts";
import { type FaceParts, toolsFace } from "./faces.ts";
import { searchFace } from "./search.ts";
import { choices, type Selection } from "./selection.ts";

/** How tools are shown to agents. */
export type Expose = "tools" | "search" | "capabilities";

/** What is served, and how. */
export interface ServingOptions {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly selection: Selection;
  readonly expose: Expose;
  readonly preferred?: Preferred;
  /** How often the registry is asked whether something was decided, in milliseconds. */
  readonly pollMs?: number;
  /** Whether the registry may have changed since it was last asked; where nobody can say: yes. */
  readonly moved?: () => boolean;
  readonly logger?: Logger;
}

/** How it goes. */
export interface ServingState {
  /** When the registry last answered, as `performance.now()` has it; null: never. */
  answeredAt: number | null;
  /** Why it does not; null when it does. */
  away: string | null;
  connectors: number;
  tools: number;
  /** Approved revisions that are not what was approved. */
  refused: number;
  active: number;
  draining: boolean;
}

/** How it is before it has begun. */
export const IDLE: ServingState = {
  answeredAt: null,
  away: null,
  connectors: 0,
  tools: 0,
  refused: 0,
  active: 0,
  draining: false,
};

const POLL_MS = 1000;

/** What agents are offered at each moment: a face that never changes, and another one when people decide. */
export class Serving {
  readonly state: ServingState = { ...IDLE };
  readonly #options: ServingOptions;
  readonly #listeners = new Set<() => void>();
  readonly #watchers = new Set<(tool: string, code: string, seconds: number) => void>();
  #face: Face;
  #offered = "";
  #timer: NodeJS.Timeout | null = null;
  #idle: (() => void) | null = null;

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#face = this.#make({ state: "", connectors: new Map(), refused: new Map() });
    options.engine.approved.onChange((snapshot) => this.#take(snapshot));
  }

  /** What is served now. */
  readonly current = (): Face => this.#face;

  /** Reads what is approved, then goes on looking. A registry that is away is waited for, with an empty list. */
  async start(): Promise<void> {
    await this.#look();
    this.#later();
  }

  /** Calls back when the list is another. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Calls back after each call, with the code of its failure or `ok`. */
  onCall(watcher: (tool: string, code: string, seconds: number) => void): void {
    this.#watchers.add(watcher);
  }

  /** Takes no new calls and waits for those that run. @param ms how long at most */
  async drain(ms: number): Promise<void> {
    this.state.draining = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.state.active === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #later(): void {
    if (this.state.draining) return;
    this.#timer = setTimeout(async () => {
      if (this.state.away !== null || (this.#options.moved?.() ?? true)) await this.#look();
      this.#later();
    }, this.#options.pollMs ?? POLL_MS);
  }

  async #look(): Promise<void> {
    const { engine, logger } = this.#options;
    try {
      await engine.approved.refresh();
      if (this.state.away !== null) logger?.info("the registry is back");
      this.state.away = null;
      this.state.answeredAt = performance.now();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (this.state.away === null) logger?.warn("the registry does not answer", { why });
      this.state.away = why;
    }
  }

  #take(snapshot: Snapshot): void {
    const offered = JSON.stringify([...snapshot.connectors].map(([slug, { digest }]) => [slug, digest]));
    for (const [slug, why] of snapshot.refused) {
      this.#options.logger?.error("an approved connector is not what was approved", { slug, why });
    }
    this.state.refused = snapshot.refused.size;
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#face = this.#make(snapshot);
    this.#options.logger?.info("what is offered has changed", {
      connectors: this.state.connectors,
      tools: this.state.tools,
    });
    for (const listener of this.#listeners) listener();
  }

  #make(snapshot: Snapshot): Face {
    const { engine, identity, selection, expose, preferred } = this.#options;
    const parts: FaceParts = { identity, gate: engine.gate, tools: engine.tools };
    const chosen = choices(snapshot, selection);
    this.state.connectors = new Set(chosen.map(({ approved }) => approved.slug)).size;
    this.state.tools = chosen.length;
    const { catalogue, call } =
      expose === "search"
        ? searchFace(parts, chosen)
        : expose === "capabilities"
          ? capabilitiesFace(parts, chosen, preferred)
          : toolsFace(parts, chosen);
    return { catalogue, call: (one) => this.#counted(call, one) };
  }

  async #counted(call: Face["call"], one: Call): ReturnType<Face["call"]> {
    const started = performance.now();
    this.state.active += 1;
    let code = "runtime.internal";
    try {
      const result = await call(one);
      const error: unknown = result._meta?.["connector-sentinel/error"];
      code = result.isError === true ? String(Object(error).code) : "ok";
      return result;
    } finally {
      this.state.active -= 1;
      for (const watcher of this.#watchers) {
        watcher(one.tool.name, code, (performance.now() - started) / 1000);
      }
      if (this.state.active === 0) this.#idle?.();
    }
  }
}
