import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with a tree of connectors as a whole, its generated files and its registration. */
export const RECONCILE_CODES = {
  "root.missing": {
    severity: "error",
    meaning: "The folder that holds the connectors does not exist.",
    remedy: "Create it, mount it, or name another one with --connectors.",
  },
  "root.not_a_folder": {
    severity: "error",
    meaning: "The path that should hold the connectors is not a folder.",
    remedy: "Put a folder there, or name another one with --connectors.",
  },
  "root.unreadable": {
    severity: "error",
    meaning: "The folder that holds the connectors can't be read.",
    remedy: "Make it readable for the user that runs the Sentinel.",
  },
  "root.empty": {
    severity: "warning",
    meaning: "The folder that holds the connectors has no connector in it.",
    remedy: "Add a connector (`sentinel new <slug>`), or name another folder with --connectors.",
  },
  "plan.archive_budget": {
    severity: "error",
    meaning: "So many folders are gone that it looks like an accident, so nothing at all was changed.",
    remedy: "Bring the folders back, or pass --allow-archive with the number of connectors that may go.",
  },
  "generated.missing": {
    severity: "warning",
    meaning: "The generated file is not there yet.",
    remedy: "Run `sentinel run` and commit the file.",
  },
  "generated.stale": {
    severity: "error",
    meaning: "The generated file is not what the manifest gives.",
    remedy: "Run `sentinel run` and commit the file.",
  },
  "generated.foreign_file": {
    severity: "error",
    meaning: "Where the generated file belongs there is something that was not generated.",
    remedy: "Move it away: functions go to service.ts, everything else follows from manifest.yaml.",
  },
  "generated.not_written": {
    severity: "error",
    meaning:
      "The generated file could not be written; the old one, if any, is still there, and nothing was registered.",
    remedy: "Mend what the message names (space, permissions), then run again.",
  },
  "cache.not_written": {
    severity: "warning",
    meaning:
      "The cache could not be written; nothing else is affected, but the next run reads every folder again.",
    remedy: "Mend what the message names (space, permissions), or delete `.sentinel/cache`.",
  },
} as const satisfies Record<string, CodeMeaning>;
