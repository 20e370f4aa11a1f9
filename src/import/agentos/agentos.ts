import { byCodeUnit, type JsonObject, UserError } from "../../base/index.ts";
import { MAX_TOOLS, nameProblem } from "../../manifest/index.ts";
import { Ledger } from "../argentos/ledger.ts";
import { writeFolder } from "../folder.ts";
import { get, isMap, mapAt, put, textAt } from "../json.ts";
import { uniqueNames, wordsOf } from "../names.ts";
import { Notes } from "../notes.ts";
import { httpsUrl } from "../openapi/security.ts";
import type { Imported } from "../types.ts";
import { type Action, hasExecutor, isAction, toolOf } from "./actions.ts";
import { type App, readAppSchema } from "./apps.ts";
import { type Auth, readAuth } from "./auth.ts";
import { executionOf, type Given } from "./execution.ts";
import { headOf, readmeOf } from "./head.ts";
import { type AgentosFolder, notAgentos, type Readme, readApp, readReadme } from "./source.ts";
import { Workbench } from "./values.ts";

export interface AgentosOptions {
  /** The connector's provider_slug; the provider's id if absent. */
  readonly slug?: string;
  /** Where GraphQL is asked when the folder does not say. */
  readonly baseUrl?: string;
}

/** Names of tools are cut at this length: longer ones break clients. */
const MAX_NAME = 44;

/** A mapping file, read. */
interface Mappings {
  readonly app: App;
  readonly source: JsonObject;
}

/**
 * Makes a connector's folder of a provider of AgentOS: one tool for each action of each of its apps, and a list of whatever
 * could not be carried over. Pure: the same files and options give the same bytes.
 * @throws UserError `import.not_agentos`, `import.unreadable`, `import.too_large`, `import.slug`
 */
export async function importAgentos(folder: AgentosFolder, options: AgentosOptions = {}): Promise<Imported> {
  const notes = new Notes();
  const ledger = new Ledger();
  if (folder.readme === null) throw notAgentos("The folder has no readme.md.");
  const readme = readReadme(folder.readme, "readme.md", notes);
  const slug = slugOf(readme, folder, options);
  for (const { name, why } of folder.others) notes.add(name, "folder", why);
  const auth = readAuth(get(readme.front, "auth"), ledger, notes);
  const mappings = readMappings(folder, ledger, notes);
  const given: Given = { database: auth.database, graphqlUrl: graphqlUrl(readme, mappings, options, notes) };
  const whoami = whoamiOf(readme, given, ledger, notes);
  const actions = once(
    mappings.flatMap((one) => actionsOf(one, auth, notes)),
    notes,
  );
  if (actions.length > MAX_TOOLS) {
    const hint = "Import a folder with fewer apps.";
    throw new UserError(
      "import.too_large",
      `The folder has ${actions.length} actions; a connector holds ${MAX_TOOLS}.`,
      hint,
    );
  }
  const names = namesOf(actions);
  const tools = actions.map((one) => toolOf(one, names.get(one.identity) ?? one.name, given, ledger, notes));
  const base = hoistBase([...tools, ...(whoami === null ? [] : [whoami])]);
  const apps = mappings.map(({ app }) => app);
  const fields = headOf(slug, readme, auth, whoami, base, apps, ledger, notes);
  const about = readmeOf(readme, folder.name, tools, limitationsOf(tools), ledger);
  noteRest(readme, mappings, folder, ledger, notes);
  const drafts = tools.map((tool, index) => ({ tool, group: actions[index]?.app.name ?? "" }));
  const carried = {
    operations: actions.length,
    tools: tools.length,
    scopes: [...auth.scopes.values()].flat().length,
  };
  return writeFolder({ slug, fields, schemas: new Map(), tools: drafts, readme: about }, carried, notes);
}

function slugOf({ front }: Readme, folder: AgentosFolder, options: AgentosOptions): string {
  const slug = options.slug ?? textAt(front, "id") ?? folder.name;
  if (nameProblem(slug) === null) return slug;
  const hint = "Give one with --slug: lower-case letters, digits and single - or _ between them.";
  throw new UserError(
    "import.slug",
    `${JSON.stringify(slug.slice(0, 100))} is not a name for a connector's folder.`,
    hint,
  );
}

function readMappings(folder: AgentosFolder, ledger: Ledger, notes: Notes): Mappings[] {
  if (folder.apps.length === 0) throw notAgentos("The folder has no <app>.yaml with actions.");
  return [...folder.apps]
    .sort((a, b) => byCodeUnit(a.name, b.name))
    .map((file) => {
      const source = readApp(file, notes);
      const name = file.name.replace(/\.ya?ml$/i, "");
      ledger.exactly(source, "for", name);
      return { app: readAppSchema(name, folder, ledger, notes), source };
    });
}

/**
 * Where GraphQL is asked when no action says it. A guess has the provider's own domain, so that no credential can reach
 * anybody else, and is noted.
 */
