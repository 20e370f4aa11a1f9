import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with the cases of a connector's tests.yaml. */
export const CERTIFY_CODES = {
  "tests.unknown_tool": {
    severity: "error",
    meaning: "A case is about a tool that the manifest does not have.",
    remedy: "Name one of the manifest's tools.",
  },
  "tests.unknown_field": {
    severity: "error",
    meaning: "The account of tests.yaml has a field that the manifest neither declares nor reads.",
    remedy: "Declare it under account_fields, or correct the name.",
  },
  "tests.expectation": {
    severity: "error",
    meaning: "A case expects nothing, or both an output and an error.",
    remedy: "Write expect: {output: …} or expect: {error: …}.",
  },
  "tests.contradiction": {
    severity: "error",
    meaning: "What a case is given can't lead to what it expects.",
    remedy: "Correct mode, credentials or expect.",
  },
  "tests.responses": {
    severity: "error",
    meaning: "A case needs recorded responses and has none, or has some although nothing is sent.",
    remedy: "Record one response for each request that the tool sends, in their order.",
  },
  "tests.input": {
    severity: "error",
    meaning: "The input of a case does not fit the tool's input schema; reported by certify.",
    remedy: "Correct the input, or expect error: invalid_input.",
  },
  "tests.output": {
    severity: "error",
    meaning: "The output that a case expects does not fit the tool's output schema; reported by certify.",
    remedy: "Correct the case's output or the tool's output schema.",
  },
} as const satisfies Record<string, CodeMeaning>;
