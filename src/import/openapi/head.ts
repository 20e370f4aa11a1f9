import type { Json, JsonObject } from "../../base/index.ts";
import { LIST, TEXT } from "../../manifest/index.ts";
import { get, mapAt, textAt } from "../json.ts";
import { wordsOf } from "../names.ts";
import type { Notes } from "../notes.ts";
import { cut, describe, firstSentence, oneLine, plainText } from "../text.ts";
import type { Readme } from "../types.ts";
import type { Auth } from "./auth.ts";
import type { Document } from "./document.ts";
import { httpsUrl } from "./security.ts";
import type { Server } from "./servers.ts";
import { nameOf, slugOf } from "./slug.ts";

/** What a document says of itself, and what the connector is called for it. */
export interface About {
  readonly info: Json | undefined;
  readonly slug: string;
  readonly name: string;
  readonly docsUrl: string | null;
}

/** Reads what a document says of itself. */
export function aboutOf(
  document: Document,
  options: { readonly slug?: string; readonly source?: string },
  server: Server,
): About {
  const info = get(document.root, "info");
  const title = cut(oneLine(plainText((textAt(info, "title") ?? "").slice(0, 1000))), TEXT.display_name);
  const slug = options.slug ?? slugOf(title === "" ? null : title, server.url);
  const docsUrl = httpsUrl(textAt(get(document.root, "externalDocs"), "url"));
  return { info, slug, name: title === "" ? nameOf(slug) : title, docsUrl };
}

/** The manifest's fields but for schemas and tools, in the order of writing. */
export function headOf(
  { info, slug, name, docsUrl }: About,
  auth: Auth,
  scopes: readonly JsonObject[],
  baseUrl: string,
  fields: ReadonlyMap<string, JsonObject>,
  notes: Notes,
): JsonObject {
  const instructions = describe(get(info, "description") ?? null, "info/description", notes, TEXT.long);
  const summary = summaryOf(info, instructions);
  const homepage = httpsUrl(textAt(mapAt(info, "contact"), "url"));
  const links = auth.links.slice(0, LIST.short);
  for (const scope of scopes.slice(LIST.scopes)) {
    notes.add(`the scope ${String(scope.name)}`, "security", `a manifest has at most ${LIST.scopes} scopes`);
  }
  return {
    manifest_version: 1,
    provider_slug: slug,
    display_name: name,
    ...(summary === "" ? {} : { summary }),
    ...(homepage === null ? {} : { homepage }),
    ...(docsUrl === null ? {} : { docs_url: docsUrl }),
    ...(instructions === "" || oneLine(instructions) === summary ? {} : { instructions }),
    auth: auth.auth,
    ...(auth.mode === null ? {} : { auth_mode: auth.mode }),
    ...(links.length === 0 ? {} : { oauth_marketplace: { authorization_links: links } }),
    base_url: baseUrl,
    ...(fields.size === 0 ? {} : { account_fields: [...fields.values()].slice(0, LIST.short) }),
    ...(scopes.length === 0 ? {} : { scopes: scopes.slice(0, LIST.scopes) }),
  };
}

function summaryOf(info: Json | undefined, description: string): string {
  const own = plainText((textAt(info, "summary") ?? "").slice(0, 2000));
  return cut(firstSentence(own === "" ? description : own), TEXT.summary);
}

/** What the README says besides what the manifest does. `where` is the document's file or URL. */
export function readmeOf(
  document: Document,
  { info, name }: About,
  carried: { readonly operations: number; readonly tools: number; readonly scopes: number },
  where: string | undefined,
): Readme {
  const kind = `${document.family === "swagger2" ? "Swagger" : "OpenAPI"} ${wordsOf(document.version).join(".")}`;
  const version = textAt(info, "version");
  const of = `${name}${version === null ? "" : `, version ${oneLine(plainText(version.slice(0, 40)))}`}`;
  const counts = `${carried.tools} tools for ${carried.operations} operations, and ${carried.scopes} scopes`;
  const license = textAt(mapAt(info, "license"), "name");
  return {
    about: `Imported from the ${kind} description of ${of}: ${counts}.`,
    sources: [
      `${kind} description of ${of}${where === undefined ? "" : `: ${where}`}`,
      ...(license === null
        ? []
        : [`Licence of the description: ${cut(oneLine(plainText(license.slice(0, 500))), 100)}`]),
    ],
    limitations: [
      "What a tool does was told from its method and its words; look at `side_effecting` and `destructive` before you approve.",
      "Answers are passed on as the API gives them; none is mapped.",
      "Long lists come in pages as the API has them: a tool's arguments ask for the next one.",
    ],
  };
}
