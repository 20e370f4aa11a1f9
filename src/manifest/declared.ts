import type { Json, JsonObject } from "../base/index.ts";
import type { Document, Step } from "./document.ts";
import type { Finding, Path } from "./finding.ts";

/**
 * What a connector's files say, right or wrong, as the rules see it: rules look at each part that has the right type and
 * pass over the rest, so that one wrong part hides nothing of the others. Tools are counted over all files.
 */
export class Declared {
  readonly slug: string;
  readonly root: JsonObject;
  readonly tools: readonly Json[];
  /** Shared schemas, counted over all files; of two with one name the first. */
  readonly schemas: JsonObject;
  /** Paths of the other regular files of the folder. */
  readonly files: ReadonlySet<string>;
  readonly #manifest: Document;
  /** Of each tool: the file that it stands in, and its path there. */
  readonly #places: readonly { readonly document: Document; readonly path: Path }[];
  /** The file of each shared schema that stands in another than the manifest. */
  readonly #schemaPlaces: ReadonlyMap<string, Document>;
  readonly #duplicates: readonly { readonly name: string; readonly document: Document }[];

  constructor(slug: string, manifest: Document, groups: readonly Document[], files: Iterable<string>) {
    this.slug = slug;
    this.root = asMap(manifest.root?.value) ?? {};
    this.files = new Set(files);
    this.#manifest = manifest;
    const own = { document: manifest, prefix: ["tools"], tools: asList(this.root.tools) };
    const lists = [own, ...groups.map(toolsOf)];
    this.tools = lists.flatMap(({ tools }) => tools);
    this.#places = lists.flatMap(({ document, prefix, tools }) =>
      tools.map((_, index) => ({ document, path: [...prefix, index] })),
    );
    const places = new Map<string, Document>();
    const schemas: JsonObject = { ...asMap(this.root.schemas) };
    this.#duplicates = groups.flatMap((document) => {
      const named = Object.entries(asMap(asMap(document.root?.value)?.schemas) ?? {});
      return named.flatMap(([name, schema]) => {
        if (Object.hasOwn(schemas, name)) return [{ name, document }];
        schemas[name] = schema;
        places.set(name, document);
        return [];
      });
    });
    this.schemas = schemas;
    this.#schemaPlaces = places;
  }

  /** Notes a finding in the file that it belongs to; `["tools", n, …]` counts over all files. */
  find(finding: Finding, step: Step): void {
    const [head, index, ...rest] = finding.path;
    const place = head === "tools" && typeof index === "number" ? this.#places[index] : undefined;
    const other = head === "schemas" && typeof index === "string" ? this.#schemaPlaces.get(index) : undefined;
    if (place !== undefined) place.document.find({ ...finding, path: [...place.path, ...rest] }, step);
    else (other ?? this.#manifest).find(finding, step);
  }

  /** Notes that shared schemas stand twice under one name, at each but the first. */
  findDuplicateSchemas(): void {
    for (const { name, document } of this.#duplicates) {
      const message = `The schema ${JSON.stringify(name)} is there already, in another file.`;
      document.find({ code: "list.duplicate", path: ["schemas", name], at: "key", message }, "rules");
    }
  }

  /** Whether every file could be read whole, so that what is not there is really missing. */
  get whole(): boolean {
    return !this.#manifest.broken && this.#places.every(({ document }) => !document.broken);
  }
}

/** The tools of a tools/<group>.yaml: it is their list, or a map of schemas and tools as the manifest is. */
function toolsOf(document: Document): { document: Document; prefix: string[]; tools: readonly Json[] } {
  const value = document.root?.value;
  const map = asMap(value);
  if (map === null) return { document, prefix: [], tools: asList(value) };
  return { document, prefix: ["tools"], tools: asList(map.tools) };
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
