import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errno } from "../base/index.ts";
import { PROBE } from "../reconcile/index.ts";
import type { Events, Listener, OpenEvents } from "./events.ts";

/** How the daemon learns of changes, and why not by events. */
export type Eyes =
  | { readonly mode: "events"; readonly events: Events }
  | { readonly mode: "polling"; readonly why: string };

/** File systems whose other side changes files without a word to our kernel, by the numbers of statfs(2). */
const SILENT: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9p (WSL, virtual machines)"],
  [0x65735546, "FUSE (Docker Desktop, sshfs)"],
  [0x786f4256, "VirtualBox shared folders"],
  [0xbacbacbc, "VMware shared folders"],
  [0x00c36400, "CephFS"],
]);

/** How long an event may take on the slowest mount that delivers any. */
const PATIENCE_MS = 2000;
/** A tree whose folders can't be listed in this time is polled. */
const OPENING_MS = 120_000;

/**
 * Opens the events, and proves with a write of our own that they come. Where they don't, the answer is polling; it never
 * throws, as a daemon that can't watch must still look.
 */
export async function openEyes(root: string, open: OpenEvents, listener: Listener): Promise<Eyes> {
  const silent = await silentMount(root);
  if (silent !== null) return polling(`${silent} does not tell what changes on its other side`);
  let seen = (): void => {};
  const probed = new Promise<true>((resolve) => {
    seen = () => resolve(true);
  });
  let events: Events;
  try {
    events = await within(OPENING_MS, open(root, { ...bound(listener), probed: () => seen() }));
  } catch (error) {
    return polling(`the events can't be opened (${reason(error)})`);
  }
  try {
    await poke(root);
    if (await Promise.race([probed, sleep(PATIENCE_MS, false, { ref: false })]))
      return { mode: "events", events };
    await events.close();
    return polling("a file of our own was written and no event came");
  } catch (error) {
    await events.close();
    return polling(`the probe can't be written (${reason(error)})`);
  }
}

const polling = (why: string): Eyes => ({ mode: "polling", why });

const reason = (error: unknown): string =>
  errno(error) ?? (error instanceof Error ? error.message : "unknown error");

function bound(listener: Listener): Omit<Listener, "probed"> {
  return {
    moved: (slug, below) => listener.moved(slug, below),
    movedSomewhere: () => listener.movedSomewhere(),
    failed: (error) => listener.failed(error),
  };
}

/** Makes our hidden file and removes it at once: both are events. */
async function poke(root: string): Promise<void> {
  const path = join(root, PROBE);
  await rm(path, { force: true });
  try {
    await (await open(path, "wx")).close();
  } finally {
    await rm(path, { force: true });
  }
}

async function silentMount(root: string): Promise<string | null> {
  try {
    return SILENT.get((await statfs(root)).type) ?? null;
  } catch {
    return null;
  }
}

async function within<T extends Events>(ms: number, opening: Promise<T>): Promise<T> {
  const late = sleep(ms, null, { ref: false });
  const first = await Promise.race([opening, late]);
  if (first !== null) return first;
  void opening.then((events) => events.close()).catch(() => {});
  throw new Error(`not ready after ${ms / 1000} s`);
}
