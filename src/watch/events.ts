import { realpath } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { watch as chokidar, type FSWatcher } from "chokidar";
import { errno } from "../base/index.ts";
import { PROBE } from "../reconcile/index.ts";

/** What a source of events says. It says too much at times, never what happened: the loop looks for itself. */
export interface Listener {
  /** Something moved in this folder. @param below its path below the folder, with forward slashes; "": the folder itself */
  moved(slug: string, below: string): void;
  /** Something moved, but nobody knows where. */
  movedSomewhere(): void;
  /** Our own probe was seen. */
  probed(): void;
  /** From now on events are missing. */
  failed(error: Error): void;
}

export interface Events {
  close(): Promise<void>;
}

/** Opens a source of events for the folder of connectors; settles when nothing that moves from then on is missed. */
export type OpenEvents = (root: string, listener: Listener) => Promise<Events>;

/** Nothing that a connector may hold lies deeper; a hostile tree must not eat all of the kernel's watches. */
const DEEPEST = 5;

/** The kernel has no more watches or handles for us: some folders are not watched. */
const EXHAUSTED = new Set(["ENOSPC", "EMFILE", "ENFILE", "ENOMEM"]);

/**
 * The file system's own events through chokidar, as lean as it goes: it keeps folders only, and what happens to the files
 * in them reaches us as raw events of their folder. So it holds nothing per file, delays nothing, and follows no link.
 */
export const openChokidar: OpenEvents = async (root, listener) => {
  const real = await realpath(root);
  const watcher = chokidar(real, {
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    atomic: false,
    ignored: (path, stats) => !isWatched(real, path) || (stats !== undefined && !stats.isDirectory()),
  });
  // A wish of the environment (CHOKIDAR_USEPOLLING): its polling would see folders only, ours sees all.
  if (watcher.options.backend === "polling") {
    await watcher.close();
    throw new Error("the environment asks for polling");
  }
  watcher.on("raw", (_event, path, details) => {
    const folder = watchedPath(details);
    // Some platforms leave the name out under pressure.
    if (path === null || folder === null) listener.movedSomewhere();
    else tell(listener, real, join(folder, path));
  });
  // A folder is watched from the moment that this is said: what was written into it before, the next look sees.
  watcher.on("addDir", (path) => tell(listener, real, path));
  watcher.on("unlinkDir", (path) => tell(listener, real, path));
  watcher.on("error", (error) => {
    if (error instanceof Error && EXHAUSTED.has(errno(error) ?? "")) listener.failed(error);
  });
  await ready(watcher);
  return { close: () => watcher.close() };
};

function watchedPath(details: unknown): string | null {
  const known = typeof details === "object" && details !== null && "watchedPath" in details;
  return known && typeof details.watchedPath === "string" ? details.watchedPath : null;
}

function ready(watcher: FSWatcher): Promise<void> {
  return new Promise((resolve) => watcher.once("ready", () => resolve()));
}

/** The folders that the reader looks into. */
function isWatched(root: string, path: string): boolean {
  const names = namesBelow(root, path);
  return names.length < DEEPEST && !names.some((name) => name.startsWith(".") || name === "node_modules");
}

function namesBelow(root: string, path: string): string[] {
  const below = relative(root, path);
  return below === "" ? [] : below.split(sep);
}

function tell(listener: Listener, root: string, path: string): void {
  const names = namesBelow(root, path);
  const [slug, ...below] = names;
  if (slug === undefined || slug === "..") listener.movedSomewhere();
  else if (slug === PROBE) listener.probed();
  // Our own unfinished files are hidden and of no interest; the rename that ends them is.
  else if (!slug.startsWith(".") && !basename(path).startsWith(".sentinel-")) {
    listener.moved(slug, below.join("/"));
  }
}
