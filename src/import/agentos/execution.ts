import type { Json, JsonObject } from "../../base/index.ts";
import { LIST } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap } from "../json.ts";
import { applescriptOf } from "./applescript.ts";
import { graphqlOf } from "./graphql.ts";
import { restOf } from "./rest.ts";
import { sqlOf } from "./sql.ts";
import type { Workbench } from "./values.ts";

/** What all actions of a provider are made with. */
export interface Given {
  /** What an `sql` executor without a database asks. */
  readonly database: "local_path" | "postgres";
  /** Where GraphQL is asked when an action does not say; null: nobody knows. */
  readonly graphqlUrl: string | null;
}

const KINDS = ["rest", "graphql", "sql", "applescript"] as const;
/** Executors that run what is written in them as any program runs. */
const PROGRAMS = [
  "swift",
  "run",
  "shell",
  "bash",
  "python",
  "jxa",
  "javascript",
  "script",
  "command",
] as const;
/** Names that templates have already. */
const TAKEN: ReadonlySet<string> = new Set(["params", "account", "vault"]);

/** How an action does its work, as a tool has it; empty where it could not be carried over, which is noted. */
export function executionOf(source: Json, bench: Workbench, given: Given, ledger: Ledger): JsonObject {
  if (!Array.isArray(source)) return oneOf(source, get(source, "response"), bench, given, ledger) ?? {};
  if (source.length > LIST.steps) {
    bench.lost(`a chain of ${source.length} steps`, `a tool has at most ${LIST.steps}`);
    return {};
  }
  const steps: JsonObject[] = [];
  for (const [index, item] of source.entries()) {
    const step = stepOf(item, index === source.length - 1, bench, given, ledger);
    if (step === null) return {};
    steps.push(step);
  }
  const [only] = steps;
  if (steps.length > 1 || only === undefined) return steps.length === 0 ? {} : { steps };
  const { as: _, ...execution } = only;
  return execution;
}

/** A step of a chain; all but the last have a name, and answer as the provider does. */
function stepOf(
  source: Json,
  last: boolean,
  bench: Workbench,
  given: Given,
  ledger: Ledger,
): JsonObject | null {
  const name = ledger.text(source, "as");
  const isName =
    name !== null && /^[A-Za-z_]\w{0,63}$/.test(name) && !TAKEN.has(name) && !bench.steps.includes(name);
  if (name !== null && !isName) {
    bench.lost(`the step ${name}`, "another has that name, or none can have it");
    return null;
  }
  const execution = oneOf(source, get(source, "response"), bench, given, ledger);
  if (execution === null) return null;
  if (!last && asksForAnswer(source))
    bench.lost(`the response of a step before the last`, "later steps read an answer as it came");
  const as = name ?? (last ? null : unused(bench.steps));
  if (as !== null) bench.steps.push(as);
  return { ...(as === null ? {} : { as }), ...(last ? execution : raw(execution)) };
}

function asksForAnswer(source: Json): boolean {
  return [source, ...KINDS.map((kind) => get(source, kind) ?? null)].some((one) =>
    isMap(get(one, "response")),
  );
}

/** A later step reads an answer as it came. */
function raw(execution: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(execution).map(([kind, work]) => {
      if (!isMap(work)) return [kind, work];
      const { response: _, ...rest } = work;
      return [kind, rest];
    }),
  );
}

function unused(names: readonly string[]): string {
  for (let count = names.length + 1; ; count++) if (!names.includes(`step${count}`)) return `step${count}`;
}

/** The one executor of an action or step. */
function oneOf(
  source: Json,
  beside: Json | undefined,
  bench: Workbench,
  given: Given,
  ledger: Ledger,
): JsonObject | null {
  const [kind, ...more] = KINDS.filter((one) => isMap(get(source, one)));
  if (kind === undefined) return noneOf(source, bench, ledger);
  for (const other of more) bench.lost(`the ${other} block`, `the action has ${kind} already`);
  const block = get(source, kind);
  if (!isMap(block)) return null;
  const work = workOf(kind, block, beside, bench, given, ledger);
  return work === null ? null : { [kind]: work };
}

function workOf(
  kind: (typeof KINDS)[number],
  block: JsonObject,
  beside: Json | undefined,
  bench: Workbench,
  given: Given,
  ledger: Ledger,
): JsonObject | null {
  if (kind === "rest") return restOf(block, beside, bench, ledger);
  if (kind === "sql") return sqlOf(block, beside, given.database, bench, ledger);
  if (kind === "applescript") return applescriptOf(block, beside, bench, ledger);
  const graphql = graphqlOf(block, beside, bench, ledger);
  if (graphql === null || graphql.url !== undefined) return graphql;
  if (given.graphqlUrl !== null) return { url: given.graphqlUrl, ...graphql };
  bench.lost("the request", "the folder names no URL of the GraphQL API; give one with --base-url");
  return null;
}

/** A program is not carried over, but what it reads of the input is still the tool's. */
function noneOf(source: Json, bench: Workbench, ledger: Ledger): null {
  const program = PROGRAMS.find((one) => get(source, one) !== undefined);
  if (program === undefined || !isMap(source)) {
    bench.lost("how the action does its work", "it says nothing of it that could be carried over");
    return null;
  }
  ledger.take(source, program);
  if (get(source, "response") !== undefined) ledger.take(source, "response");
  const text = JSON.stringify(get(source, program));
  for (const [, name = ""] of text.matchAll(/\{\{\s*params\.([A-Za-z_]\w*)/g)) {
    bench.template({ path: ["params", name], filters: [] });
  }
  bench.lost(
    `the ${program} program`,
    "it can do whatever a program can (law 7: no shell), so the tool is declared without an executor",
  );
  return null;
}
