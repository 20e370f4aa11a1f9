/**
 * The URL of a module beside the calling one, for starting it as a worker or child process.
 * The same code runs from `src/*.ts` in tests and from `dist/*.js` when installed.
 */
export function siblingModule(importMetaUrl: string, name: string): URL {
  return new URL(`./${name}${importMetaUrl.endsWith(".ts") ? ".ts" : ".js"}`, importMetaUrl);
}
