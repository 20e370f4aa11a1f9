import type { LookupAddress } from "node:dns";
import dns from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { failure, shown } from "../failure.ts";
import { forbiddenAddress, type Reach } from "./address.ts";

/** Gives all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The operating system's resolver, as every other program here has it. */
export const systemResolve: Resolve = (hostname) => dns.lookup(hostname, { all: true, order: "verbatim" });

/**
 * A resolver that asks once for a name that many wait for. The system's own holds a thread of a few while it waits, so a
 * name that is slow to resolve would hold up the names of others.
 */
function askedOnce(resolve: Resolve): Resolve {
  const asked = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    const answer = asked.get(hostname) ?? resolve(hostname).finally(() => asked.delete(hostname));
    asked.set(hostname, answer);
    return answer;
  };
}

/**
 * A lookup for sockets that fails if any of a name's addresses is forbidden. The socket connects to what this gives and
 * to nothing else, so a name that changes its address in between gains nothing.
 */
export function checkedLookup(resolve: Resolve, reach: Reach): LookupFunction {
  const ask = askedOnce(resolve);
  return (hostname, options, callback) => {
    const fail = (error: unknown): void =>
      callback(error instanceof Error ? error : new Error(String(error)), "", 0);
    ask(hostname).then((addresses) => {
      for (const { address } of addresses) {
        const why = forbiddenAddress(address, reach);
        if (why === null) continue;
        const message = `${shown(hostname)} leads to ${address}, which is not a public address (${why}).`;
        return fail(failure("firewall.address", message));
      }
      const [first] = addresses;
      if (first === undefined) return fail(failure("api.unreachable", `${shown(hostname)} has no address.`));
      if (options.all) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    }, fail);
  };
}
