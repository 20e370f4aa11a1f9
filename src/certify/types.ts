import type { Diagnostic } from "../base/index.ts";
import type { Manifest, Tests } from "../manifest/index.ts";

/** `pending`: nothing is wrong, and something that is not there yet has to answer the rest. */
export type GateStatus = "passed" | "pending" | "failed";

/** One thing that was looked at, and what was found. */
export interface Evidence {
  /** What has to be so. */
  readonly check: string;
  readonly status: GateStatus;
  /** What is so. */
  readonly found: string;
  /** What to do where it failed; else null. */
  readonly hint: string | null;
}

/** One of the five gates; its status is the worst of its evidence. */
export interface Gate {
  readonly gate: "contract" | "safety" | "audit" | "docs" | "tests";
  readonly status: GateStatus;
  readonly evidence: readonly Evidence[];
}

/** How thorough a review the tools ask for. It is documentation: stored nowhere, and it gates nothing. */
export type ReviewTier = "read-heavy" | "bounded write" | "business mutation" | "destructive";

/** All that certification looks at besides the manifest. */
export interface FolderFacts {
  /** What `check` says of the connector. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of README.md; null where there is none. */
  readonly readme: string | null;
  /** What tests.yaml says, and what is wrong with it; null where there is none. */
  readonly tests: { readonly tests: Tests | null; readonly diagnostics: readonly Diagnostic[] } | null;
  /** null where the cases were not run. */
  readonly shown: Shown | null;
}

/** What running the cases of tests.yaml has shown, with recorded answers in the provider's place. */
export interface Shown {
  readonly cases: readonly {
    readonly name: string;
    readonly tool: string;
    /** Null where it ended as it should; else what it ended with. */
    readonly wrong: string | null;
    /** The code of its failure; null where it succeeded. */
    readonly code: string | null;
    readonly hasReceipt: boolean;
  }[];
  /** Tools that a mode let through that it must refuse. */
  readonly letThrough: readonly string[];
  /** The health of an account without secrets, and of one with all of them. */
  readonly health: { readonly without: string; readonly having: string };
}

export interface Certificate {
  readonly ok: boolean;
  /** null where there is no valid manifest to derive it from. */
  readonly reviewTier: ReviewTier | null;
  readonly gates: readonly Gate[];
}

/** The manifest, or null where it is not valid. */
export type Judged = Manifest | null;
