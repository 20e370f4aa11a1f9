import { randomUUID } from "node:crypto";
import { orderedId, sha256 } from "../../src/base/index.ts";
import type { BatchEntry, BeginCall, Begun, RuntimeFace } from "../../src/registry/index.ts";
import { entry, scope, tool } from "./manifests.ts";

/** A connector with a tool for each way through the gate. */
export function shop(slug: string, version = "1.0.0"): BatchEntry {
  return entry(slug, {
    version,
    scopes: [
      scope("read"),
      scope("write", { requires_firearm: true, firearm_type: "PRICING_UPDATE" }),
      scope("export", { requires_firearm: true, firearm_type: "DATA_EXPORT" }),
    ],
    tools: [
      tool("list_things", { scopes: ["read"] }),
      tool("export_things", { scopes: ["read", "export"] }),
      tool("note", { scopes: ["read"], side_effecting: true }),
      tool("put", { scopes: ["read"], side_effecting: true, idempotent: true }),
      tool("price", { scopes: ["write"], side_effecting: true }),
      tool("price_all", { scopes: ["write", "export"], side_effecting: true }),
      tool("wipe", { scopes: ["read"], side_effecting: true, destructive: true }),
    ],
  });
}

/** A call by agent "ann" in write mode, new in every respect that is not given. */
export function asking(revision: BatchEntry, tool: string, more: Partial<BeginCall> = {}): BeginCall {
  const id = orderedId();
  return {
    agent: "ann",
    connector: String(revision.manifest.provider_slug),
    digest: revision.digest,
    tool,
    account: "default",
    mode: "write",
    key: id,
    is_derived: false,
    window_seconds: 900,
    request_hash: sha256(tool),
    entity: id,
    call_id: id,
    holder: randomUUID(),
    lease_seconds: 60,
    arguments: { id: "[redacted]" },
    ...more,
  };
}

/** What the registry said in short: the outcome, or the code of a refusal. */
export function said(answer: Begun): string {
  return answer.outcome === "refused" ? answer.code : answer.outcome;
}

/** Begins a call and ends it. */
export async function callOnce(
  runtime: RuntimeFace,
  call: BeginCall,
  outcome: "succeeded" | "failed" | "not_sent" | "unknown" = "succeeded",
): Promise<string> {
  const answer = await runtime.begin(call);
  if (answer.outcome !== "begun") return said(answer);
  if (answer.call_id !== null) {
    const { call_id, fence } = answer;
    const code = outcome === "succeeded" ? null : "api.status";
    await runtime.finish({
      call_id,
      receipt_id: randomUUID(),
      fence,
      outcome,
      code,
      result: { id: 7 },
      details: {},
    });
  }
  return answer.outcome;
}
