#!/usr/bin/env node
/**
 * The launcher. It must parse and run on any Node that people have (20 and newer): where that is too old for the
 * product, it hands over to the Node that the `node` package brings. So it imports next to nothing before it knows.
 */
import module from "node:module";

const NEEDED: readonly [number, number] = [22, 22];

/** Set for the process that we hand over to: it is our child, and must not outlive us. */
const CHILD = "SENTINEL_LAUNCHED";

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

async function start(): Promise<void> {
  if (process.env[CHILD] !== undefined) {
    delete process.env[CHILD];
    // Our launcher was killed: it would not want the work to go on behind its back.
    process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel?.unref();
  }
  module.enableCompileCache?.();
  const { main } = await import("./program.ts");
  await main(process.argv.slice(2));
}

if (isNewEnough(process.versions.node)) {
  await start();
} else {
  const { handOver } = await import("./handover.ts");
  handOver(NEEDED.join("."), CHILD);
}
