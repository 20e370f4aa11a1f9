import type { Code } from "../../base/index.ts";
import type { Declared } from "../declared.ts";
import type { Path } from "../finding.ts";

/** Notes what a rule found; `at` says whether the key or the value at the path is to blame. */
export type Report = (code: Code, path: Path, message: string, hint?: string, at?: "key" | "value") => void;

/** One rule of docs/manifest.md: looks at what is declared and reports what breaks it. */
export type Rule = (declared: Declared, report: Report) => void;
