import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Json, type JsonObject, sha256 } from "../../base/index.ts";
import type { Mode, RecordedResponse, TestCase, Tests, Tool } from "../../manifest/index.ts";
import { createEngine } from "../engine.ts";
import { failureOf } from "../gate/refusals.ts";
import { isObject } from "../serve/answers.ts";
import type { DataOf } from "../serve/tools.ts";
import type { KeyRing } from "../vault/keys.ts";
import { recordedAnswers } from "./recorded.ts";
import { type Stage, stageRegistry } from "./registry.ts";

/** How a case ended. */
export interface CaseEnd {
  readonly name: string;
  readonly tool: string;
  /** Null where it ended as it should; else what it ended with. */
  readonly wrong: string | null;
  /** The code of its failure; null where it succeeded. */
  readonly code: string | null;
  readonly hasReceipt: boolean;
}

/** What a rehearsal has shown. */
export interface Rehearsal {
  readonly cases: readonly CaseEnd[];
  /** Tools that a mode let through that it must refuse. */
  readonly letThrough: readonly string[];
  /** What an account without secrets is, and one with all of them. */
  readonly health: { readonly without: string; readonly having: string };
}

type Rehearsed = Omit<Stage, "fields" | "hasSecrets">;

/**
 * Runs the cases of a connector's tests.yaml through the gate and the executors, with recorded answers in the provider's
 * place: nothing is sent, and no registry is needed.
 */
export async function rehearse(stage: Rehearsed, tests: Tests, dataOf: DataOf): Promise<Rehearsal> {
  const cases: CaseEnd[] = [];
  for (const one of tests.cases) cases.push(await rehearseCase(stage, one, tests.account, dataOf));
  const letThrough: string[] = [];
  for (const tool of stage.manifest.tools) {
    for (const mode of refusing(tool)) {
      const { code } = await play(
        { ...stage, fields: {}, hasSecrets: true },
        mode,
        [],
        tool.name,
        {},
        dataOf,
      );
      if (!code?.startsWith("mode.")) letThrough.push(`${tool.name} (${mode})`);
    }
  }
  const health = async (hasSecrets: boolean): Promise<string> => {
    // Who it is, only a provider can say.
    const manifest = { ...stage.manifest, auth: { ...stage.manifest.auth, whoami: null } };
    const engine = staged({ ...stage, manifest, fields: tests.account, hasSecrets }, "readonly", [], dataOf);
    try {
      return (await engine.health(manifest.provider_slug)).status;
    } finally {
      await engine.close();
    }
  };
  return { cases, letThrough, health: { without: await health(false), having: await health(true) } };
}

async function rehearseCase(
  stage: Rehearsed,
  one: TestCase,
  fields: Stage["fields"],
  dataOf: DataOf,
): Promise<CaseEnd> {
  const { name, tool, input, expect, credentials, responses } = one;
  const declared = stage.manifest.tools.find((known) => known.name === tool);
  const mode = one.mode ?? (declared === undefined ? "readonly" : leastMode(declared));
  const end = await play(
    { ...stage, fields, hasSecrets: credentials === "present" },
    mode,
    responses,
    tool,
    input,
    dataOf,
  );
  const error = end.code === null ? null : kindOf(end.code);
  const isRight =
    error === expect.error &&
    (error !== null || expect.output === undefined || isDeepStrictEqual(end.output, expect.output));
  const wrong = isRight ? null : end.code === null ? "another output" : `${end.code}: ${end.message}`;
  return { name, tool, wrong, code: end.code, hasReceipt: end.hasReceipt };
}

interface End {
  readonly code: string | null;
  readonly message: string;
  readonly output: Json;
  readonly hasReceipt: boolean;
}

async function play(
  stage: Stage,
  mode: Mode,
  responses: readonly RecordedResponse[],
  tool: string,
  input: JsonObject,
  dataOf: DataOf,
): Promise<End> {
  const engine = staged(stage, mode, responses, dataOf);
  try {
    const { signal } = new AbortController();
    const request = {
      connector: stage.manifest.provider_slug,
      tool,
      input,
      account: null,
      key: null,
      signal,
    };
    const { value, receipt } = await engine.gate.call({ agent: "rehearsal", ...request });
    return { code: null, message: "", output: withoutOrigin(value), hasReceipt: receipt !== null };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { code, message, output: null, hasReceipt: false };
  } finally {
    await engine.close();
  }
}

function staged(stage: Stage, mode: Mode, responses: readonly RecordedResponse[], dataOf: DataOf) {
  const bytes = randomBytes(32);
  const key = { id: sha256(bytes.toString("hex")).slice(0, 12), bytes };
  const ring: KeyRing = { current: key, keys: [key], file: null };
  return createEngine({
    runtime: stageRegistry(stage, ring),
    ring: () => ring,
    digestOf: () => stage.digest,
    dataOf,
    mode,
    parts: { recorded: recordedAnswers(responses) },
  });
}

function withoutOrigin(value: Json): Json {
  if (!isObject(value)) return value;
  const { connector: _connector, account: _account, ...output } = value;
  return output;
}

/** What tests.yaml calls a failure. */
function kindOf(code: string): TestCase["expect"]["error"] {
  if (code === "auth.missing") return "needs_setup";
  if (code === "call.invalid_input") return "invalid_input";
  return code.startsWith("mode.") ? "mode_refused" : "provider_error";
}

function leastMode({ side_effecting, destructive }: Tool): Mode {
  return destructive ? "admin" : side_effecting ? "write" : "readonly";
}

/** The modes that must refuse a tool. */
function refusing({ side_effecting, destructive }: Tool): Mode[] {
  return [...(side_effecting ? (["readonly"] as const) : []), ...(destructive ? (["write"] as const) : [])];
}
