import type { CodeMeaning } from "./codes.ts";

/** The codes that a call of a tool may fail with. */
export const RUNTIME_CODES = {
  "account.field_missing": {
    severity: "error",
    meaning: "The account has no value for a field that the connector needs.",
    remedy: "Set the field on the account (docs/runtime.md).",
  },
  "account.bad_field": {
    severity: "error",
    meaning: "A field of the account has a value that it can't have.",
    remedy:
      "Set it to one of the values that the manifest lists; within a host: letters, digits and hyphens.",
  },
  "api.cancelled": {
    severity: "error",
    meaning: "The client took the call back before the provider had answered.",
    remedy: "Call again if the answer is still wanted.",
  },
  "api.graphql": {
    severity: "error",
    meaning: "The provider answered a GraphQL request with errors.",
    remedy: "Read the errors: they name the field or the permission.",
  },
  "api.rate_limited": {
    severity: "error",
    meaning: "The provider asks to be called less often, for longer than a call may wait.",
    remedy: "Wait as long as the message says, else a minute, then call again.",
  },
  "api.status": {
    severity: "error",
    meaning: "The provider answered with a status that is no success.",
    remedy: "Read the answer: a status from 400 means the request, from 500 the provider.",
  },
  "api.timeout": {
    severity: "error",
    meaning: "The provider did not answer in time.",
    remedy: "Ask for less, or call again later; look first whether a change was made.",
  },
  "api.too_large": {
    severity: "error",
    meaning: "The provider's answer is larger than a call may bring.",
    remedy: "Ask for less: a smaller page, fewer fields.",
  },
  "api.bad_response": {
    severity: "error",
    meaning: "The provider's answer can't be read: torn, badly compressed, or against the protocol.",
    remedy: "Call again; if it stays, tell the provider.",
  },
  "api.unreachable": {
    severity: "error",
    meaning: "The provider's host has no address, or no connection to it comes about.",
    remedy: "Check the host's name, the network and the provider's status page.",
  },
  "auth.missing": {
    severity: "error",
    meaning: "The account has no credential.",
    remedy: "Store it with `sentinel vault set`, or connect with `sentinel connect`.",
  },
  "auth.rejected": {
    severity: "error",
    meaning: "The provider does not accept the credential.",
    remedy: "Store a new one with `sentinel vault set`, or connect again with `sentinel connect`.",
  },
  "auth.unusable": {
    severity: "error",
    meaning: "The stored credential can't be sent: it holds what no header may have, or is too long.",
    remedy: "Store it again with `sentinel vault set`, as the provider shows it.",
  },
  "firewall.address": {
    severity: "error",
    meaning:
      "The host leads to an address that no connector may reach: private, loopback, link-local, metadata.",
    remedy: "If it is a system of your own, name its host under allowed_hosts in sentinel.config.yaml.",
  },
  "firewall.header": {
    severity: "error",
    meaning: "An argument or an account would override what belongs to the protocol or to the credential.",
    remedy: "Leave the header out; credentials are injected as auth says.",
  },
  "firewall.host": {
    severity: "error",
    meaning: "The request would go to a host that the approved manifest does not name.",
    remedy: "Only the hosts of base_url, of tools' urls and of auth can be called.",
  },
  "firewall.http": {
    severity: "error",
    meaning: "The request would go over http, without encryption.",
    remedy: "Use https; a host of your own can be named under allowed_hosts in sentinel.config.yaml.",
  },
  "firewall.method": {
    severity: "error",
    meaning: "The request would open a tunnel, into which nobody could look.",
    remedy: "Use another method than CONNECT.",
  },
  "firewall.path": {
    severity: "error",
    meaning: "A value would lead the request out of its place in the path.",
    remedy: "Give a plain value: not empty, not . or .., and without slashes where an id stands.",
  },
  "firewall.query": {
    severity: "error",
    meaning:
      "A key of an argument would be a field of the request that is the manifest's or carries the credential.",
    remedy: "Give the field itself, where the tool has it, and leave the key out.",
  },
  "firewall.redirect": {
    severity: "error",
    meaning: "The provider redirects to where the request may not go, or too often.",
    remedy: "Call the final address: correct the url in the manifest.",
  },
  "handler.failed": {
    severity: "error",
    meaning: "The function of service.ts threw, or gave nothing that JSON can carry.",
    remedy: "Mend service.ts; the message is what it threw.",
  },
  "handler.missing": {
    severity: "error",
    meaning: "The text of service.ts is not there, or does not export the function.",
    remedy: "Approve the connector with its service.ts again.",
  },
  "handler.refused": {
    severity: "error",
    meaning: "The function of service.ts asked for what a connector may not have.",
    remedy: "Use the given client; files, processes, modules and a network of its own are out of reach.",
  },
  "handler.too_large": {
    severity: "error",
    meaning: "The function of service.ts took more memory than a call may.",
    remedy: "Ask for less at a time, and keep less of it in service.ts.",
  },
  "handler.timeout": {
    severity: "error",
    meaning: "The function of service.ts did not end in time.",
    remedy: "Ask for less, or mend service.ts.",
  },
  "input.bad_value": {
    severity: "error",
    meaning: "A value can't stand where the manifest puts it.",
    remedy: "Give a value of the kind that the message names.",
  },
  "input.missing": {
    severity: "error",
    meaning: "A value is missing without which there is no request.",
    remedy: "Give the argument that the message names.",
  },
  "input.too_large": {
    severity: "error",
    meaning: "The request's body, or what a template makes, is larger than a call may send.",
    remedy: "Send less at a time.",
  },
  "mapping.failed": {
    severity: "error",
    meaning: "The provider's answer does not fit the mapping that the manifest gives for it.",
    remedy: "Mend the mapping under response in the manifest.",
  },
  "mapping.limit": {
    severity: "error",
    meaning: "The mapping takes longer, or nests deeper, than a call may.",
    remedy: "Make the mapping under response simpler, or ask for less.",
  },
  "output.unexpected": {
    severity: "error",
    meaning: "The provider's answer is not what the tool's output schema declares.",
    remedy: "Use the answer as it stands; the schema, or the mapping, is to be mended in the manifest.",
  },
  "runtime.no_executor": {
    severity: "error",
    meaning: "The tool says nothing of how it does its work.",
    remedy: "Add rest, graphql, sql, handler or steps to the manifest.",
  },
  "runtime.internal": {
    severity: "error",
    meaning: "Something inside this program went wrong.",
    remedy: "Report it with what stands in the log.",
  },
  "runtime.not_available": {
    severity: "error",
    meaning: "There is no registry here, so nothing says whether the connector is approved.",
    remedy:
      "Start it in a workspace where `sentinel run` was made and a person has approved it, or set SENTINEL_DATABASE_URL.",
  },
  "runtime.wrong_platform": {
    severity: "error",
    meaning: "The tool works on another operating system.",
    remedy: "Run it on the platform that the manifest names.",
  },
  "script.failed": {
    severity: "error",
    meaning: "An AppleScript ended with an error.",
    remedy: "Read the message; most often the app is missing or macOS has not given permission.",
  },
  "script.timeout": {
    severity: "error",
    meaning: "An AppleScript did not end in time.",
    remedy: "Ask for less, or look whether the app waits for an answer on the screen.",
  },
  "step.no_value": {
    severity: "error",
    meaning: "A step needs a value that the answer of an earlier step does not have.",
    remedy:
      "Look whether what was asked for exists; where it may be absent, the template says `| default: null`.",
  },
  "sql.failed": {
    severity: "error",
    meaning: "The database refuses the query.",
    remedy: "Read the message: it names the table, the column or the value.",
  },
  "sql.no_database": {
    severity: "error",
    meaning: "The database is not there, can't be opened, or is of another kind than the manifest says.",
    remedy: "Correct the path or the connection string of the account.",
  },
  "sql.refused": {
    severity: "error",
    meaning:
      "The query does what its tool may not: write, attach another file, leave the read-only transaction.",
    remedy: "A tool that changes data says side_effecting: true; ATTACH and the like are never allowed.",
  },
  "sql.timeout": {
    severity: "error",
    meaning: "The query did not end in time.",
    remedy: "Ask for less, or add an index.",
  },
} as const satisfies Record<string, CodeMeaning>;
