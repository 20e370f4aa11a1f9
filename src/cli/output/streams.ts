/** Whether a stream takes colours: a terminal or FORCE_COLOR, and never where NO_COLOR is set (no-color.org). */
export function hasColour(which: "stdout" | "stderr"): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return process[which].isTTY === true && TERM !== "dumb";
}

/** A reader that goes away (`| head`) must not end the work: what is written then is lost, quietly. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
