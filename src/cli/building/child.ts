import { readFileSync } from "node:fs";
import module from "node:module";
import { pathToFileURL } from "node:url";
import { houseModule, type Json } from "../../base/index.ts";
import { endAfter, type FromChild, listen, type ToChild, tell } from "../../runtime/index.ts";
import { type Declaration, declarationOf } from "./declaration.ts";

// Runs a person's file in a process of its own and says what it declares, as data. The file is code of the person's own
// project: what the process keeps from it are credentials of the environment, writing, and other processes.

/** What to run. */
export interface BuildJob {
  /** Absolute path, links resolved. */
  readonly file: string;
  /** Characters of the answer as JSON. */
  readonly max: number;
}

/** What came of it. */
export type BuildAnswer = Declaration & {
  /** The file without its types, every other character where it was. */
  readonly code: string;
};

/** The SDK is this installation's own, and zod too where the project has none. */
function resolveOwn(): void {
  module.registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === "connector-sentinel/sdk") {
        return { url: houseModule("sdk/index").href, shortCircuit: true };
      }
      try {
        return next(specifier, context);
      } catch (error) {
        if (!/^zod(?:\/|$)/.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

async function run({ file, max }: BuildJob): Promise<Json> {
  resolveOwn();
  const text = readFileSync(file, "utf8");
  const code = /\.[mc]?js$/.test(file) ? text : module.stripTypeScriptTypes(text, { mode: "strip" });
  const { default: made }: { default?: unknown } = await import(pathToFileURL(file).href);
  const answer: BuildAnswer = { ...declarationOf(made), code };
  const json = JSON.stringify(answer);
  if (json.length > max) throw new Error("The connector is larger than a folder can hold.");
  return JSON.parse(json);
}

/** What was thrown, and the stack, which says where. */
function failed(error: unknown): FromChild {
  const { message, stack } = Object(error);
  const text = `${String(message ?? error).slice(0, 2000)}\n${String(stack ?? "").slice(0, 4000)}`;
  return { failed: { code: "build.failed", message: text } };
}

endAfter(Number(process.argv[2]));
listen((message: ToChild<BuildJob>) => {
  if (!("start" in message)) return;
  run(message.start).then(
    (done) => tell({ done }),
    (error: unknown) => tell(failed(error)),
  );
});
