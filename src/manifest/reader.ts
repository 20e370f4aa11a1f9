import type { Reading } from "./judge.ts";
import { readConnector } from "./read.ts";

/** Reads connectors' folders; see `openReader`. */
export interface Reader {
  read(slug: string): Promise<Reading>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Absolute path of connectors/. */
  root: string;
  /** What diagnostics print instead of it. */
  display: string;
  /** How many worker threads at most; 0 or absent: as many as pay. */
  threads?: number;
}

/** Opens a reader. It never throws for bad input, and every read answers within about 2 s. */
export function openReader(options: ReaderOptions): Reader {
  return {
    read: (slug) => readConnector(options.root, options.display, slug),
    close: async () => {},
  };
}
