import type { Json, JsonObject } from "../base/index.ts";
import type { Document, Step } from "./document.ts";
import type { Finding } from "./finding.ts";

/**
 * What a connector's files say, right or wrong, as the rules see it: rules look at each part that has the right type and
 * pass over the rest, so that one wrong part hides nothing of the others. Tools are counted over all files.
 */
export class Declared {
  readonly slug: string;
  readonly root: JsonObject;
  readonly tools: readonly Json[];
  /** Paths of the other regular files of the folder. */
  readonly files: ReadonlySet<string>;
  readonly #manifest: Document;
  /** Of each tool: the file that it stands in, and its index there. */
  readonly #places: readonly { readonly document: Document; readonly index: number }[];

  constructor(slug: string, manifest: Document, groups: readonly Document[], files: Iterable<string>) {
    this.slug = slug;
    this.root = asMap(manifest.root?.value) ?? {};
    this.files = new Set(files);
    this.#manifest = manifest;
    const inline = asList(this.root.tools);
    const lists = [
      { document: manifest, tools: inline },
      ...groups.map((document) => ({ document, tools: asList(document.root?.value) })),
    ];
    this.tools = lists.flatMap(({ tools }) => tools);
    this.#places = lists.flatMap(({ document, tools }) => tools.map((_, index) => ({ document, index })));
  }

  /** Notes a finding in the file that it belongs to; `["tools", n, …]` counts over all files. */
  find(finding: Finding, step: Step): void {
    const [head, index, ...rest] = finding.path;
    const place = head === "tools" && typeof index === "number" ? this.#places[index] : undefined;
    if (place === undefined || place.document === this.#manifest) this.#manifest.find(finding, step);
    else place.document.find({ ...finding, path: [place.index, ...rest] }, step);
  }

  /** Whether every file could be read whole, so that what is not there is really missing. */
  get whole(): boolean {
    return !this.#manifest.broken && this.#places.every(({ document }) => !document.broken);
  }
}

/** The value if it is a map. */
export function asMap(value: unknown): JsonObject | null {
  return isMap(value) ? value : null;
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a list, else an empty one. */
export function asList(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a text. */
export function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
