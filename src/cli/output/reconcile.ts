import type {
  CheckReport,
  ConnectorOutcome,
  ConnectorReport,
  ReconcileReport,
} from "../../reconcile/index.ts";
import { changeLines } from "./changes.ts";
import { clean, count, type Paint } from "./text.ts";

/** The last line of `check`. */
export function prettyCheck({ ok, summary }: CheckReport, colour: Paint): string {
  const { connectors, errors, warnings } = summary;
  const found = [errors > 0 ? count(errors, "error") : "", warnings > 0 ? count(warnings, "warning") : ""];
  const told = found.filter((part) => part !== "").join(" and ");
  const checked = `${count(connectors, "connector")} checked: ${told === "" ? "all is well" : told}.`;
  return ok ? colour.green(checked) : colour.red(checked);
}

const MARKS: Readonly<Record<ConnectorOutcome, string>> = {
  created: "+",
  updated: "~",
  restored: "+",
  archived: "-",
  invalid: "!",
  unchanged: "=",
};

/** What an outcome means, as done and as planned. */
const WORDS: Readonly<Record<ConnectorOutcome, readonly [done: string, planned: string]>> = {
  created: ["registered as a draft", "would be registered as a draft"],
  updated: ["registered with its new content", "would be registered with its new content"],
  restored: ["back again, with every decision", "would be back again, with every decision"],
  archived: ["archived, as its folder is gone", "would be archived, as its folder is gone"],
  invalid: ["not registered, see above", "would not be registered, see above"],
  unchanged: ["registered as it is", "registered as it is"],
};

function paintOf(outcome: ConnectorOutcome, colour: Paint): (text: string) => string {
  if (outcome === "created" || outcome === "restored") return colour.green;
  if (outcome === "updated") return colour.yellow;
  return outcome === "unchanged" ? colour.dim : colour.red;
}

function connectorLines(list: readonly ConnectorReport[], planned: boolean, colour: Paint): string[] {
  const width = Math.max(0, ...list.map(({ slug }) => clean(slug).length));
  return list.flatMap(({ slug, outcome, files, changes }) => {
    const head = `${MARKS[outcome]} ${clean(slug).padEnd(width)}  ${WORDS[outcome][planned ? 1 : 0]}`;
    const moved = files.filter(({ action }) => action !== "unchanged");
    const details = [
      ...moved.map(({ path, action }) => `${fileWord(action, planned)} ${clean(path)}`),
      ...changeLines(changes, colour),
    ];
    return [paintOf(outcome, colour)(head), ...details.map((line) => `    ${line}`)];
  });
}

function fileWord(action: "create" | "update" | "unchanged" | "delete", planned: boolean): string {
  if (action === "delete") return planned ? "delete" : "deleted";
  return planned ? "write" : "wrote";
}

/** What `plan` says: every connector that would change, its files, and its rows field by field. */
export function prettyPlan({ ok, summary, connectors }: ReconcileReport, colour: Paint): string {
  if (connectors.length === 0) {
    const standing = `${count(summary.unchanged, "connector")} ${summary.unchanged === 1 ? "is" : "are"} up to date`;
    return ok ? colour.green(`Nothing to do: ${standing}.`) : `Nothing would be done: ${standing}.`;
  }
  return [...connectorLines(connectors, true, colour), "", `Planned: ${tallyOf(summary)}.`].join("\n");
}

/** What `run` says: which connectors were registered as what, and what a person does next. */
export function prettyRun(
  { ok, summary, connectors }: ReconcileReport,
  where: string,
  display: string,
  colour: Paint,
): string {
  if (connectors.length === 0) return nothing(ok, summary, where, display, colour);
  const drafts = connectors.filter(({ outcome }) => outcome === "created" || outcome === "updated");
  const lines = [
    ...connectorLines(connectors, false, colour),
    "",
    `In ${clean(where)}: ${tallyOf(summary)}.`,
  ];
  const [first] = drafts;
  if (first !== undefined) {
    const next = drafts.length === 1 ? `sentinel review show ${clean(first.slug)}` : "sentinel review list";
    lines.push(`Nobody is served by a draft until a person approves it. Next: ${colour.bold(next)}`);
  }
  return lines.join("\n");
}

function nothing(
  ok: boolean,
  { unchanged }: ReconcileReport["summary"],
  where: string,
  display: string,
  colour: Paint,
): string {
  if (!ok) return colour.red("Nothing was changed.");
  if (unchanged === 0) return `Nothing to do: there is no connector in ${clean(display)}.`;
  const standing = `${count(unchanged, "connector")} ${unchanged === 1 ? "is" : "are"} registered in ${clean(where)}`;
  return colour.green(`Nothing to do: ${standing} as the folders say.`);
}

function tallyOf(summary: ReconcileReport["summary"]): string {
  const order = ["created", "updated", "restored", "archived", "unchanged", "invalid"] as const;
  return order
    .filter((outcome) => summary[outcome] > 0)
    .map((outcome) => `${summary[outcome]} ${outcome}`)
    .join(", ");
}
