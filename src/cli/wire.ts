/** The only place that picks a driver of the registry; each loads when it is needed and not before. */
import { UserError } from "../base/index.ts";
import { createRegistry, type Driver, type MigrationReport, type Registry } from "../registry/index.ts";
import type { RegistryTarget } from "./target.ts";

export interface OpenOptions {
  /** Whether an empty or older PostgreSQL database is set up on the way. */
  readonly setUp: boolean;
  /** Where a driver says that something takes its time. */
  readonly log?: (line: string) => void;
}

/** Opens the registry; nothing is reached before its first call. */
export async function openRegistry(target: RegistryTarget, options: OpenOptions): Promise<Registry> {
  const driver = await openDriver(target, options);
  const setUp = target.kind === "pglite" || (target.kind === "postgres" && options.setUp);
  return createRegistry(setUp ? selfMigrating(driver) : driver);
}

/** A registry for a process that lives long, and whether others may have changed it since it was last asked. */
export interface LongLived {
  readonly registry: Registry;
  readonly moved: () => boolean;
}

/** Opens the registry for a process that lives long: an embedded one is let go whenever nothing is under way. */
export async function openLongLived(target: RegistryTarget, options: OpenOptions): Promise<LongLived> {
  if (target.kind !== "pglite") return { registry: await openRegistry(target, options), moved: () => true };
  const { SharedDriver } = await import("./sharing.ts");
  const { lastOwnedMs, openPglite } = await import("../registry/drivers/pglite.ts");
  const { directory } = target;
  const shared = new SharedDriver(openPglite({ directory, shares: true }), () => lastOwnedMs(directory));
  return { registry: createRegistry(selfMigrating(shared)), moved: () => shared.moved() };
}

/** Opens the driver alone, for `migrate` and `doctor`. */
export async function openDriver(target: RegistryTarget, { log }: Pick<OpenOptions, "log">): Promise<Driver> {
  switch (target.kind) {
    case "pglite": {
      const { openPglite } = await import("../registry/drivers/pglite.ts");
      return openPglite({ directory: target.directory, ...(log === undefined ? {} : { log }) });
    }
    case "postgres": {
      const { openPostgres } = await import("../registry/drivers/postgres.ts");
      return openPostgres({ url: target.url });
    }
    case "supabase": {
      const { openSupabase } = await import("../registry/drivers/supabase.ts");
      const { url, key, accessToken, runtimeToken } = target;
      return openSupabase({
        url,
        key,
        ...(accessToken === null ? {} : { accessToken }),
        ...(runtimeToken === null ? {} : { runtimeToken }),
      });
    }
  }
}

/**
 * Sets the database up when a call finds that it is not, then makes the call again. Doing it late keeps a run with
 * nothing to do from opening the embedded database at all.
 */
export function selfMigrating(driver: Driver): Driver {
  let migrated: Promise<MigrationReport> | null = null;
  return {
    kind: driver.kind,
    location: driver.location,
    migrate: () => driver.migrate(),
    close: () => driver.close(),
    call: async (fn, args, caller) => {
      try {
        return await driver.call(fn, args, caller);
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== "registry.not_migrated") throw error;
        migrated ??= migrate(driver);
        await migrated;
        return driver.call(fn, args, caller);
      }
    },
  };
}

/** A machine's login rightly can't create roles and tables: then somebody else has to, once. */
async function migrate(driver: Driver): Promise<MigrationReport> {
  try {
    return await driver.migrate();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "registry.forbidden") throw error;
    throw new UserError(
      "registry.not_migrated",
      `The database at ${driver.location} has no registry, or an older one, and this login can't set it up.`,
      "Run `sentinel migrate` once with a login that may create roles, then grant this one sentinel_writer.",
      { cause: error },
    );
  }
}
