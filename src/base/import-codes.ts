import type { CodeMeaning } from "./codes.ts";

/** The codes of what keeps an existing description from becoming a connector's folder. */
export const IMPORT_CODES = {
  "import.unreadable": {
    severity: "error",
    meaning: "What is to be imported can't be read, or is neither JSON nor YAML.",
    remedy: "Give a file or an https URL that holds one description as JSON or YAML.",
  },
  "import.not_json": {
    severity: "error",
    meaning: "The file that is to be imported is not JSON.",
    remedy: "Write strict JSON: double quotes, no comments, no comma before a closing bracket.",
  },
  "import.not_argentos": {
    severity: "error",
    meaning: "The folder is not that of an ArgentOS connector.",
    remedy: "Name the folder that holds connector.json and permissions.json.",
  },
  "import.contract_locked": {
    severity: "error",
    meaning: "A contract decides what only a person decides: its status, firearms, KPI mappings or budgets.",
    remedy: 'Write "draft", false, "" or an empty list there; a person decides in the review.',
  },
  "import.not_openapi": {
    severity: "error",
    meaning: "The document is not Swagger 2.0 or OpenAPI 3.0 to 3.2.",
    remedy: "Give such a document; older ones can be converted with the provider's own tools.",
  },
  "import.not_agentos": {
    severity: "error",
    meaning: "The folder is not a provider of AgentOS.",
    remedy: "Name the folder that holds a readme.md with YAML at its top, and <app>.yaml files with actions.",
  },
  "import.too_large": {
    severity: "error",
    meaning: "The document is larger than can be read, or describes more than one connector can hold.",
    remedy: "Import a part of it with --include, or several connectors.",
  },
  "import.nothing_chosen": {
    severity: "error",
    meaning: "The description has operations, and --include names none of them.",
    remedy: "Name them as the description does: tag:NAME, path:/x/** or operation:ID.",
  },
  "import.slug": {
    severity: "error",
    meaning: "The name that the folder would have can't be a provider_slug.",
    remedy: "Give one with --slug: lower-case letters, digits and single - or _ between them.",
  },
  "import.not_imported": {
    severity: "error",
    meaning: "The folder is there, but was not made by an import, so there is nothing to merge with.",
    remedy: "Give another name with --slug, or move the folder away.",
  },
  "import.conflict": {
    severity: "error",
    meaning: "A person and the new import changed the same thing in different ways; nothing was written.",
    remedy:
      "Import again with --prefer folder or --prefer import, or make the folder say what is right first.",
  },
} as const satisfies Record<string, CodeMeaning>;
