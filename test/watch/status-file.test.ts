import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { newState } from "../../src/watch/state.ts";
import { readWatchStatus, StatusFile } from "../../src/watch/status-file.ts";
import { temporaryFolder } from "./helpers.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const about = { source: "default", holder: "here", health_url: null };

function writing(directory = temporaryFolder()) {
  const clock = { time: NOW, now: () => clock.time };
  const state = { ...newState(NOW), mode: "events" as const, scanned: true };
  const file = new StatusFile(directory, clock, about);
  /** What a daemon with another number left. */
  const leave = (pid: number) => {
    file.update(state);
    const path = join(directory, "watch.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(`"pid": ${process.pid}`, `"pid": ${pid}`));
  };
  return { directory, clock, state, file, leave };
}

/** The number of a process that has ended. */
const dead = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("status file", () => {
  it("says what the daemon does", () => {
    const { directory, clock, state, file } = writing();
    expect(readWatchStatus(directory, clock)).toBeNull();
    file.update(state);
    expect(readWatchStatus(directory, clock)).toMatchObject({
      format_version: 1,
      pid: process.pid,
      started_at: "2026-11-21T12:00:00.000Z",
      mode: "events",
      ready: true,
      running: true,
      ...about,
    });
    expect(readdirSync(directory)).toEqual(["watch.json"]);
    file.remove();
    expect(readWatchStatus(directory, clock)).toBeNull();
  });

  it("is stale when its daemon was killed", () => {
    const { directory, clock, leave } = writing();
    leave(dead());
    expect(readWatchStatus(directory, clock)).toMatchObject({ running: false });
  });

  it("is stale when its daemon has not written for long: it hangs, or its number is another process's now", () => {
    const { directory, clock, state, file } = writing();
    file.update(state);
    clock.time = NOW + 61_000;
    expect(readWatchStatus(directory, clock)).toMatchObject({ running: false });
    file.update(state);
    expect(readWatchStatus(directory, clock)).toMatchObject({ running: true });
  });

  it("is left alone while another daemon has it, and taken over when that one is dead", async () => {
    const { directory, clock, state, file, leave } = writing();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void other.kill("SIGKILL"));
    leave(other.pid ?? 0);
    state.dirty = 5;
    file.update(state);
    file.remove();
    expect(readWatchStatus(directory, clock)).toMatchObject({ pid: other.pid, dirty: 0 });
    const ended = new Promise((resolve) => other.once("exit", resolve));
    other.kill("SIGKILL");
    await ended;
    file.update(state);
    expect(readWatchStatus(directory, clock)).toMatchObject({ pid: process.pid, dirty: 5 });
  });

  it("reads damage as nothing", () => {
    const { directory, clock } = writing();
    for (const text of ["", "{", "[]", '{"format_version": 2}']) {
      writeFileSync(join(directory, "watch.json"), text);
      expect(readWatchStatus(directory, clock), text).toBeNull();
    }
  });
});
