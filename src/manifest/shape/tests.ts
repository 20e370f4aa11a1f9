import * as z from "zod";
import { LIST, MAX_CASES, TEXT } from "../limits.ts";
import { identifier, json, jsonObject, line, name } from "./parts.ts";

/** Made at the first use: a folder without a tests.yaml does not wait for it. */
function makeShapes() {
  const response = z.strictObject({
    status: z.int().min(100).max(599).optional(),
    headers: z.record(line(TEXT.name), z.string().max(TEXT.template)).optional(),
    body: json.optional(),
  });
  const expectation = z.strictObject({
    output: json.optional(),
    error: z.enum(["needs_setup", "mode_refused", "invalid_input", "provider_error"]).optional(),
  });
  const testCase = z.strictObject({
    name,
    tool: line(TEXT.version),
    input: jsonObject.optional(),
    mode: z.enum(["readonly", "write", "admin"]).optional(),
    credentials: z.enum(["present", "missing"]).optional(),
    responses: z.array(response).min(1).max(LIST.steps).optional(),
    expect: expectation,
  });
  const file = z.strictObject({
    account: z.record(identifier, line(TEXT.name)).optional(),
    cases: z.array(testCase).min(1).max(MAX_CASES),
  });
  return { response, testCase, file };
}

type Shapes = ReturnType<typeof makeShapes>;
let shapes: Shapes | null = null;

/** A tests.yaml as it is written. */
export function testsFile(): Shapes["file"] {
  shapes ??= makeShapes();
  return shapes.file;
}

export type RawCase = z.infer<Shapes["testCase"]>;
export type RawResponse = z.infer<Shapes["response"]>;
