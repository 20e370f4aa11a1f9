import type { CodeMeaning } from "./codes.ts";

/** The codes of what keeps a TypeScript file from becoming a connector's folder. */
export const BUILD_CODES = {
  "build.failed": {
    severity: "error",
    meaning: "The file can't be run: it can't be read, throws, or takes too long.",
    remedy:
      "Mend what the message names. The file is run by itself, without environment and without writing.",
  },
  "build.no_connector": {
    severity: "error",
    meaning: "What the file exports is not a connector made with defineConnector and tool.",
    remedy: "Write `export default defineConnector({ … })`, and each tool as `tool({ … })` (docs/sdk.md).",
  },
  "build.not_data": {
    severity: "error",
    meaning: "A field holds something that a manifest can't hold.",
    remedy: "Use texts, finite numbers, true, false, null, lists and plain objects.",
  },
  "build.schema": {
    severity: "error",
    meaning: "A zod schema asks for something that JSON Schema can't say.",
    remedy: "Use what JSON Schema can say, and do the rest within the handler.",
  },
  "build.handler": {
    severity: "error",
    meaning: "A handler can't be carried over into service.ts.",
    remedy:
      "Write the handler in this file, outside of functions, with what it needs beside it (docs/sdk.md).",
  },
  "build.not_built": {
    severity: "error",
    meaning: "The folder of that name was not made by `sentinel build`.",
    remedy: "Move its manifest.yaml and service.ts away, or choose another provider_slug.",
  },
} as const satisfies Record<string, CodeMeaning>;
