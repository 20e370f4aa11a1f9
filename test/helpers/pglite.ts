import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";

/** A folder for embedded registries, gone with the test. */
export interface PgliteFolder {
  /** Where a registry may be created. */
  readonly directory: string;
  /** Runs work as the superuser; nobody else may have the registry open. */
  asSuperuser<T>(work: (db: PGlite) => Promise<T>): Promise<T>;
  remove(): void;
}

/** Makes the folder. */
export function pgliteFolder(): PgliteFolder {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-pglite-"));
  const directory = join(folder, "registry");
  return {
    directory,
    asSuperuser: async (work) => {
      const db = await PGlite.create(directory);
      try {
        return await work(db);
      } finally {
        await db.close();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
