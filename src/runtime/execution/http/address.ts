import ipaddr from "ipaddr.js";

/**
 * Answered by the cloud's own host, though public or private by number: Azure's wire server, Alibaba's metadata, the local
 * services of AWS and Google over IPv6.
 */
const METADATA = {
  metadata: ["168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::254/128"].map((range) =>
    ipaddr.parseCIDR(range),
  ),
};
/** The only range of IPv6 that is routed in the internet (RFC 4291, 2.4; IANA's list of global unicast allocations). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** Documentation since RFC 9637, which the library does not know yet. */
const DOCUMENTATION: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("3fff::"), 20];

/** What may be reached: nothing but the internet, or an operator's own networks too. */
export type Reach = "public" | "own";

/** Ranges that a host which the operator named may lead to. */
const OWN: readonly string[] = ["private", "loopback", "carrierGradeNat", "uniqueLocal"];

/**
 * Why a request may not go to an address, in one word, or null when it may. IPv6 addresses that carry an IPv4 one
 * (mapped, NAT64, 6to4, Teredo, compatible) are refused whatever they carry: no name that is meant well leads there.
 * @param address as a resolver or a URL gives it: dotted decimal, or IPv6 without brackets
 * @param reach link-local, metadata, multicast and unspecified addresses are refused for both
 */
export function forbiddenAddress(address: string, reach: Reach = "public"): string | null {
  if (!ipaddr.isValid(address)) return "unreadable";
  const parsed = ipaddr.parse(address);
  if (ipaddr.subnetMatch(parsed, METADATA, "none") === "metadata") return "metadata";
  const range: string = parsed.range();
  if (reach === "own" && OWN.includes(range)) return null;
  if (range !== "unicast") return range;
  if (parsed instanceof ipaddr.IPv6) {
    if (parsed.zoneId !== undefined || !parsed.match(GLOBAL_UNICAST)) return "reserved";
    if (parsed.match(DOCUMENTATION)) return "reserved";
  }
  return null;
}

/** The address in a URL's host (`127.0.0.1`, `[::1]`), or null when it is a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : null;
}
