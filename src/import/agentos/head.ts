import type { Json, JsonObject } from "../../base/index.ts";
import { LIST, TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, textAt } from "../json.ts";
import type { Notes } from "../notes.ts";
import { httpsUrl } from "../openapi/security.ts";
import { cut, firstSentence, oneLine, plainText, shortened } from "../text.ts";
import type { Readme as DraftReadme } from "../types.ts";
import type { App } from "./apps.ts";
import type { Auth } from "./auth.ts";
import type { Readme } from "./source.ts";

const PLATFORMS: readonly string[] = ["macos", "windows", "linux"];

/** The manifest's fields but for schemas and tools, in the order of writing. */
export function headOf(
  slug: string,
  { front }: Readme,
  auth: Auth,
  whoami: JsonObject | null,
  baseUrl: string | null,
  apps: readonly App[],
  ledger: Ledger,
  notes: Notes,
): JsonObject {
  const name = cut(
    oneLine(plainText((ledger.text(front, "name") ?? slug).slice(0, 1000))),
    TEXT.display_name,
  );
  const about = plainText((ledger.text(front, "description") ?? "").slice(0, 20_000));
  const summary = cut(firstSentence(about), TEXT.summary);
  const instructions = instructionsOf(ledger.text(front, "instructions"), apps, notes);
  const platform = platformOf(ledger.text(front, "platform"), notes);
  const icon = iconOf(ledger.text(front, "icon"), notes);
  const scopes = [...new Set([...auth.scopes.values()].flat())].sort();
  const homepage = urlOf(front, "website", ledger, notes);
  const docsUrl = urlOf(front, "docs_url", ledger, notes);
  return {
    manifest_version: 1,
    provider_slug: slug,
    display_name: name === "" ? slug : name,
    ...(summary === "" ? {} : { summary }),
    ...(homepage === null ? {} : { homepage }),
    ...(docsUrl === null ? {} : { docs_url: docsUrl }),
    ...(icon === null ? {} : { icon }),
    ...(platform === null ? {} : { platform }),
    ...(instructions === "" ? {} : { instructions }),
    ...authFields(auth.auth, whoami),
    ...(baseUrl === null ? {} : { base_url: baseUrl }),
    ...(scopes.length === 0
      ? {}
      : { scopes: scopes.slice(0, LIST.scopes).map((scope) => ({ name: scope })) }),
  };
}

function authFields(auth: JsonObject | null, whoami: JsonObject | null): JsonObject {
  if (auth === null && whoami === null) return {};
  return { auth: { ...(auth ?? { type: "none" }), ...(whoami === null ? {} : { whoami }) } };
}

/** What the provider says to an AI, and after it what the apps say that it serves. */
function instructionsOf(own: string | null, apps: readonly App[], notes: Notes): string {
  const parts = [
    own,
    ...apps.map(({ name, instructions }) =>
      instructions === null ? null : `About ${name}:\n${instructions}`,
    ),
  ];
  const text = parts
    .filter((part) => part !== null)
    .map((part) => plainText(part.slice(0, 100_000)))
    .join("\n\n");
  return text === "" ? "" : `${shortened(text, "readme.md: instructions", notes, TEXT.long - 1)}\n`;
}

function platformOf(platform: string | null, notes: Notes): string | null {
  if (platform === null || platform === "all") return null;
  if (PLATFORMS.includes(platform)) return platform;
  notes.add(`the platform ${platform}`, "readme.md: platform", `it is none of ${PLATFORMS.join(", ")}`);
  return null;
}

/** An icon of a set goes by its name; one in a file would have to be copied beside the manifest. */
function iconOf(icon: string | null, notes: Notes): string | null {
  if (icon === null || /^[a-z0-9-]+:[a-z0-9-]+$/.test(icon)) return icon;
  notes.add(
    `the icon ${icon}`,
    "readme.md: icon",
    "an import writes text only; copy it into the folder and name it under icon",
  );
  return null;
}

function urlOf(front: JsonObject, key: string, ledger: Ledger, notes: Notes): string | null {
  const given = ledger.text(front, key);
  const url = httpsUrl(given);
  if (given !== null && url === null)
    notes.add(`${key}: ${given}`, `readme.md: ${key}`, "it is not a public https URL");
  return url;
}

/** Links that only the README has a place for. */
const LINKS: readonly (readonly [key: string, what: string])[] = [
  ["privacy_url", "Privacy"],
  ["terms_url", "Terms"],
];

/** What the README says besides what the manifest does: the provider's own text, and its links. */
export function readmeOf(
  { front, body }: Readme,
  folder: string,
  tools: readonly JsonObject[],
  limitations: readonly string[],
  ledger: Ledger,
): DraftReadme {
  const auth = get(front, "auth");
  const help = isMap(auth) ? ledger.text(auth, "help_url") : null;
  const label = isMap(auth) ? (ledger.text(auth, "label") ?? "the credential") : "";
  const links = LINKS.flatMap(([key, what]) => {
    const url = ledger.text(front, key);
    return url === null ? [] : [`${what}: ${line(url)}`];
  });
  const about = [
    `Imported from the AgentOS provider ${line(textAt(front, "name") ?? folder)}: ${tools.length} tools.`,
    demoted(body),
  ];
  return {
    about: about.filter((part) => part !== "").join("\n\n"),
    ...(help === null ? {} : { setUp: `- Where to get ${line(label)}: ${line(help)}` }),
    sources: [`AgentOS provider folder ${line(folder)}`, ...links],
    limitations: [
      ...limitations,
      "Whether a tool that does not say so itself changes something was told from its request and its name; look at `side_effecting` and `destructive` before you approve.",
    ],
  };
}

/** The provider's own text, below a heading of ours and without its first. */
function demoted(body: string): string {
  const text = plainText(body.slice(0, 100_000)).replace(/^#\s.*\n*/, "");
  return text.trim() === ""
    ? ""
    : `## What AgentOS says of it\n\n${text.replace(/^(#+)(?=\s)/gm, "#$1").trim()}`;
}

function line(text: Json): string {
  return cut(oneLine(plainText(String(text).slice(0, 1000))), 300);
}