function graphqlUrl(
  { front }: Readme,
  mappings: readonly Mappings[],
  options: AgentosOptions,
  notes: Notes,
): string | null {
  if (options.baseUrl !== undefined) {
    const url = httpsUrl(options.baseUrl);
    if (url !== null) return url;
    throw new UserError(
      "import.unreadable",
      `${options.baseUrl} is not a public https URL.`,
      "Give the API's https URL.",
    );
  }
  const silent = /"graphql":\{(?!"url")/.test(JSON.stringify([front, mappings.map(({ source }) => source)]));
  const site = httpsUrl(textAt(front, "website"));
  if (!silent || site === null) return null;
  const url = `https://api.${new URL(site).host.replace(/^www\./, "")}/graphql`;
  notes.add(
    "the URL of the GraphQL API",
    "folder",
    `it names none; ${url} is a guess from the website: look it up, or give it with --base-url`,
  );
  return url;
}

function whoamiOf({ front }: Readme, given: Given, ledger: Ledger, notes: Notes): JsonObject | null {
  const actions = get(get(front, "auth"), "actions");
  const source = get(actions, "whoami");
  if (!isMap(source)) return null;
  const bench = new Workbench("auth.whoami", {}, notes);
  const execution = executionOf(source, bench, given, ledger);
  const description = ledger.text(source, "description");
  if (bench.uses.size > 0) bench.lost("whoami", "it reads an input, and has none");
  if (Object.keys(execution).length === 0 || bench.uses.size > 0) return null;
  // What it returns is what every whoami does.
  ledger.take(source, "returns");
  return { ...(description === null ? {} : { description: description.trim().slice(0, 500) }), ...execution };
}

function actionsOf({ app, source }: Mappings, auth: Auth, notes: Notes): Action[] {
  const scopes = auth.scopes.get(app.name) ?? auth.scopes.get("default") ?? [];
  const all = [
    ...Object.entries(mapAt(source, "actions")).map((pair) => [...pair, ""] as const),
    ...Object.entries(mapAt(source, "extended_actions")).map((pair) => [...pair, " (extended)"] as const),
  ];
  return all.flatMap(([name, action, kind]): Action[] => {
    const identity = `${app.name}.${name}${kind}`;
    if (isAction(action)) return [{ identity, name, app, source: action, scopes }];
    notes.add("the action", identity, "it is neither a map nor a chain of steps");
    return [];
  });
}

/** Two files may be those of one app (`tasks.yaml`, `tasks.yml`); an action that is there already stays. */
function once(actions: readonly Action[], notes: Notes): Action[] {
  const seen = new Set<string>();
  return actions.filter(({ identity }) => {
    const isNew = !seen.has(identity);
    if (!isNew) notes.add("the second action of that name", identity, "another file has it already");
    seen.add(identity);
    return isNew;
  });
}

/** The name of each action's tool: its app and its name, so that a new app renames nothing. */
function namesOf(actions: readonly Action[]): Map<string, string> {
  const wishes = actions.map(({ identity, app, name }) => {
    const wish = [...wordsOf(app.name), ...wordsOf(name)].join("_");
    return { identity, wish: /^[a-z]/.test(wish) ? wish : `do_${wish}` };
  });
  return uniqueNames(wishes, MAX_NAME);
}

/** Where all requests go to one place, it is the manifest's base_url, and they say what is below it. */
function hoistBase(works: readonly JsonObject[]): string | null {
  const requests = works.flatMap((work) => [
    work,
    ...(Array.isArray(work.steps) ? work.steps.filter(isMap) : []),
  ]);
  const rest = requests.map((one) => get(one, "rest")).filter(isMap);
  const graphql = requests.map((one) => get(one, "graphql")).filter(isMap);
  const only = (urls: (string | null)[]): string | null =>
    new Set(urls).size === 1 ? (urls[0] ?? null) : null;
  if (rest.length === 0) {
    const url = only(graphql.map((one) => textAt(one, "url")));
    if (url === null || url.includes("{{")) return null;
    for (const one of graphql) delete one.url;
    return url;
  }
  const origin = only(
    rest.map((one) => /^https:\/\/[^/?#{}]+(?=\/)/.exec(textAt(one, "url") ?? "")?.[0] ?? null),
  );
  if (origin === null) return null;
  for (const one of rest) {
    const { url, method, ...others } = one;
    for (const key of Object.keys(one)) delete one[key];
    put(one, "method", method ?? "GET");
    put(one, "path", String(url).slice(origin.length));
    Object.assign(one, others);
  }
  return origin;
}

function limitationsOf(tools: readonly JsonObject[]): string[] {
  const idle = tools.filter((tool) => !hasExecutor(tool)).map(({ name }) => `\`${String(name)}\``);
  if (idle.length === 0) return [];
  const what =
    "declared without an executor: give them one, or remove them, before the connector can be approved";
  return [`${idle.join(", ")}: ${what}.`];
}

/** Whatever nobody took is named, and no field is dropped in silence. */
function noteRest(
  readme: Readme,
  mappings: readonly Mappings[],
  folder: AgentosFolder,
  ledger: Ledger,
  notes: Notes,
): void {
  ledger.take(readme.front, "id");
  ledger.note(readme.front, "readme.md", () => "a manifest has no place for it", notes);
  for (const { app, source } of mappings) {
    const file = folder.apps.find(({ name }) => name.replace(/\.ya?ml$/i, "") === app.name)?.name ?? app.name;
    ledger.note(source, file, () => "a tool has no place for it", notes);
  }
}
