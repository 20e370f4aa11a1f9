/** The manifest: at most this many bytes a YAML file. */
export const MAX_YAML_BYTES = 256 * 1024;
/** Any other file of a connector's folder: at most this many bytes. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** Entries of a connector's folder, sub-folders included. */
export const MAX_ENTRIES = 500;
/** How deep sub-folders are looked into. */
export const MAX_FOLDER_DEPTH = 8;
/** Files in `tools/`. */
export const MAX_TOOL_FILES = 64;
/** Tools of one connector, over all its files. */
export const MAX_TOOLS = 2000;
/** Lists and maps within lists inside each other. */
export const MAX_DEPTH = 64;
/** Diagnostics of one file; the last says how many more there were. */
export const MAX_DIAGNOSTICS = 20;
/** Cases of one tests.yaml. */
export const MAX_CASES = 5000;
/** A reading that takes longer is stopped. */
export const MAX_READ_MS = 1500;

/** Length limits of text, in UTF-16 code units. */
export const TEXT = {
  slug: 64,
  name: 200,
  display_name: 80,
  summary: 160,
  description: 2000,
  long: 20_000,
  url: 2048,
  template: 4000,
  version: 64,
} as const;

/** Length limits of lists. */
export const LIST = { scopes: 2000, kpis: 2000, budgets: 500, short: 200, steps: 20 } as const;

/** What every contract says at its top. It stands apart from the contract's shape, which takes long to make. */
export const CONTRACT_NAME = "Connector Factory — God Config";
