import type { CallToolResult } from "@modelcontextprotocol/server";
import { CODES, type Json, type JsonObject } from "../../base/index.ts";
import { failureOf } from "../gate/refusals.ts";
import type { CallAnswer } from "../gate/types.ts";
import { type CallTool, failure } from "../server.ts";

/**
 * A call's answer in the protocol's form: as a value, and as the same in JSON for clients that know texts only. That it is an
 * earlier call's stands in a text of its own: what models see of `_meta` is up to their client.
 */
export function answerOf({ value, receipt, replayed }: CallAnswer): CallToolResult {
  const structuredContent = isObject(value) ? value : { value };
  const text = JSON.stringify(structuredContent);
  return {
    content: [
      { type: "text", text },
      ...(replayed && receipt !== null ? [{ type: "text", text: again(receipt.at) } as const] : []),
    ],
    structuredContent,
    ...(receipt !== null && {
      _meta: {
        "connector-sentinel/receipt": { receipt_id: receipt.receipt_id, call_id: receipt.call_id, replayed },
      },
    }),
  };
}

function again(at: string): string {
  return `This is the recorded answer of the same call, made at ${at}: nothing was sent now. To have it done again, call with another idempotency_key.`;
}

/** The same for an answer that is not what the tool declares: nothing of it is lost, but no client takes it for that. */
export function unexpected(answer: CallAnswer, why: string): CallToolResult {
  const { meaning, remedy } = CODES["output.unexpected"];
  const result = failure("output.unexpected", `${meaning} ${why}.`, remedy);
  return { ...result, content: [...result.content, { type: "text", text: JSON.stringify(answer.value) }] };
}

/** What was thrown, as a result. */
export function failed(error: unknown): CallToolResult {
  const { code, message, hint } = failureOf(error);
  return failure(code, message, hint);
}

/** The answer to every call as long as there is no registry that says what is approved. */
export const notAvailable: CallTool = async ({ tool }) => {
  const { remedy } = CODES["runtime.not_available"];
  return failure(
    "runtime.not_available",
    `${tool.name} can be listed but not called: there is no registry here that says what is approved.`,
    remedy,
  );
};

/** Whether a value is an object of JSON. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
