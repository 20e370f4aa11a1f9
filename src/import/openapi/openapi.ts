import { byCodeUnit, type JsonObject, stripHidden, UserError } from "../../base/index.ts";
import { MAX_TOOLS, nameProblem } from "../../manifest/index.ts";
import { withinBudget } from "../budget.ts";
import { writeFolder } from "../folder.ts";
import { get } from "../json.ts";
import { identifier, uniqueNames } from "../names.ts";
import { Notes } from "../notes.ts";
import type { Draft, DraftTool, Imported } from "../types.ts";
import { chooseAuth } from "./auth.ts";
import { Document } from "./document.ts";
import { effectsOf } from "./effects.ts";
import { aboutOf, headOf, readmeOf } from "./head.ts";
import type { Dialect, Operation } from "./model.ts";
import { openapi3 } from "./openapi3.ts";
import { readOperations, readSecurity } from "./operations.ts";
import { readDocument } from "./read.ts";
import { Schemas } from "./schema.ts";
import { readScopes } from "./scopes.ts";
import { httpsUrl, readSchemes } from "./security.ts";
import { isWanted, type Selection } from "./selection.ts";
import { chooseServer, type Server, serversOf } from "./servers.ts";
import { swagger2 } from "./swagger2.ts";
import { toolNames, toolOf, type Workshop } from "./tools.ts";

/** How long a list of tools may be: this many bytes, or this share of a document that is larger still. */
const MIN_LIST = 1_800_000;
const LIST_SHARE = 0.36;

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
  const { draft, carried } = draftOf(document, dialect, source.length, options, notes);
  return writeFolder(draft, carried, notes);
}

function draftOf(
  document: Document,
  dialect: Dialect,
  size: number,
  options: OpenapiOptions,
  notes: Notes,
): { draft: Draft; carried: Record<string, number> } {
  const all = readOperations(document, dialect, notes);
  const operations = select(all, options, notes);
  const server = chooseServer(serversOf(document), options.address ?? null, "servers", notes);
  const about = aboutOf(document, options, server);
  if (nameProblem(about.slug) !== null) throw badSlug(about.slug);
  const schemes = readSchemes(document, dialect.schemes, server.url, notes);
  const security = readSecurity(get(document.root, "security"));
  const auth = chooseAuth(schemes, operations, security, notes);
  const scopes = readScopes(schemes, httpsUrl(options.address ?? null) ?? about.docsUrl, notes);
  const schemas = new Schemas(document, notes, schemaNames(dialect));
  const declared = new Set(scopes.map(({ name }) => String(name)));
  const workshop = { document, schemas, auth, security, scopes: declared, notes };
  const fields = new Map(server.fields);
  const made = makeTools(all, operations, server, fields, options, workshop);
  const shared = new Map([...schemas.finish()].sort(([a], [b]) => byCodeUnit(a, b)));
  const budget = Math.max(MIN_LIST, size * LIST_SHARE);
  const listed = withinBudget({ tools: made.map(({ tool }) => tool), schemas: shared }, budget, notes);
  const tools = listed.tools.map((tool, index) => ({ tool, group: made[index]?.group ?? "" }));
  notes.add("the schemas of answers", "document", "an answer is passed on as the API gives it");
  const carried = {
    operations: all.length,
    tools: tools.length,
    scopes: scopes.length,
    schemas: shared.size,
  };
  const head = headOf(about, auth, scopes, server.url, fields, notes);
  const readme = readmeOf(document, about, carried, options.address ?? options.source);
  return { draft: { slug: about.slug, fields: head, schemas: listed.schemas, tools, readme }, carried };
}

function badSlug(slug: string): UserError {
  const hint = "Use lower-case letters, digits and single - or _ between them, starting with a letter.";
  return new UserError(
    "import.slug",
    `${JSON.stringify(slug)} is not a name for a connector's folder.`,
    hint,
  );
}

/** The name of each component's schema as the manifest may have it, by its pointer. */
function schemaNames({ schemaNames: named }: Dialect): Map<string, string> {
  return uniqueNames(
    named.map(({ pointer, name }) => ({ identity: pointer, wish: identifier(name) })),
    64,
  );
}

function select(all: readonly Operation[], options: OpenapiOptions, notes: Notes): Operation[] {
  const wanted = all.filter((operation) => isWanted(operation, options));
  for (const pattern of [...(options.include ?? []), ...(options.exclude ?? [])]) {
    const hits = all.some((operation) => isWanted(operation, { include: [pattern] }));
    if (!hits)
      notes.add(`what ${JSON.stringify(pattern)} names`, "document", "no operation has that tag, path or id");
  }
  if (wanted.length === 0 && all.length > 0 && (options.include ?? []).length > 0) throw nothingChosen(all);
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

function nothingChosen(all: readonly Operation[]): UserError {
  const tags = [...new Set(all.flatMap((operation) => operation.tags))].sort(byCodeUnit);
  const shown = tags.slice(0, 20).map((tag) => stripHidden(tag).slice(0, 40));
  const more = tags.length > 20 ? " and more" : "";
  const hint =
    tags.length === 0
      ? `There are no tags; a path here is ${JSON.stringify(all[0]?.path ?? "/")}.`
      : `Tags here: ${shown.join(", ")}${more}.`;
  return new UserError("import.nothing_chosen", "No operation is what --include names.", hint);
}

/** Names are given to all operations, so that a tool's does not depend on which others were asked for. */
function makeTools(
  all: readonly Operation[],
  operations: readonly Operation[],
  server: Server,
  fields: Map<string, JsonObject>,
  options: OpenapiOptions,
  workshop: Workshop,
): DraftTool[] {
  const names = toolNames(all);
  return operations.map((operation) => {
    let base: string | null = null;
    if (operation.servers !== null) {
      const own = chooseServer(
        operation.servers,
        options.address ?? null,
        operation.identity,
        workshop.notes,
      );
      for (const [name, field] of own.fields) if (!fields.has(name)) fields.set(name, field);
      base = own.url === server.url ? null : own.url;
    }
    const name = names.get(operation.identity) ?? operation.identity;
    return {
      tool: toolOf(operation, name, base, workshop),
      group: operation.tags[0] ?? segmentOf(operation.path),
    };
  });
}

function segmentOf(path: string): string {
  const parts = path.split(/[/?#]/).filter((part) => part !== "" && !part.includes("{"));
  return parts.find((part) => !/^(?:api|rest|v?\d+)$/i.test(part)) ?? "other";
}
