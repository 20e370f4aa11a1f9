import { diagnostic, WHOLE_FILE } from "../base/index.ts";
import { mayNotBeErasable, unerasable } from "./erasable.ts";
import { judge, type Reading } from "./judge.ts";
import { scanSecrets, suspects } from "./secrets.ts";
import { readSource, type Source, type SourceFile, yamlFiles } from "./source/folder.ts";
import { printable } from "./source/name.ts";

/** More text than this is read where it can be stopped. */
const LIGHT_BYTES = 24 * 1024;
/** The same of tests.yaml, which few rules look at: a thread costs more than reading it. */
const LIGHT_TESTS = 12 * 1024;

/** A folder that was read. */
export interface Prepared {
  readonly source: Source;
  /** The files that may hold a secret. */
  readonly suspects: readonly SourceFile[];
  /** The text of service.ts where it may hold what is not gone with its types; else the empty text. */
  readonly service: string;
  /** Whether there is so little to judge that doing it here and now keeps nobody waiting, hostile or not. */
  readonly light: boolean;
}

/** Reads a folder's bytes and tells how much work they are. */
export function prepare(root: string, display: string, slug: string): Prepared {
  const source = readSource(root, display, slug);
  const found = suspects(source);
  const code = source.others.find(({ path }) => path === "service.ts")?.bytes;
  // latin1 is quicker to read, and keeps what is looked for as it is.
  const service =
    code !== undefined && mayNotBeErasable(code.toString("latin1")) ? code.toString("utf8") : "";
  const judged = yamlFiles(source).filter((file) => file !== source.tests);
  const bytes = [...judged, ...found].reduce((sum, file) => sum + file.bytes.length, service.length);
  const light = bytes <= LIGHT_BYTES && (source.tests?.bytes.length ?? 0) <= LIGHT_TESTS;
  return { source, suspects: found, service, light };
}

/** Judges a folder that was read, here and now. */
export async function finishReading(prepared: Prepared): Promise<Reading> {
  const { source, suspects, service } = prepared;
  return judge(source, await scanSecrets(suspects), await unerasable(service));
}

/** Reads one connector's folder, here and now. What may take long on hostile input runs in a worker: `reader.ts`. */
export async function readConnector(root: string, display: string, slug: string): Promise<Reading> {
  return finishReading(prepare(root, display, slug));
}

/** The reading of a folder whose reading had to be stopped. */
export function stoppedReading(display: string, slug: string): Reading {
  const file = `${display}/${printable(slug)}/manifest.yaml`;
  const message = "Reading the folder took too long or too much memory and was stopped.";
  return {
    slug,
    ok: false,
    inputs: [],
    diagnostics: [diagnostic("yaml.too_complex", file, WHOLE_FILE, message)],
  };
}
