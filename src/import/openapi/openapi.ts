import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { LIST, MAX_TOOLS, nameProblem, TEXT } from "../../manifest/index.ts";
import { writeFolder } from "../folder.ts";
import { get, mapAt, textAt } from "../json.ts";
import { identifier, uniqueNames, wordsOf } from "../names.ts";
import { Notes } from "../notes.ts";
import { cut, describe, firstSentence, oneLine, plainText } from "../text.ts";
import type { Draft, DraftTool, Imported } from "../types.ts";
import { type Auth, chooseAuth } from "./auth.ts";
import { Document } from "./document.ts";
import { effectsOf } from "./effects.ts";
import type { Dialect, Operation } from "./model.ts";
import { openapi3 } from "./openapi3.ts";
import { readOperations, readSecurity } from "./operations.ts";
import { readDocument } from "./read.ts";
import { Schemas } from "./schema.ts";
import { readScopes } from "./scopes.ts";
import { httpsUrl, readSchemes } from "./security.ts";
import { isWanted, type Selection } from "./selection.ts";
import { chooseServer, type Server, serversOf } from "./servers.ts";
import { nameOf, slugOf } from "./slug.ts";
import { swagger2 } from "./swagger2.ts";
import { toolNames, toolOf } from "./tools.ts";

export interface OpenapiOptions extends Selection {
  /** The connector's provider_slug; made from the title if absent. */
  readonly slug?: string;
  /** Only the operations that change nothing. */
  readonly readOnly?: boolean;
  /** The URL that the document was read from. */
  readonly address?: string;
  /** What the document is called in the README, such as the name of its file. */
  readonly source?: string;
}

/**
 * Makes a connector's folder of a Swagger 2.0 or OpenAPI 3.0 to 3.2 document: one tool for each operation, every scope,
 * and a list of whatever could not be carried over. Pure: the same document and options give the same bytes, and nothing
 * is fetched.
 * @param source the document's text or bytes, JSON or YAML
 * @throws UserError `import.unreadable`, `import.not_openapi`, `import.too_large`, `import.slug`
 */
export async function importOpenapi(
  source: string | Uint8Array,
  options: OpenapiOptions = {},
): Promise<Imported> {
  const notes = new Notes();
  const document = new Document(readDocument(source, notes));
  const dialect = document.family === "swagger2" ? swagger2(document, notes) : openapi3(document, notes);
  const { draft, carried } = draftOf(document, dialect, options, notes);
  return writeFolder(draft, carried, notes);
}

function draftOf(
  document: Document,
  dialect: Dialect,
  options: OpenapiOptions,
  notes: Notes,
): { draft: Draft; carried: Record<string, number> } {
  const { root } = document;
  const info = get(root, "info");
  const all = readOperations(document, dialect, notes);
  const operations = select(all, options, notes);
  const server = chooseServer(serversOf(document), options.address ?? null, "servers", notes);
  const title = titleOf(info);
  const slug = options.slug ?? slugOf(title, server.url);
  if (nameProblem(slug) !== null) {
    const hint = "Use lower-case letters, digits and single - or _ between them, starting with a letter.";
    throw new UserError(
      "import.slug",
      `${JSON.stringify(slug)} is not a name for a connector's folder.`,
      hint,
    );
  }
  const schemes = readSchemes(document, dialect.schemes);
  const security = readSecurity(get(root, "security"));
  const auth = chooseAuth(schemes, operations, security, notes);
  const docsUrl = httpsUrl(textAt(get(root, "externalDocs"), "url"));
  const scopes = readScopes(schemes, httpsUrl(options.address ?? null) ?? docsUrl, notes);
  const names = uniqueNames(
    dialect.schemaNames.map(({ pointer, name }) => ({ identity: pointer, wish: identifier(name) })),
    64,
  );
  const schemas = new Schemas(document, notes, names);
  const workshop = {
    document,
    schemas,
    auth,
    security,
    scopes: new Set(scopes.map(({ name }) => String(name))),
    notes,
  };
  const fields = new Map(server.fields);
  const tools = makeTools(
    all,
    operations,
    server,
    fields,
    options,
    (operation, name, base) => toolOf(operation, name, base, workshop),
    notes,
  );
  const shared = new Map([...schemas.finish()].sort(([a], [b]) => (a < b ? -1 : 1)));
  notes.add("the schemas of answers", "document", "an answer is passed on as the API gives it");
  const head = fieldsOf({ info, root, title, slug, auth, scopes, server, fields, docsUrl }, notes);
  const carried = {
    operations: all.length,
    tools: tools.length,
    scopes: scopes.length,
    schemas: shared.size,
  };
  const readme = readmeOf(document, info, title, slug, carried, options);
  return { draft: { slug, fields: head, schemas: shared, tools, readme }, carried };
}

