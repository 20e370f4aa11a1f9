/** The second thread of a comparison: takes its shares of one, and ends. */
import { parentPort } from "node:worker_threads";
import { type Comparison, compareShares } from "./compare.ts";

parentPort?.once("message", (comparison: Comparison) => {
  for (const _ of compareShares(comparison));
});
