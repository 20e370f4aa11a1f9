/** The floor of touching an embedded registry: opens the directory with bare PGlite and closes it. Usage: open-pglite.ts <directory> */
import { PGlite } from "@electric-sql/pglite";

const [directory = ""] = process.argv.slice(2);
const database = await PGlite.create(directory);
await database.close();
