/**
 * Prepares the embedded registry's first data directory: database created, migrations applied, packed into one file.
 * Creating it takes seconds, so it is kept under node_modules/.cache for as long as PGlite and the migrations are the same.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../src/base/index.ts";
import { imageKey, migrateData, openData } from "../src/registry/drivers/pglite-data.ts";
import { IMAGE_URL, packImage } from "../src/registry/drivers/pglite-image.ts";

/** Puts the image into dist/, made anew if need be. */
export async function writeRegistryImage(): Promise<void> {
  const key = imageKey();
  const cache = fileURLToPath(new URL("../node_modules/.cache/connector-sentinel/", import.meta.url));
  const cached = join(cache, `registry-image-${sha256(key).slice(0, 16)}.zst`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(cached)) {
    const folder = mkdtempSync(join(tmpdir(), "registry-image-"));
    try {
      const data = join(folder, "data");
      const db = await openData(data);
      await migrateData(db);
      for (const sql of ["vacuum freeze analyze", "checkpoint"]) await db.exec(sql);
      await db.close();
      writeFileSync(`${cached}.${process.pid}`, packImage(data, key));
      renameSync(`${cached}.${process.pid}`, cached);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  mkdirSync(new URL(".", IMAGE_URL), { recursive: true });
  // Renamed into place: a process that runs meanwhile sees the old image or the new one.
  const place = fileURLToPath(IMAGE_URL);
  copyFileSync(cached, `${place}.${process.pid}`);
  renameSync(`${place}.${process.pid}`, place);
}

if (import.meta.main) await writeRegistryImage();
