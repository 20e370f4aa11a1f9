import type { Diagnostic } from "../../base/index.ts";
import type { Certificate, Gate, GateStatus } from "../../certify/index.ts";
import type { Reading } from "../../manifest/index.ts";
import type { Report } from "./output.ts";
import { clean, type Paint } from "./text.ts";

/** The report of `sentinel certify`. */
export function certificateReport(
  slug: string,
  reading: Reading,
  certificate: Certificate,
  diagnostics: readonly Diagnostic[],
): Report {
  const { ok, reviewTier, gates } = certificate;
  return {
    diagnostics,
    json: {
      ok,
      provider_slug: slug,
      version: reading.ok ? reading.manifest.version : null,
      digest: reading.ok ? reading.digest : null,
      review_tier: reviewTier,
      gates,
      diagnostics,
    },
    pretty: (colour) => prettyCertificate(slug, certificate, colour),
  };
}

function prettyCertificate(slug: string, { gates, reviewTier }: Certificate, colour: Paint): string {
  const failed = gates.filter(({ status }) => status === "failed").map(({ gate }) => gate);
  const open = gates.filter(({ status }) => status === "pending").map(({ gate }) => gate);
  const told =
    failed.length > 0
      ? `not certified: ${failed.join(", ")}`
      : open.length > 0
        ? `nothing failed; pending: ${open.join(", ")}`
        : "certified";
  return [
    ...gates.flatMap((gate) => gateLines(gate, colour)),
    "",
    colour.bold(`${clean(slug)}: ${told}`),
    ...(reviewTier === null ? [] : [`review tier: ${reviewTier} (a hint for reviewers; it gates nothing)`]),
  ].join("\n");
}

function gateLines({ gate, status, evidence }: Gate, colour: Paint): string[] {
  return [
    `${word(status, colour)}  ${colour.bold(gate)}`,
    ...evidence.flatMap((one) => [
      `  ${word(one.status, colour)}  ${clean(one.check)}: ${clean(one.found)}`,
      ...(one.hint === null ? [] : [`           ${colour.cyan("hint:")} ${clean(one.hint)}`]),
    ]),
  ];
}

function word(status: GateStatus, colour: Paint): string {
  const paint = { passed: colour.green, pending: colour.yellow, failed: colour.red }[status];
  return paint(status.padEnd(7));
}
