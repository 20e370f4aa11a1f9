const FORM = "it says how a form of ArgentOS looks, and a tool has no form";
/** Why no permission comes over. */
export const GATE = "firearms are the only gate, and a person decides on them";
const STATE = "it tells of ArgentOS' own code";

/** Why a field is not carried over, by its name. */
const BY_FIELD: Readonly<Record<string, string>> = {
  renderAs: FORM,
  type: FORM,
  placeholder: FORM,
  rows: FORM,
  expressionEnabled: FORM,
  selection_surface: FORM,
  kind: FORM,
  side_effect_level: GATE,
  required_mode: GATE,
  action_class: GATE,
  worker_visible_actions: GATE,
  workerFields: "a tool takes every field that it has",
  supports_json: "every answer here is JSON",
  valueType: "a schema has no such type",
  resource: "the capability says what a tool is about",
  pickerHint: "no tool lists its values",
  applies_to: "there is no such command",
  args: "a tool takes its arguments by name",
  tool: "the connector has another name here",
  manifest_schema_version: STATE,
  backend: STATE,
};

/** Why a part is not carried over, by the names above it. */
const BY_PART: readonly (readonly [part: RegExp, why: string])[] = [
  [/^permissions\b/, GATE],
  [/^events\b/, "a manifest describes calls, not events"],
  [/^scope pickerHints\b/, "a tool's fields have no pickers; the tool that lists the values can be called"],
  [/^scope (?:commandDefaults|command_defaults) \S+ requires_/, GATE],
  [/^scope (?:commandDefaults|command_defaults) \S+$/, "nothing in it is an argument of a tool"],
  [/^scope (?:scaffold_only|\w+_available|\w+_tested)$/, STATE],
  [/^scope (?:kind|surface)$|^connector categor(?:y|ies)$/, "a manifest has no categories of connectors"],
  [/^auth kind$/, "auth says which secrets there are, and auth_mode whose they are"],
  [/^auth\b/, "a manifest has no such way to sign in"],
  [/ applies_to \d+$/, "there is no such command"],
];

/** Why a part of connector.json or permissions.json has no place in a manifest. @param path the names that lead to it */
export function reasonFor(path: readonly string[]): string {
  const place = path.join(" ");
  const part = BY_PART.find(([pattern]) => pattern.test(place));
  if (part !== undefined) return part[1];
  const key = path.at(-1) ?? "";
  return (Object.hasOwn(BY_FIELD, key) ? BY_FIELD[key] : undefined) ?? "a manifest has no such field";
}
