import { failure, shown } from "../failure.ts";
import { forbiddenAddress, literalAddress, type Reach } from "./address.ts";

/** Where a request may go: the hosts of an approved manifest, and what the operator adds to the rules. */
export interface HostRules {
  /** `host` or `host:port` as `URL.host` gives it, without the final dot. */
  readonly approved: ReadonlySet<string>;
  readonly own: OwnHosts;
}

/** Hosts of the operator's own, for which `http:` and private addresses are allowed. */
export class OwnHosts {
  /** `host` or `host:port` → whether it is spoken to without TLS. */
  readonly #hosts = new Map<string, boolean>();

  /** @param hosts `host`, `host:port` or `[ipv6]:port` in any spelling that a URL may have, perhaps after `http://` */
  constructor(hosts: readonly string[] = []) {
    for (const host of hosts) {
      const bare = host.replace(/^https?:\/\//, "").replace(/\/$/, "");
      const url = URL.parse(`http://${bare}/`);
      if (url === null) continue;
      const key = /:[0-9]+$/.test(bare) ? `${nameOf(url)}:${portOf(url)}` : nameOf(url);
      this.#hosts.set(key, host.startsWith("http://"));
    }
  }

  has(url: URL): boolean {
    return this.#plain(url) !== undefined;
  }

  /** The URL as the operator's host is spoken to: without TLS where the config says so, and at the port that it names. */
  asSpoken(url: URL): URL {
    const spoken = new URL(this.#plain(url) ? url.href.replace(/^https:/, "http:") : url.href);
    // Of https it goes without saying, of http it does not.
    if (url.protocol === "https:" && url.port === "" && this.#hosts.get(withPort(url))) spoken.port = "443";
    return spoken;
  }

  #plain(url: URL): boolean | undefined {
    return this.#hosts.get(withPort(url)) ?? this.#hosts.get(nameOf(url));
  }
}

/** The host's name without port and without the dot that may end it. */
function nameOf(url: URL): string {
  return url.hostname.replace(/\.$/, "");
}

function portOf(url: URL): string {
  return url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80";
}

function withPort(url: URL): string {
  return `${nameOf(url)}:${portOf(url)}`;
}

/**
 * Whether the manifest names the host. It spells its addresses with https: there a port of 443 goes without saying, and one
 * of 80 does not.
 */
function isApproved(url: URL, { approved }: HostRules): boolean {
  return (
    approved.has(hostOf(url)) ||
    approved.has(withPort(url)) ||
    (portOf(url) === "443" && approved.has(nameOf(url)))
  );
}

/** Host and port as the set of approved hosts has them. */
export function hostOf(url: URL): string {
  return url.port === "" ? nameOf(url) : `${nameOf(url)}:${url.port}`;
}

/**
 * Checks where a request would go, before anything is resolved; the resolved address is checked at the connection.
 * @returns which addresses the connection may have
 * @throws ToolFailure `firewall.host`, `firewall.http`, `firewall.address`
 */
export function checkTarget(url: URL, rules: HostRules): Reach {
  const own = rules.own.has(url);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && own)) {
    throw failure("firewall.http", `${shown(`${url.protocol}//${url.host}`)} is not an https address.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw failure("firewall.header", "A URL with a user name or password is not called.");
  }
  if (!own) checkName(nameOf(url));
  if (!isApproved(url, rules)) {
    throw failure("firewall.host", `The approved manifest does not name the host ${shown(url.host)}.`);
  }
  return own ? "own" : "public";
}

/** Whether a host that is not the operator's own may be one on the internet, by what it is called. */
function checkName(name: string): void {
  const literal = literalAddress(name);
  const why = literal === null ? null : forbiddenAddress(literal);
  if (why !== null) throw failure("firewall.address", `${literal} is not a public address (${why}).`);
  if (isLocalName(name)) {
    throw failure("firewall.address", `${shown(name)} is a name of this machine or its network.`);
  }
}

/** Names that resolvers answer by themselves (RFC 6761, 6762, 8375) or that clouds give to their metadata. */
function isLocalName(name: string): boolean {
  return (
    /^(?:.*\.)?(?:localhost|local|internal|localdomain|home\.arpa)$/.test(name) ||
    name === "instance-data" ||
    name === ""
  );
}