function select(all: readonly Operation[], options: OpenapiOptions, notes: Notes): Operation[] {
  const wanted = all.filter((operation) => isWanted(operation, options));
  const kept = options.readOnly === true ? wanted.filter((one) => !effectsOf(one).side_effecting) : wanted;
  if (kept.length < all.length) {
    notes.add(
      `${all.length - kept.length} of ${all.length} operations`,
      "document",
      "they were not asked for",
    );
  }
  if (kept.length > MAX_TOOLS) {
    const message = `The document has ${kept.length} operations, and a connector holds ${MAX_TOOLS} tools.`;
    const hint = "Choose a part of them: --include tag:NAME, path:/x/** or operation:ID.";
    throw new UserError("import.too_large", message, hint);
  }
  return kept;
}

/** Names are given to all operations, so that a tool's does not depend on which others were asked for. */
function makeTools(
  all: readonly Operation[],
  operations: readonly Operation[],
  server: Server,
  fields: Map<string, JsonObject>,
  options: OpenapiOptions,
  make: (operation: Operation, name: string, base: string | null) => JsonObject,
  notes: Notes,
): DraftTool[] {
  const names = toolNames(all);
  return operations.map((operation) => {
    let base: string | null = null;
    if (operation.servers !== null) {
      const own = chooseServer(operation.servers, options.address ?? null, operation.identity, notes);
      for (const [name, field] of own.fields) if (!fields.has(name)) fields.set(name, field);
      base = own.url === server.url ? null : own.url;
    }
    const name = names.get(operation.identity) ?? operation.identity;
    return { tool: make(operation, name, base), group: operation.tags[0] ?? segmentOf(operation.path) };
  });
}

function segmentOf(path: string): string {
  const parts = path.split(/[/?#]/).filter((part) => part !== "" && !part.includes("{"));
  return parts.find((part) => !/^(?:api|rest|v?\d+)$/i.test(part)) ?? "other";
}

function titleOf(info: Json | undefined): string | null {
  const title = cut(oneLine(plainText((textAt(info, "title") ?? "").slice(0, 1000))), TEXT.display_name);
  return title === "" ? null : title;
}

/** The manifest's fields, in the order of writing. */
function fieldsOf(
  from: {
    info: Json | undefined;
    root: JsonObject;
    title: string | null;
    slug: string;
    auth: Auth;
    scopes: readonly JsonObject[];
    server: Server;
    fields: ReadonlyMap<string, JsonObject>;
    docsUrl: string | null;
  },
  notes: Notes,
): JsonObject {
  const { info, title, slug, auth, server, fields, docsUrl } = from;
  const instructions = describe(get(info, "description") ?? null, "info/description", notes, TEXT.long);
  const summary = summaryOf(info, instructions);
  const homepage = httpsUrl(textAt(mapAt(info, "contact"), "url"));
  const links = auth.links.slice(0, LIST.short);
  for (const { name } of from.scopes.slice(LIST.scopes)) {
    notes.add(`the scope ${String(name)}`, "security", `a manifest has at most ${LIST.scopes} scopes`);
  }
  return {
    manifest_version: 1,
    provider_slug: slug,
    display_name: title ?? nameOf(slug),
    ...(summary === "" ? {} : { summary }),
    ...(homepage === null ? {} : { homepage }),
    ...(docsUrl === null ? {} : { docs_url: docsUrl }),
    ...(instructions === "" || oneLine(instructions) === summary ? {} : { instructions }),
    auth: auth.auth,
    ...(auth.mode === null ? {} : { auth_mode: auth.mode }),
    ...(links.length === 0 ? {} : { oauth_marketplace: { authorization_links: links } }),
    base_url: server.url,
    ...(fields.size === 0 ? {} : { account_fields: [...fields.values()] }),
    ...(from.scopes.length === 0 ? {} : { scopes: from.scopes.slice(0, LIST.scopes) }),
  };
}

function summaryOf(info: Json | undefined, description: string): string {
  const own = plainText((textAt(info, "summary") ?? "").slice(0, 2000));
  return cut(firstSentence(own === "" ? description : own), TEXT.summary);
}

function readmeOf(
  document: Document,
  info: Json | undefined,
  title: string | null,
  slug: string,
  carried: { operations: number; tools: number; scopes: number },
  options: OpenapiOptions,
): Draft["readme"] {
  const { family, version } = document;
  const kind = `${family === "swagger2" ? "Swagger" : "OpenAPI"} ${wordsOf(version).join(".")}`;
  const apiVersion = textAt(info, "version");
  const of = `${title ?? nameOf(slug)}${apiVersion === null ? "" : `, version ${oneLine(apiVersion).slice(0, 40)}`}`;
  const where = options.address ?? options.source;
  const counts = `${carried.tools} tools for ${carried.operations} operations, and ${carried.scopes} scopes`;
  const license = textAt(mapAt(info, "license"), "name");
  return {
    about: `Imported from the ${kind} description of ${oneLine(plainText(of))}: ${counts}.`,
    sources: [
      `${kind} description of ${oneLine(plainText(of))}${where === undefined ? "" : `: ${where}`}`,
      ...(license === null ? [] : [`Licence of the description: ${cut(oneLine(plainText(license)), 100)}`]),
    ],
    limitations: [
      "What a tool does was told from its method and its words; look at `side_effecting` and `destructive` before you approve.",
      "Answers are passed on as the API gives them; none is mapped.",
      "Long lists come in pages as the API has them: a tool's arguments ask for the next one.",
    ],
  };
}
