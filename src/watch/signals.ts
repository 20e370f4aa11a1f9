/** What the daemon does on signals. */
export interface SignalHandlers {
  /** SIGTERM or SIGINT. */
  stop(signal: string): void;
  /** SIGHUP. */
  reload(): void;
}

/** Listens to the process's signals; a second SIGTERM or SIGINT ends it at once. @returns takes the handlers off again */
export function onSignals(handlers: SignalHandlers): () => void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals, number: number): void => {
    if (stopping) process.exit(128 + number);
    stopping = true;
    handlers.stop(signal);
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
