export { type Events, type Listener, type OpenEvents, openChokidar } from "./events.ts";
export { type Eyes, openEyes } from "./probe.ts";
export { readWatchStatus, type SeenStatus, type WatchStatus } from "./status-file.ts";
export { DEFAULT_TUNING, type Reloaded, type Tuning, type WatchOptions } from "./types.ts";
export { watch } from "./watch.ts";
