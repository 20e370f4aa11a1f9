import { hostname, userInfo } from "node:os";
import { type Clock, systemClock } from "../base/index.ts";
import type { HumanFace, Registry } from "../registry/index.ts";
import type { Flags, Settings } from "./config.ts";
import type { Output } from "./output/output.ts";
import { registryTarget } from "./target.ts";
import type { LongLived } from "./wire.ts";

/** What a command works with. */
export interface Context {
  readonly settings: Settings;
  readonly output: Output;
  readonly clock: Clock;
  /** What was said on the command line, for reading the configuration again. */
  readonly flags: Flags;
  /**
   * The registry that is configured; opened at its first call, closed when the command ends.
   * @param setUp whether an empty database is set up on the way; the embedded registry always is
   */
  registry(setUp?: boolean): Promise<Registry>;
  /** The same for a process that lives long; closed when the command ends. */
  longLived(): Promise<LongLived>;
  /** The human face, under the person's name; a machine's login may read with it. */
  human(): Promise<HumanFace>;
  /** How a lease holder is called: machine and process. */
  readonly holder: string;
}

/** The context of one command, and the way to end it. */
export function createContext(
  settings: Settings,
  output: Output,
  flags: Flags,
): { context: Context; close: () => Promise<void> } {
  let opened: Promise<Registry> | null = null;
  const registry = (setUp = false): Promise<Registry> => {
    opened ??= import("./wire.ts").then(({ openRegistry }) =>
      openRegistry(registryTarget(settings.registry, settings.workspace.cwd), {
        setUp,
        log: (line) => output.progress(line),
      }),
    );
    return opened;
  };
  let kept: Promise<LongLived> | null = null;
  const longLived = (): Promise<LongLived> => {
    kept ??= import("./wire.ts").then(({ openLongLived }) =>
      openLongLived(registryTarget(settings.registry, settings.workspace.cwd), { setUp: false }),
    );
    return kept;
  };
  const context: Context = {
    settings,
    output,
    clock: systemClock,
    flags,
    holder: `${hostname()}:${process.pid}`,
    registry,
    longLived,
    human: async () => (await registry()).human(settings.as ?? accountName()),
  };
  const close = async (): Promise<void> => {
    // What could not be opened has already been reported.
    const registry = await opened?.catch(() => null);
    await registry?.close();
    const long = await kept?.catch(() => null);
    await long?.registry.close();
  };
  return { context, close };
}

/** The name of the account on this machine; containers may run under a number that has none. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
