import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with sentinel.config.yaml beyond its shape. */
export const CLI_CODES = {
  "config.secret": {
    severity: "error",
    meaning: "sentinel.config.yaml would hold a secret.",
    remedy: "Remove it and set the environment variable instead: SENTINEL_DATABASE_URL, SUPABASE_SECRET_KEY.",
  },
  "config.two_registries": {
    severity: "error",
    meaning: "sentinel.config.yaml names more than one registry.",
    remedy: "Keep one of registry, database_url and supabase_url.",
  },
} as const satisfies Record<string, CodeMeaning>;
