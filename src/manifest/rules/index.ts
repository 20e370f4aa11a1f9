import type { Declared } from "../declared.ts";

/** Applies every rule within a connector. */
export function applyRules(_declared: Declared, _service: string | null): void {}
