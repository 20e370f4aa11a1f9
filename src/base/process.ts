import { errno } from "./errors.ts";

/** Whether a process is there; one that belongs to another user is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) !== "ESRCH";
  }
}
