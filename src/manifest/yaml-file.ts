import type { ZodType } from "zod";
import { compareDiagnostics, type Diagnostic, diagnostic, type Json, WHOLE_FILE } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Finding, Path } from "./finding.ts";
import { MAX_YAML_BYTES } from "./limits.ts";
import { checkShape } from "./shape/check.ts";
import { openRegular } from "./source/open.ts";

/** What a YAML file says, or null when something is wrong with it. */
export interface YamlFile<T> {
  readonly value: T | null;
  readonly diagnostics: Diagnostic[];
}

/**
 * Reads a YAML file of ours, such as sentinel.config.yaml, as strictly as a manifest. A file that is not there is
 * no problem: `value` is null and there are no diagnostics.
 * @param path absolute
 * @param display what diagnostics print instead
 * @param refuse what must not stand there at all, whatever the shape says of it
 */
export async function readYamlFile<T>(
  path: string,
  display: string,
  shape: ZodType<T>,
  refuse: (raw: Json) => Finding[] = () => [],
): Promise<YamlFile<T>> {
  const opened = openRegular(path, MAX_YAML_BYTES);
  if ("gone" in opened) return { value: null, diagnostics: [] };
  if ("refused" in opened) {
    return { value: null, diagnostics: [diagnostic(opened.refused, display, WHOLE_FILE, opened.message)] };
  }
  const document = new Document(display, opened.bytes);
  // First, so that the shape does not speak of the same place in other words.
  for (const finding of document.root === null ? [] : refuse(document.root.value))
    document.find(finding, "text");
  const written = (at: Path): string | null => document.written(at);
  const checked = document.root === null ? null : checkShape(shape, document.root.value, [], written);
  for (const finding of checked?.findings ?? []) document.find(finding, "shape");
  const diagnostics = document.diagnostics().sort(compareDiagnostics);
  return { value: diagnostics.length > 0 ? null : (checked?.value ?? null), diagnostics };
}
