import { type Diagnostic, stripHidden } from "../base/index.ts";
import type { Manifest, Tool } from "../manifest/index.ts";
import { docsGate } from "./docs.ts";
import { failed, gate, listed, NOT_YET, passed, pending } from "./evidence.ts";
import { testsGate } from "./tests.ts";
import { reviewTier } from "./tier.ts";
import type { Certificate, Evidence, FolderFacts, Gate, Judged } from "./types.ts";

/** What only a call can show. */
const LATER = "to be seen when the connector is served";

/**
 * Judges a connector by the five gates of certification. Pure: the manifest and the facts of its folder give the same
 * certificate always. What only a running connector can show is `pending`.
 * @param manifest null where it is not valid; the first gate says why
 */
export function certify(manifest: Judged, facts: FolderFacts): Certificate {
  const gates = [
    contractGate(manifest, facts.diagnostics),
    safetyGate(manifest, facts.diagnostics),
    auditGate(manifest),
    docsGate(facts.readme),
    testsGate(manifest, facts.tests),
  ];
  return {
    ok: gates.every(({ status }) => status !== "failed"),
    reviewTier: manifest === null ? null : reviewTier(manifest),
    gates,
  };
}

const INVALID = pending("everything else", NOT_YET);

function contractGate(manifest: Judged, diagnostics: readonly Diagnostic[]): Gate {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const valid =
    errors.length === 0
      ? passed("check finds no error", listed([], "error"))
      : failed(
          "check finds no error",
          listed([...new Set(errors.map(({ code }) => code))], "kind of error", "kinds of error"),
          "Mend what `sentinel check` says.",
        );
  if (manifest === null) return gate("contract", [valid, INVALID]);
  const { tools, auth } = manifest;
  const whoami =
    auth.whoami === null ? "without whoami, only whether credentials are there" : "whoami is asked";
  return gate("contract", [
    valid,
    tools.length === 0
      ? failed("it can do something", "there is no tool", "Add tools to the manifest.")
      : all(
          "each tool says what it is good for",
          tools.filter((tool) => tool.capability === null),
          `${tools.length} with a capability`,
          "Give each a capability: noun.verb, such as order.read.",
        ),
    all(
      "each tool is described",
      tools.filter((tool) => tool.description === null),
      `${tools.length} with a description`,
      "Add a description: it is all that an agent knows of the tool.",
    ),
    all(
      "each tool says how it does its work",
      tools.filter((tool) => !hasExecutor(tool)),
      `${tools.length} with an executor`,
      "Add rest, graphql, sql, handler or steps.",
    ),
    pending("health", `${LATER}; ${whoami}`),
    pending("config show", LATER),
  ]);
}

function hasExecutor({ rest, graphql, sql, applescript, handler, steps }: Tool): boolean {
  return [rest, graphql, sql, applescript, handler, steps].some((one) => one !== null);
}

/** Passed where there is none of the bad tools. */
function all(check: string, bad: readonly Tool[], found: string, hint: string): Evidence {
  if (bad.length === 0) return passed(check, found);
  return failed(check, `not so: ${listed(names(bad), "tool")}`, hint);
}

function names(tools: readonly Tool[]): string[] {
  return tools.map(({ name }) => stripHidden(name));
}

function safetyGate(manifest: Judged, diagnostics: readonly Diagnostic[]): Gate {
  if (manifest === null) return gate("safety", [INVALID]);
  const writes = manifest.tools.filter((tool) => tool.side_effecting);
  const destructive = writes.filter((tool) => tool.destructive);
  const unclear = diagnostics.filter(({ code }) => code === "tool.method");
  const check = "what changes something says so";
  return gate("safety", [
    unclear.length === 0
      ? passed(check, `${listed(names(writes), "write")}`)
      : failed(
          check,
          `${unclear.length} may change something and are not side_effecting (tool.method)`,
          "Add side_effecting: true, or a capability that reads, such as order.search.",
        ),
    ...destructiveEvidence(destructive, manifest),
    ...(writes.length === 0 ? [] : [pending("readonly refuses writes, write refuses what destroys", LATER)]),
  ]);
}

/** Firearms are the only gate, and they hang on scopes: whether one is required, a person decides. */
function destructiveEvidence(destructive: readonly Tool[], { scopes }: Manifest): Evidence[] {
  if (destructive.length === 0) return [passed("what destroys can be gated", "nothing destroys")];
  const proposed = new Set(scopes.filter((scope) => scope.requires_firearm).map(({ name }) => name));
  const bare = destructive.filter((tool) => tool.scopes.length === 0);
  const open = destructive.filter(
    (tool) => tool.scopes.length > 0 && !tool.scopes.some((scope) => proposed.has(scope)),
  );
  const check = "a firearm is required for what destroys";
  const gated = all(
    "what destroys can be gated",
    bare,
    listed(names(destructive), "tool"),
    "Name the scopes that it needs: a firearm is required for a scope.",
  );
  if (bare.length === destructive.length) return [gated];
  return [
    gated,
    open.length === 0
      ? passed(check, "each proposes one; a person decides")
      : pending(check, `a person decides with \`sentinel review firearms\`: ${listed(names(open), "tool")}`),
  ];
}

function auditGate(manifest: Judged): Gate {
  if (manifest === null) return gate("audit", [INVALID]);
  const writes = manifest.tools.filter((tool) => tool.side_effecting);
  const receipts = "each side effect leaves a receipt";
  return gate("audit", [
    writes.length === 0
      ? passed(receipts, "there is no side effect")
      : pending(receipts, `${LATER}, by ${listed(names(writes), "tool")}`),
    pending("failures have codes", LATER),
  ]);
}
