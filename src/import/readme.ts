import type { Json } from "../base/index.ts";
import { vaultPlatform } from "../manifest/index.ts";
import { get, listAt, textAt } from "./json.ts";
import type { NotCarried } from "./notes.ts";
import { firstSentence } from "./text.ts";
import type { Draft, ImportReport } from "./types.ts";

/** Places shown of one thing that could not be carried over; the rest is counted. */
const MAX_PLACES = 20;

/** The README of an imported connector: set-up, limitations, what could not be carried over, sources. */
export function readmeOf(draft: Draft, report: ImportReport): string {
  const name = textAt(draft.fields, "display_name") ?? draft.slug;
  const parts = [
    `# ${heading(name)}`,
    draft.readme.about,
    "## Set-up",
    setUp(draft),
    "## Known limitations",
    draft.readme.limitations.map((line) => `- ${line}`).join("\n"),
    "## Not carried over",
    notCarried(report.notCarried),
    "## Sources",
    draft.readme.sources.map((line) => `- ${line}`).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function heading(name: string): string {
  return firstSentence(name);
}

const SLOTS: Readonly<Record<string, readonly (readonly [what: string, key: string])[]>> = {
  api_key: [["the API key", "API_KEY"]],
  bearer: [["an access token", "ACCESS_TOKEN"]],
  basic: [
    ["the user name", "USERNAME"],
    ["the password", "PASSWORD"],
  ],
  oauth2: [
    ["the app's client id", "CLIENT_ID"],
    ["the app's client secret", "CLIENT_SECRET"],
  ],
};

function setUp({ slug, fields, readme: { setUp: more } }: Draft): string {
  const auth = get(fields, "auth");
  const slots = [...(SLOTS[textAt(auth, "type") ?? "none"] ?? [])];
  for (const { name, what } of namedKeys(auth)) slots.push([what, name]);
  for (const also of listAt(auth, "also")) {
    const key = textAt(also, "name") ?? "";
    slots.push([`the key ${key}`, key.toUpperCase().replace(/[^A-Z0-9]+/g, "_")]);
  }
  const lines = slots.map(
    ([what, key]) => `- Store ${what} in the vault as \`PROVIDER_${vaultPlatform(slug)}_${key}\`.`,
  );
  if (textAt(auth, "type") === "local_path") lines.push("- Set `path` in the account to the file.");
  for (const field of listAt(fields, "account_fields")) {
    const description = textAt(field, "description");
    const given = textAt(field, "default");
    const what = `- Name \`${textAt(field, "name")}\` in the account`;
    const remarks = [
      description === null ? null : firstSentence(description),
      given === null ? null : `default ${given}`,
    ];
    const remark = remarks.filter((one) => one !== null).join("; ");
    lines.push(remark === "" ? `${what}.` : `${what}: ${remark}`);
  }
  const own =
    lines.length === 0 && more === undefined ? ["Nothing is needed: the API asks for no credential."] : lines;
  return [own.join("\n"), more ?? ""].filter((part) => part !== "").join("\n\n");
}

/** The keys of an `auth` that only names them. */
function namedKeys(auth: Json | undefined): { name: string; what: string }[] {
  return listAt(auth, "keys").map((key) => {
    const name = textAt(key, "name") ?? "";
    const description = (textAt(key, "description") ?? "").replace(/\.$/, "");
    return { name, what: `the key ${name}${description === "" ? "" : ` (${description})`}` };
  });
}

/** Equal things at several places are one line. */
function notCarried(notes: readonly NotCarried[]): string {
  if (notes.length === 0) return "Nothing: all of it is in the manifest.";
  const groups = new Map<string, { note: NotCarried; places: string[] }>();
  for (const note of notes) {
    const key = `${note.what}\n${note.why}`;
    const group = groups.get(key) ?? { note, places: [] };
    group.places.push(note.where);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ note, places }) => {
      const shown = places.slice(0, MAX_PLACES).map(code).join(", ");
      const more = places.length > MAX_PLACES ? ` and ${places.length - MAX_PLACES} more` : "";
      return `- ${inline(note.what)} (${shown}${more}): ${inline(note.why)}`;
    })
    .join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** Text from a document as plain text within Markdown. */
function inline(text: string): string {
  return text.replace(/[\\`*_[\]<>#]/g, "\\$&");
}
