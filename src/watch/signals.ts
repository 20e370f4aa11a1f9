/** What the daemon does on signals. */
export interface SignalHandlers {
  /** SIGTERM or SIGINT. */
  stop(signal: string): void;
  /** SIGHUP. */
  reload(): void;
}

/** npx and timeout(1) pass on a signal that the terminal has sent to the whole group already: one Ctrl-C arrives twice. */
const ECHO_MS = 500;

/** Listens to the process's signals; a second SIGTERM or SIGINT ends it at once. @returns takes the handlers off again */
export function onSignals(handlers: SignalHandlers): () => void {
  let stoppedAt: number | null = null;
  const stop = (signal: NodeJS.Signals, number: number): void => {
    if (stoppedAt === null) {
      stoppedAt = performance.now();
      handlers.stop(signal);
    } else if (performance.now() - stoppedAt > ECHO_MS) {
      process.exit(128 + number);
    }
  };
  const listeners: [NodeJS.Signals, () => void][] = [
    ["SIGTERM", () => stop("SIGTERM", 15)],
    ["SIGINT", () => stop("SIGINT", 2)],
    ["SIGHUP", () => handlers.reload()],
  ];
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
