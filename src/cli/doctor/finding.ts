/** What `doctor` says of one thing: `warn` lets a run work, `fail` does not. */
export interface Finding {
  /** The thing, as one word. */
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; null where there is nothing. */
  readonly remedy: string | null;
}

/** All is well. */
export const ok = (name: string, message: string): Finding => ({ name, state: "ok", message, remedy: null });

/** It works, but not as it should. */
export const warn = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: "warn",
  message,
  remedy,
});

/** A run will not work. */
export const fail = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: "fail",
  message,
  remedy,
});
