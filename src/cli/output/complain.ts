/** One plain sentence on stderr, for the launcher: no import, no syntax that an old Node does not know. */
export function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
