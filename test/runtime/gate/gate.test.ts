import { afterAll, beforeAll, expect, it } from "vitest";
import type { Registry, RuntimeFace } from "../../../src/registry/index.ts";
import { ToolFailure } from "../../../src/runtime/seams.ts";
import { secretName } from "../../../src/runtime/vault/names.ts";
import { seal } from "../../../src/runtime/vault/seal.ts";
import { ENGINES, type Fixture, stopEngines } from "../../contract/engines.ts";
import { register, tool } from "../../contract/manifests.ts";
import { describeEach } from "../../helpers/ways.ts";
import { revision, type Stand, serve, stand } from "./stand.ts";

afterAll(stopEngines);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return "done";
  if (!(error instanceof ToolFailure)) throw error;
  return error.code;
}

const never: Stand["provider"] = (_tool, _input, _connection, signal) =>
  new Promise((_, reject) => {
    const leave = () => reject(new ToolFailure("api.cancelled", "Taken back.", "", { sent: true }));
    signal.addEventListener("abort", leave);
  });

describeEach(ENGINES.slice(0, 2), "the gate on", ({ open }) => {
  let fixture: Fixture;
  let registry: Registry;
  beforeAll(async () => {
    fixture = await open();
    registry = fixture.registry;
  });
  afterAll(() => fixture?.close());
  const people = () => registry.human("jane").governance;
  const grant = (firearm_type: string, uses: number | null = null) =>
    people().grant({ agent: "ann", firearm_type, seconds: 3600, uses, reason: null });

  async function actions(slug: string, made: Stand): Promise<string[]> {
    await made.recorder.flush();
    const { events } = await people().log({ provider: slug });
    return events
      .filter(({ face }) => face === "runtime")
      .map(({ action, details }) => {
        const { tool, code } = JSON.parse(details);
        return [action, tool, code].filter((part) => part !== undefined).join(" ");
      });
  }

  it("tells the operator, and no agent, what a bug of ours was", async () => {
    await serve(registry, revision("buggy"));
    const bugs: string[] = [];
    const made = stand(registry, "buggy", { onBug: (what) => bugs.push(what) });
    made.provider = async () => {
      throw new TypeError("undefined is not what was meant");
    };
    const failure = await made.call("list_things").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "runtime.internal" });
    expect(String(Object(failure).message)).not.toContain("undefined");
    expect(bugs).toEqual([
      expect.stringMatching(/TypeError: undefined is not what was meant[\s\S]*gate\.test\.ts/),
    ]);
  });

  it("lets through what is approved, and nothing of a draft", async () => {
    const one = await serve(registry, revision("first"));
    const made = stand(registry, "first");
    expect(await made.call("list_things", { q: 1 })).toMatchObject({
      value: { did: { q: 1 } },
      connector: "first",
      account: "default",
      receipt: null,
    });
    await register(registry, "first", revision("first", "2.0.0", { tools: [] }));
    expect((await made.call("list_things")).value).toEqual({ did: {} });
    expect(await codeOf(made.call("gone"))).toBe("call.unknown_tool");
    expect(await codeOf(made.call("list_things", {}, { connector: "other" }))).toBe("call.unknown_connector");
    await registry.human("jane").deprecate("first", "Old.");
    expect(await codeOf(made.call("list_things"))).toBe("call.unknown_connector");
    expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("refuses a revision that is not what was approved, though the registry says so", async () => {
    const good = revision("forged");
    await register(registry, "forged", { ...good, manifest: { ...good.manifest, summary: "Forged." } });
    await registry.human("jane").approve("forged", good.digest);
    const made = stand(registry, "forged");
    expect(await codeOf(made.call("list_things"))).toBe("call.changed");
    expect([...(await made.approved.current()).refused.keys()]).toContain("forged");
  });

  it("asks mode before firearms, and firearms before anything is sent", async () => {
    await serve(registry, revision("order"));
    const reader = stand(registry, "order", { mode: "readonly" });
    expect(await codeOf(reader.call("price"))).toBe("mode.readonly");
    expect(await codeOf(reader.call("list_things"))).toBe("done");
    const writer = stand(registry, "order");
    expect(await codeOf(writer.call("wipe"))).toBe("mode.admin_needed");
    expect(await codeOf(writer.call("price"))).toBe("firearms.missing_grant");
    expect(await codeOf(writer.call("export_things"))).toBe("firearms.missing_grant");
    expect(writer.reached).toEqual([]);
    await grant("PRICING_UPDATE", 1);
    expect(await codeOf(writer.call("price", { to: 1 }))).toBe("done");
    expect(await codeOf(writer.call("price", { to: 2 }))).toBe("firearms.missing_grant");
    // The same call is the same call: its receipt needs no second use.
    expect(await codeOf(writer.call("price", { to: 1 }))).toBe("done");
    expect(writer.reached.length).toBe(1);
    expect(await codeOf(stand(registry, "order", { mode: "admin" }).call("wipe"))).toBe("done");
    expect((await actions("order", writer)).sort()).toEqual([
      "call_begun price",
      "call_begun wipe",
      "call_replayed price",
      "call_succeeded price",
      "call_succeeded wipe",
      "read list_things",
      "refused export_things firearms.missing_grant",
      "refused price firearms.missing_grant",
      "refused price firearms.missing_grant",
      "refused price mode.readonly",
      "refused wipe mode.admin_needed",
    ]);
  });

  it("opens exactly the tools whose scopes are not armed", async () => {
    const names = Array.from({ length: 40 }, (_, n) => `s${n}`);
    const scopes = names.map((name) => ({
      name,
      requires_firearm: name === "s7",
      firearm_type: name === "s7" ? "REFUND_ISSUE" : null,
    }));
    const tools = names.map((name) => tool(`t_${name}`, { scopes: [name] }));
    await serve(registry, revision("forty", "1.0.0", { scopes, tools }));
    const made = stand(registry, "forty");
    const results = async () => {
      const codes: Record<string, string[]> = {};
      for (const name of names) {
        const code = await codeOf(made.call(`t_${name}`));
        codes[code] = [...(codes[code] ?? []), name];
      }
      return codes;
    };
    expect(await results()).toEqual({
      done: names.filter((name) => name !== "s7"),
      "firearms.missing_grant": ["s7"],
    });
    const { grant_id } = await grant("financial");
    expect(await results()).toEqual({ done: names });
    await people().revoke(grant_id);
    expect((await results())["firearms.missing_grant"]).toEqual(["s7"]);
  });

  it("makes one call of a hundred, and gives all of them its receipt", async () => {
    await serve(registry, revision("hundred"));
    const [one, two] = [stand(registry, "hundred"), stand(registry, "hundred")];
    one.provider = two.provider = async () => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return { id: 7 };
    };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        (n % 2 === 0 ? one : two).call("note", { text: "hi" }, { key: "k-1" }),
      ),
    );
    expect([...one.reached, ...two.reached].length).toBe(1);
    const [id, ...others] = new Set(answers.map(({ receipt }) => receipt?.receipt_id));
    expect(others).toEqual([]);
    // Of version 7: receipts lie beside each other in the order of their making.
    expect(id).toMatch(/^.{8}-.{4}-7.{3}-[89ab]/);
    expect(answers.filter(({ replayed }) => !replayed).length).toBe(1);
    expect(await codeOf(one.call("note", { text: "other" }, { key: "k-1" }))).toBe("call.key_reused");
    expect(await codeOf(two.call("put", { text: "hi" }, { key: "k-1" }))).toBe("call.key_reused");
    expect(await codeOf(two.call("note", {}, { key: "two words" }))).toBe("call.bad_key");
  });

  it("keeps two calls on one thing apart in time, whichever tools they are", async () => {
    await serve(registry, revision("entity"));
    const made = stand(registry, "entity");
    let [inside, most] = [0, 0];
    made.provider = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
      return null;
    };
    await Promise.all([1, 2, 3].map((n) => made.call("note", { id: "o-1", n }, { key: `e-${n}` })));
    expect([most, made.reached.length]).toEqual([1, 3]);
  });

  it("tells an outcome that nobody knows, and makes the call again only where that does no harm", async () => {
    await serve(registry, revision("unclear"));
    const made = stand(registry, "unclear");
    made.provider = async () => {
      throw new ToolFailure("api.timeout", "No answer.", "", { sent: true });
    };
    expect(await codeOf(made.call("note", {}, { key: "a" }))).toBe("call.outcome_unknown");
    expect(await codeOf(made.call("note", {}, { key: "a" }))).toBe("call.outcome_unknown");
    expect(await codeOf(made.call("put", {}, { key: "b" }))).toBe("api.timeout");
    made.provider = async () => "now";
    expect(await codeOf(made.call("note", {}, { key: "a" }))).toBe("call.outcome_unknown");
    expect((await made.call("put", {}, { key: "b" })).value).toBe("now");
    expect(made.reached.map(({ tool }) => tool)).toEqual(["note", "put", "put"]);
    // Both attempts went under one key, so that a provider which knows keys does it once.
    expect(made.reached[1]?.key).toBe(made.reached[2]?.key);
    const said = await actions("unclear", made);
    expect(said.filter((action) => action.endsWith(" put") || action.includes("put api"))).toEqual([
      "call_begun put",
      "call_unknown put api.timeout",
      "call_begun put",
      "call_succeeded put",
    ]);
    expect(said.filter((action) => action.includes("note"))).toEqual([
      "call_begun note",
      "call_unknown note api.timeout",
      "refused note call.outcome_unknown",
      "refused note call.outcome_unknown",
    ]);
  });

  it("lets a call that changed nothing begin again", async () => {
    await serve(registry, revision("again"));
    const made = stand(registry, "again");
    made.provider = async () => {
      throw new ToolFailure("api.status", "400: no such thing.", "", { sent: false });
    };
    expect(await codeOf(made.call("note"))).toBe("api.status");
    made.provider = async () => "done";
    expect(await made.call("note")).toMatchObject({
      value: "done",
      replayed: false,
      receipt: { outcome: "succeeded" },
    });
    expect(await made.call("note")).toMatchObject({ value: "done", replayed: true });
  });

  it("treats a bug while a call is under way as an outcome that nobody knows, and says nothing of it outside", async () => {
    await serve(registry, revision("bug"));
    const made = stand(registry, "bug");
    made.provider = async () => {
      throw new TypeError("x is not a function at /secret/path");
    };
    const error = await made.call("note").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "call.outcome_unknown", sent: true });
    expect(String(error)).not.toContain("secret");
  });

  it("waits for another process's call as long as that gives signs of life", async () => {
    await serve(registry, revision("alive"));
    const slow = stand(registry, "alive", { leaseSeconds: 1 });
    slow.provider = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return "slow";
    };
    const first = slow.call("note", {}, { key: "alive-1" });
    while (slow.reached.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = stand(registry, "alive").call("note", {}, { key: "alive-1" });
    expect(await Promise.all([first, second])).toMatchObject([
      { value: "slow", replayed: false },
      { value: "slow", replayed: true },
    ]);
    const hurried = stand(registry, "alive", { waitMs: 0 });
    slow.provider = never;
    const cancel = new AbortController();
    const under = codeOf(slow.call("note", {}, { key: "alive-2", signal: cancel.signal }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await codeOf(hurried.call("note", {}, { key: "alive-2" }))).toBe("call.in_progress");
    cancel.abort();
    expect(await under).toBe("call.outcome_unknown");
  });

  it("stops a call whose lease is lost, and leaves its end to who takes it over", async () => {
    await serve(registry, revision("leases"));
    const { runtime } = registry;
    const deaf: RuntimeFace = {
      head: null,
      catalogue: (...args) => runtime.catalogue(...args),
      agent: (hash) => runtime.agent(hash),
      accounts: (slug) => runtime.accounts(slug),
      secret: (...args) => runtime.secret(...args),
      file: (...args) => runtime.file(...args),
      renewSecret: (...args) => runtime.renewSecret(...args),
      lease: (...args) => runtime.lease(...args),
      begin: (call) => runtime.begin(call),
      finish: (call) => runtime.finish(call),
      settle: () => runtime.settle(),
      record: (events) => runtime.record(events),
      renew: () => Promise.reject(new Error("away")),
    };
    const lost = stand(registry, "leases", { leaseSeconds: 1, runtime: deaf });
    lost.provider = never;
    expect(await codeOf(lost.call("put", {}, { key: "leases" }))).toBe("api.cancelled");
    const other = stand(registry, "leases");
    expect(await other.call("put", {}, { key: "leases" })).toMatchObject({
      replayed: false,
      receipt: { details: { attempt: 2 } },
    });
  });

  it("opens the one account that there is, and wants a name where there are several", async () => {
    const one = await serve(registry, revision("accounts"));
    const made = stand(registry, "accounts");
    const { manifest } = one;
    const store = async (account: string, value: string) => {
      const place = { connector: "accounts", account, key: "API_KEY" };
      const key_name = secretName(
        { provider_slug: "accounts", naming_rule: String(manifest.naming_rule) },
        account,
        "API_KEY",
      );
      await people().writeSecret({
        provider_slug: "accounts",
        account,
        key: "API_KEY",
        key_name,
        ...seal(made.ring, place, key_name, value),
      });
    };
    made.provider = async (_tool, _input, connection) => `the key is ${await connection.secret("API_KEY")}`;
    await store("eu", `eu-${"canary"}-1`);
    expect(await made.call("list_things")).toMatchObject({ account: "eu", value: "the key is [redacted]" });
    await store("us", "us-value-2");
    expect(await codeOf(made.call("list_things"))).toBe("account.needed");
    expect(await codeOf(made.call("list_things", {}, { account: "de" }))).toBe("account.unknown");
    expect(await made.call("list_things", {}, { account: "us" })).toMatchObject({ account: "us" });
  });

  it("gives no secret away: not in results, errors, receipts or the log", async () => {
    await serve(registry, revision("silent"));
    const made = stand(registry, "silent");
    const value = `canary-${"x7"}-Zq9`;
    const place = { connector: "silent", account: "default", key: "API_KEY" };
    const sealed = seal(made.ring, place, "PROVIDER_SILENT_API_KEY", value);
    await people().writeSecret({
      provider_slug: "silent",
      account: "default",
      key: "API_KEY",
      key_name: "PROVIDER_SILENT_API_KEY",
      ...sealed,
    });
    const echo: Stand["provider"] = async (_tool, _input, connection) => {
      const secret = await connection.secret("API_KEY");
      return { echo: secret, [`k${secret}`]: Buffer.from(String(secret)).toString("base64") };
    };
    made.provider = echo;
    const answer = await made.call("note", { text: value });
    made.provider = async (...args) => {
      throw new ToolFailure("api.status", `400 for ${JSON.stringify(await echo(...args))}`, "", {
        sent: false,
      });
    };
    const error = await made.call("note", { text: value, n: 2 }).catch((reason: unknown) => reason);
    await codeOf(made.call(`tool_${value}`));
    await made.recorder.flush();
    const dump = await fixture.sql((sql) =>
      sql(
        "select (select jsonb_agg(e)::text from sentinel_events e) || (select jsonb_agg(r)::text from tool_receipts r) || (select jsonb_agg(c)::text from tool_calls c) as text",
      ),
    );
    const everything = [JSON.stringify(answer), String(error), String(dump[0]?.text)].join("\n");
    for (const form of [
      value,
      Buffer.from(value).toString("base64").slice(0, -3),
      encodeURIComponent(value),
    ]) {
      expect(everything).not.toContain(form);
    }
  });
});
