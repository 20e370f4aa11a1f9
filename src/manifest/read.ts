import { finish, judge, type Reading } from "./judge.ts";
import { readSource } from "./source/folder.ts";

/**
 * Reads one connector's folder, here and now. What may take long or eat memory on hostile input runs in a worker:
 * see `reader.ts`.
 */
export async function readConnector(root: string, display: string, slug: string): Promise<Reading> {
  const source = readSource(root, display, slug);
  const reading = judge(source);
  return reading.ok ? reading : { ...reading, diagnostics: finish(reading.diagnostics) };
}
