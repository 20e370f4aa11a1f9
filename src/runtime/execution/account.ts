import type { JsonObject } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import type { Connection } from "../seams.ts";
import { failure, shown } from "./failure.ts";
import { type HostRules, hostOf, type OwnHosts } from "./http/hosts.ts";
import { plainText, Renderer } from "./templates.ts";

/**
 * The values of `{{account.NAME}}`: what the account says, or the default.
 * @throws ToolFailure `account.bad_field` for a value that the manifest does not list
 */
export function accountFields(manifest: Manifest, connection: Connection): JsonObject {
  const fields: JsonObject = { ...connection.fields };
  for (const { name, default: given, values } of manifest.account_fields) {
    const value = connection.fields[name] ?? given;
    if (value === null) continue;
    if (values.length > 0 && !values.includes(value)) {
      throw failure("account.bad_field", `The field ${name} of the account can't be ${shown(value)}.`, {
        hint: `Set it to one of ${values.slice(0, 20).join(", ")}.`,
      });
    }
    fields[name] = value;
  }
  return fields;
}

/** A URL of the manifest, taken apart where templates are of different kinds. */
export interface UrlTemplate {
  /** `https:`, or `http:` for a host of the operator's own. */
  readonly scheme: string;
  readonly host: string;
  /** From the slash to what comes before `?` or `#`. */
  readonly path: string;
  /** After the `?`, or null. */
  readonly query: string | null;
}

/** Takes a URL with templates apart. */
export function splitUrl(url: string): UrlTemplate {
  const [beforeHash = ""] = splitOutside(url.replace(/^https?:\/\//, ""), "#");
  const [hostAndPath = "", ...query] = splitOutside(beforeHash, "?");
  const [host = "", ...path] = splitOutside(hostAndPath, "/");
  return {
    scheme: url.startsWith("http://") ? "http:" : "https:",
    host,
    path: path.map((segment) => `/${segment}`).join(""),
    query: query.length === 0 ? null : query.join("?"),
  };
}

/** Splits at every separator that stands in no template. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith("{{", at)) {
      const end = text.indexOf("}}", at);
      at = end < 0 ? text.length : end + 1;
    } else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/**
 * The host of a URL of the manifest, as `URL.host` gives it. What an account puts into it can't leave its place: a label
 * where there is something beside it, a whole host where it stands alone.
 * @throws ToolFailure `account.field_missing`, `account.bad_field`
 */
export function renderHost(host: string, renderer: Renderer): string {
  const alone = /^\{\{[^{}]*\}\}$/.test(host);
  const allowed = alone
    ? /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$/
    : /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
  const text = renderer.text(host, (value, source) => {
    const given = plainText(value);
    const name = /account\.([A-Za-z0-9_]+)/.exec(source)?.[1] ?? source;
    if (given === "") {
      const hint = `Set the field ${name} of the account.`;
      throw failure("account.field_missing", `The account has no ${name}, which is part of the host.`, {
        hint,
      });
    }
    if (!allowed.test(given)) {
      throw failure(
        "account.bad_field",
        `The field ${name} of the account can't be ${shown(given)} in a host.`,
      );
    }
    return given;
  });
  const url = URL.parse(`https://${text}/`);
  if (url === null || url.pathname !== "/" || url.username !== "") {
    throw failure("account.bad_field", `${shown(text)} is not a host.`);
  }
  return hostOf(url);
}

/**
 * Every host that an approved manifest names, with the account's values in it: of base_url, of tools' urls, of auth. One
 * that this account does not fill in is left out.
 */
export function hostRules(manifest: Manifest, renderer: Renderer, own: OwnHosts): HostRules {
  const { literal, templates } = hostsOf(manifest);
  if (templates.length === 0) return { approved: literal, own };
  return { approved: new Set([...literal, ...rendered(templates, renderer)]), own };
}

/** Hosts with an account's values in them, those that it does not fill in left out. */
function rendered(hosts: Iterable<string>, renderer: Renderer): Set<string> {
  const approved = new Set<string>();
  for (const host of hosts) {
    try {
      approved.add(renderHost(host, renderer));
    } catch {
      // A request to it fails with the reason; the other hosts are as good as ever.
    }
  }
  return approved;
}

/** The hosts of a manifest: those in which nothing has to be filled in, and the others. */
interface Hosts {
  readonly literal: ReadonlySet<string>;
  readonly templates: readonly string[];
}

/** A manifest does not change, and a large one names thousands of addresses of a few hosts. */
const known = new WeakMap<Manifest, Hosts>();

function hostsOf(manifest: Manifest): Hosts {
  let hosts = known.get(manifest);
  if (hosts === undefined) {
    const all = [...new Set(urlsOf(manifest).map((url) => splitUrl(url).host))];
    const templates = all.filter((host) => host.includes("{{"));
    const literal = rendered(
      all.filter((host) => !host.includes("{{")),
      new Renderer({}),
    );
    hosts = { literal, templates };
    known.set(manifest, hosts);
  }
  return hosts;
}

function urlsOf({ auth, base_url, tools }: Manifest): string[] {
  const executions = [...tools, ...(auth.whoami === null ? [] : [auth.whoami])];
  const requests = executions.flatMap((execution) => [execution, ...(execution.steps ?? [])]);
  const urls = requests.flatMap(({ rest, graphql }) => [rest?.url, graphql?.url]);
  const oauth = auth.type === "oauth2" ? [auth.authorization_url, auth.token_url, auth.refresh_url] : [];
  return [base_url, ...oauth, ...urls].filter((url) => typeof url === "string");
}
