import type { Json, JsonObject } from "../../base/index.ts";
import { listAt, mapAt, textAt, textOf } from "../json.ts";
import { identifier } from "../names.ts";
import type { Notes } from "../notes.ts";
import { oneLine, plainText } from "../text.ts";
import type { Document } from "./document.ts";
import { isLocal } from "./security.ts";

/** Where the operations are: the manifest's base_url, and the account fields that it reads, by name. */
export interface Server {
  readonly url: string;
  readonly fields: ReadonlyMap<string, JsonObject>;
}

/** The URLs under which a document says that its API is; a map as OpenAPI 3 has it. */
export function serversOf(document: Document): readonly Json[] {
  const { root, family } = document;
  if (family === "openapi3") return listAt(root, "servers");
  // A host with its scheme is a slip that is often made.
  const host = textAt(root, "host")?.replace(/^(?:https?:)?\/\//i, "") ?? null;
  const schemes = listAt(root, "schemes").flatMap((scheme) => textOf(scheme) ?? []);
  const path = textAt(root, "basePath") ?? "";
  if (host === null) return path === "" ? [] : [{ url: path }];
  const slash = path === "" || path.startsWith("/") ? path : `/${path}`;
  return (schemes.length === 0 ? ["https"] : schemes).map((scheme) => ({
    url: `${scheme}://${host}${slash}`,
  }));
}

/**
 * Chooses a server: the first that can be called by https, else the first by http (which is called by https all the
 * same), else one whose host the account names. The others are noted.
 * @param address where the document itself was read from, for URLs that count from there; null for a file
 */
export function chooseServer(
  servers: readonly Json[],
  address: string | null,
  where: string,
  notes: Notes,
): Server {
  const read = servers.map((node) => readServer(node, address, where, notes));
  const good = read.filter((server) => server !== null);
  const chosen = good.find(({ secure }) => secure) ?? good[0];
  servers.forEach((node, index) => {
    const server = read[index];
    if (server?.url === chosen?.url && server !== null) return;
    const url = textAt(node, "url") ?? "without a URL";
    const why = server === null ? "nobody else can call it" : "a manifest has one base_url";
    notes.add(`the server ${url}${remark(node)}`, where, why);
  });
  if (chosen !== undefined) {
    if (!chosen.secure)
      notes.add("http:", where, `${chosen.url} is called by https:, as no credential goes in the clear`);
    return chosen;
  }
  const path = servers.map((node) => textAt(node, "url") ?? "").find((url) => /^\/[^/{}\s]/.test(url)) ?? "";
  notes.add(
    "the host of the API",
    where,
    "nothing names one that can be called; the account's field host does",
  );
  const description = "The host of the API, such as api.example.com, which its description does not name.";
  return {
    url: `https://{{account.host}}${trimSlash(path)}`,
    fields: new Map([["host", { name: "host", description }]]),
  };
}

function remark(node: Json): string {
  const text = oneLine(plainText((textAt(node, "description") ?? "").slice(0, 300)));
  return text === "" ? "" : ` (${text})`;
}

function readServer(
  node: Json,
  address: string | null,
  where: string,
  notes: Notes,
): (Server & { secure: boolean }) | null {
  const written = (textAt(node, "url") ?? "").trim();
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : fromRelative(written, address);
  const match = /^(https?):\/\/([^/?#]+)([^?#]*)/i.exec(absolute ?? "");
  if (match === null) return null;
  const [, scheme = "", hostPart = "", pathPart = ""] = match;
  const fields = new Map<string, JsonObject>();
  const [, hostName = "", portPart] = /^(.*?)(?::([^:@\]]*))?$/.exec(hostPart) ?? [];
  const port = fill(portPart ?? "", mapAt(node, "variables"), false, fields, where, notes);
  const hostAlone = fill(hostName, mapAt(node, "variables"), true, fields, where, notes);
  // Only a host may be the account's, and http:'s own port is not that of https:.
  const usual = port === "" || port.includes("{{") || (port === "80" && scheme.toLowerCase() === "http");
  const host = usual ? hostAlone : `${hostAlone}:${port}`;
  const path = fill(pathPart, mapAt(node, "variables"), false, fields, where, notes);
  if (hostAlone === "") return null;
  const url = `https://${host}${trimSlash(path)}`;
  const probe = url.replace(/\{\{[^{}]*\}\}/g, "x");
  if (
    /[\s{}\\@]/.test(probe) ||
    probe.length > 2000 ||
    !URL.canParse(probe) ||
    isLocal(new URL(probe).hostname)
  )
    return null;
  return { url, fields, secure: scheme.toLowerCase() === "https" };
}

/** A URL without a scheme: a host that was meant as one, or a place that counts from the document's own. */
function fromRelative(url: string, address: string | null): string | null {
  if (/^\/\//.test(url)) return `https:${url}`;
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:[:/]|$)/i.test(url)) return `https://${url}`;
  return address !== null && URL.canParse(url, address) ? new URL(url, address).href : null;
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

/** Replaces the variables of a server's URL: in a host by an account field, elsewhere by their default. */
function fill(
  text: string,
  variables: JsonObject,
  isHost: boolean,
  fields: Map<string, JsonObject>,
  where: string,
  notes: Notes,
): string {
  return text.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const variable = mapAt(variables, name);
    const values = [...new Set(listAt(variable, "enum").flatMap((one) => textOf(one) ?? []))].filter(isPlain);
    const given = textAt(variable, "default") ?? values[0] ?? null;
    const value = given !== null && isPlain(given) ? given : null;
    if (value !== null && (!isHost || values.length === 1)) {
      if (values.length > 1)
        notes.add(`the values ${values.join(", ")} of ${name}`, where, `base_url has ${value}`);
      return value;
    }
    const field = identifier(name);
    const all = value === null || values.length === 0 || values.includes(value) ? values : [...values, value];
    const description = plainText((textAt(variable, "description") ?? "").slice(0, 2000));
    fields.set(field, {
      name: field,
      ...(description === "" ? {} : { description }),
      ...(value === null ? {} : { default: value }),
      ...(all.length === 0 || all.length > 200 ? {} : { values: all }),
    });
    return `{{account.${field}}}`;
  });
}

function isPlain(value: string): boolean {
  return /^[\w.~:/-]{1,200}$/.test(value);
}
