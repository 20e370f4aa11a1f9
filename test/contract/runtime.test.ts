import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256, UserError } from "../../src/base/index.ts";
import type { BeginCall, GovernanceFace, NewGrant, Registry, RuntimeFace } from "../../src/registry/index.ts";
import { verifyLog } from "../../src/runtime/activity/verify.ts";
import { describeEach } from "../helpers/ways.ts";
import { asking, callOnce, said, shop } from "./calls.ts";
import { ENGINES, type Fixture, stopEngines } from "./engines.ts";
import { archive, entry, register, scope, tool } from "./manifests.ts";

afterAll(stopEngines);

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return null;
  if (!(error instanceof UserError)) throw error;
  return error.code;
}

describeEach(ENGINES, "the runtime's face on", ({ open }) => {
  let fixture: Fixture;
  let registry: Registry;
  let runtime: RuntimeFace;
  let people: GovernanceFace;
  beforeAll(async () => {
    fixture = await open();
    registry = fixture.registry;
    runtime = registry.runtime;
    people = registry.human("jane").governance;
  });
  afterAll(() => fixture?.close());

  async function serve(slug: string) {
    const revision = shop(slug);
    await register(registry, slug, revision);
    await registry.human("jane").approve(slug, revision.digest);
    return revision;
  }

  const give = (agent: string, firearm_type: string, more: Partial<NewGrant> = {}) =>
    people.grant({ agent, firearm_type, seconds: 3600, uses: null, reason: null, ...more });

  describe("serves", () => {
    it("exactly the approved revisions, with people's decisions, and says when nothing changed", async () => {
      const one = await serve("served");
      await register(registry, "draft", shop("draft"));
      await registry
        .human("jane")
        .setScopes("served", ["read"], { requires_firearm: true, firearm_type: "system" });
      const first = await runtime.catalogue();
      expect(first.connectors?.map(({ slug }) => slug)).toEqual(["served"]);
      expect(first.connectors?.[0]).toMatchObject({
        digest: one.digest,
        manifest: one.manifest,
        decisions: { read: { requires_firearm: true, firearm_type: "system" } },
      });
      expect((await runtime.catalogue(first.state)).connectors).toBeNull();
      const known = await runtime.catalogue("", { served: one.digest });
      expect(known.connectors?.[0]?.manifest).toBeNull();
      await register(registry, "served", shop("served", "2.0.0"));
      expect((await runtime.catalogue(first.state)).connectors).toBeNull();
      await registry.human("jane").deprecate("served", "Old.");
      expect((await runtime.catalogue(first.state)).connectors).toEqual([]);
    });

    it("an agent by its token, until it is revoked", async () => {
      const hash = sha256("token of ann");
      const id = await people.createToken("ann", hash, null);
      expect(await runtime.agent(hash)).toBe("ann");
      expect(await runtime.agent(sha256("another"))).toBeNull();
      await people.revokeToken(id);
      expect(await runtime.agent(hash)).toBeNull();
      expect((await people.tokens())[0]).toMatchObject({
        agent: "ann",
        created_by: "jane",
        revoked_at: expect.any(String),
      });
      expect(await codeOf(people.createToken("a b", hash, null))).toBe("agent.bad_name");
    });

    it("accounts and sealed secrets of what is served, and of nothing else", async () => {
      const one = await serve("sealed");
      const secret = {
        provider_slug: "sealed",
        account: "default",
        key: "API_KEY",
        key_name: "PROVIDER_SEALED_API_KEY",
        key_id: "k1",
        ciphertext: "AAEC",
      };
      await people.writeSecret(secret);
      await people.setAccount("sealed", "eu-1", { region: "eu" });
      expect(await runtime.accounts("sealed")).toEqual([
        { account: "default", fields: {}, keys: ["API_KEY"] },
        { account: "eu-1", fields: { region: "eu" }, keys: [] },
      ]);
      expect(await runtime.secret("sealed", "default", "API_KEY")).toEqual({
        key_name: "PROVIDER_SEALED_API_KEY",
        key_id: "k1",
        version: 1,
        ciphertext: "AAEC",
      });
      expect(await runtime.secret("sealed", "eu-1", "API_KEY")).toBeNull();
      await people.writeSecret({ ...secret, ciphertext: "AwQF" });
      expect(await runtime.secret("sealed", "default", "API_KEY")).toMatchObject({
        version: 2,
        ciphertext: "AwQF",
      });
      const [sealed] = (await people.sealedSecrets()).filter(
        ({ provider_slug }) => provider_slug === "sealed",
      );
      if (!sealed) throw new Error("no secret");
      expect(await people.resealSecrets([{ ...sealed, key_id: "k2" }])).toBe(1);
      expect(await people.resealSecrets([{ ...sealed, key_id: "k3" }])).toBe(0);
      expect((await people.accounts("sealed"))[0]?.secrets).toEqual([
        { key: "API_KEY", key_name: "PROVIDER_SEALED_API_KEY", key_id: "k2", version: 3 },
      ]);
      await register(registry, "other", shop("other"));
      expect(await codeOf(people.writeSecret({ ...secret, provider_slug: "other", key: "X" }))).toBe(
        "vault.name_taken",
      );
      await registry.human("jane").reject("other", shop("other").digest, "No.");
      await people.writeSecret({ ...secret, provider_slug: "other", key_name: "PROVIDER_OTHER_API_KEY" });
      expect(await runtime.secret("other", "default", "API_KEY")).toBeNull();
      await archive(registry, "sealed", "sealed");
      expect(await runtime.secret("sealed", "default", "API_KEY")).toBeNull();
      await register(registry, "sealed", one);
      await people.deleteSecret("sealed", "default", "API_KEY");
      expect(await codeOf(people.deleteSecret("sealed", "default", "API_KEY"))).toBe("vault.unknown_secret");
      await people.deleteAccount("sealed", "eu-1");
      expect((await runtime.accounts("sealed")).map(({ account }) => account)).toEqual(["default"]);
      expect(await codeOf(people.setAccount("sealed", "EU 1", {}))).toBe("account.bad_name");
    });
  });

  it("keeps the text of service.ts as it was approved, whatever the folder holds by now", async () => {
    const [text, later] = ["export const one = () => 1;\n", "export const one = () => 2;\n"];
    const withService = (content: string, version: string) => ({
      ...entry(
        "coded",
        { version, tools: [tool("one", { rest: null, handler: "one" })] },
        { "service.ts": sha256(content) },
      ),
      contents: { "service.ts": content },
    });
    const one = withService(text, "1.0.0");
    await register(registry, "coded", one);
    expect(await runtime.file("coded", "service.ts")).toBeNull();
    await registry.human("jane").approve("coded", one.digest);
    await register(registry, "coded", withService(later, "2.0.0"));
    expect(await runtime.file("coded", "service.ts")).toBe(text);
    expect(await runtime.file("coded", "other.ts")).toBeNull();
  });

  it("renews the tokens of OAuth, once for one version, and nothing else", async () => {
    const auth = {
      type: "oauth2",
      authorization_url: null,
      token_url: "https://x.example/t",
      grant: "client_credentials",
    };
    const one = entry("renewed", { auth });
    await register(registry, "renewed", one);
    const place = ["renewed", "default"] as const;
    const secret = { key_name: "PROVIDER_RENEWED_ACCESS_TOKEN", key_id: "k", ciphertext: "AAAA", version: 0 };
    expect(await codeOf(runtime.renewSecret(...place, "ACCESS_TOKEN", secret))).toBe("call.not_approved");
    await registry.human("jane").approve("renewed", one.digest);
    await people.setAccount("renewed", "default", {});
    expect(await runtime.renewSecret(...place, "ACCESS_TOKEN", secret)).toBe(true);
    expect(await runtime.renewSecret(...place, "ACCESS_TOKEN", { ...secret, version: 1 })).toBe(true);
    expect(await runtime.renewSecret(...place, "ACCESS_TOKEN", { ...secret, version: 1 })).toBe(false);
    expect(await runtime.secret(...place, "ACCESS_TOKEN")).toMatchObject({ version: 2 });
    const other = { ...secret, key_name: "PROVIDER_RENEWED_CLIENT_SECRET" };
    expect(await codeOf(runtime.renewSecret(...place, "CLIENT_SECRET", other))).toBe("registry.forbidden");
    const plain = await serve("plain");
    expect(
      await codeOf(
        runtime.renewSecret(String(plain.manifest.provider_slug), "default", "ACCESS_TOKEN", secret),
      ),
    ).toBe("call.not_approved");
  });

  it("lends a lease to one at a time", async () => {
    expect(await runtime.lease("refresh", "a", 60)).toBe(true);
    expect(await runtime.lease("refresh", "b", 60)).toBe(false);
    expect(await runtime.lease("refresh", "a", 60)).toBe(true);
    expect(await runtime.lease("refresh", "b", 0)).toBe(true);
    expect(await runtime.lease("refresh", "b", 60)).toBe(false);
    expect(await runtime.lease("refresh", "a", 0)).toBe(true);
    expect(await runtime.lease("refresh", "b", 60)).toBe(true);
  });

  describe("lets a call begin", () => {
    it("only of the approved revision, also while a draft waits", async () => {
      const one = await serve("exact");
      expect(said(await runtime.begin(asking(one, "note")))).toBe("begun");
      const two = shop("exact", "2.0.0");
      await register(registry, "exact", two);
      expect(said(await runtime.begin(asking(two, "note")))).toBe("call.not_approved");
      expect(said(await runtime.begin(asking(one, "note")))).toBe("begun");
      expect(said(await runtime.begin(asking(one, "nothing")))).toBe("call.unknown_tool");
      await registry.human("jane").deprecate("exact", "Old.");
      expect(said(await runtime.begin(asking(one, "note")))).toBe("call.not_approved");
    });

    it("in a mode that allows it", async () => {
      const one = await serve("modes");
      expect(said(await runtime.begin(asking(one, "list_things", { mode: "readonly" })))).toBe("begun");
      expect(said(await runtime.begin(asking(one, "note", { mode: "readonly" })))).toBe("mode.readonly");
      expect(said(await runtime.begin(asking(one, "wipe", { mode: "write" })))).toBe("mode.admin_needed");
      expect(said(await runtime.begin(asking(one, "wipe", { mode: "admin" })))).toBe("begun");
    });

    it("with a grant of the type, unexpired, unspent, unrevoked, and the agent's own", async () => {
      const one = await serve("armed");
      const begin = async (agent: string, tool = "price") =>
        said(await runtime.begin(asking(one, tool, { agent })));
      expect(await begin("bob")).toBe("firearms.missing_grant");
      await give("eve", "PRICING_UPDATE");
      await give("bob", "SOCIAL_PUBLISH");
      expect(await begin("bob")).toBe("firearms.missing_grant");
      await give("bob", "PRICING_UPDATE", { uses: 2 });
      expect([await begin("bob"), await begin("bob"), await begin("bob")]).toEqual([
        "begun",
        "begun",
        "firearms.missing_grant",
      ]);
      const { grant_id } = await give("bob", "financial");
      expect(await begin("bob")).toBe("begun");
      await people.revoke(grant_id);
      expect(await begin("bob")).toBe("firearms.missing_grant");
      await give("bob", "PRICING_UPDATE", { seconds: 1 });
      expect(await begin("bob")).toBe("begun");
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(await begin("bob")).toBe("firearms.missing_grant");
      expect((await people.grants("bob")).map(({ state, used_count }) => [state, used_count])).toEqual([
        ["good", 0],
        ["spent", 2],
        ["revoked", 1],
        ["expired", 1],
      ]);
    });

    it("with all the grants that it needs or none spent, and an unlimited one before a counted one", async () => {
      const one = await serve("both");
      await give("cid", "PRICING_UPDATE", { uses: 1 });
      expect(said(await runtime.begin(asking(one, "price_all", { agent: "cid" })))).toBe(
        "firearms.missing_grant",
      );
      expect((await people.grants("cid"))[0]?.used_count).toBe(0);
      await give("cid", "DATA_EXPORT");
      await give("cid", "financial");
      expect(said(await runtime.begin(asking(one, "price_all", { agent: "cid" })))).toBe("begun");
      expect(
        (await people.grants("cid")).map(({ firearm_type, used_count }) => [firearm_type, used_count]),
      ).toEqual([
        ["PRICING_UPDATE", 0],
        ["DATA_EXPORT", 1],
        ["financial", 1],
      ]);
    });

    it("as a person has decided on the scope, whatever the manifest proposes, for reads too", async () => {
      const one = await serve("decided");
      expect(said(await runtime.begin(asking(one, "export_things")))).toBe("firearms.missing_grant");
      const human = registry.human("jane");
      await human.setScopes("decided", ["export"], { requires_firearm: false, firearm_type: null });
      expect(said(await runtime.begin(asking(one, "export_things")))).toBe("begun");
      await human.setScopes("decided", ["read"], { requires_firearm: true, firearm_type: "CODE_DELETE" });
      expect(said(await runtime.begin(asking(one, "list_things")))).toBe("firearms.missing_grant");
      const draft = shop("decided", "2.0.0");
      const scopes = [scope("read"), scope("write"), scope("export")];
      await register(registry, "decided", { ...draft, manifest: { ...draft.manifest, scopes } });
      // The draft proposes less; what serves keeps asking for what it was approved with.
      expect(said(await runtime.begin(asking(one, "price")))).toBe("firearms.missing_grant");
      expect(said(await runtime.begin(asking(one, "list_things")))).toBe("firearms.missing_grant");
    });

    it("as long as it is approved and its folder is there, whatever draft is waiting", async () => {
      const one = await serve("lasting");
      const human = registry.human("jane");
      const begun = async (revision = one): Promise<string> =>
        said(await runtime.begin(asking(revision, "note")));
      const two = shop("lasting", "2.0.0");
      await register(registry, "lasting", two);
      expect([await begun(), await begun(two)]).toEqual(["begun", "call.not_approved"]);
      await human.setScopes("lasting", ["read"], { requires_firearm: true, firearm_type: "CODE_DELETE" });
      expect(await begun()).toBe("firearms.missing_grant");
      await human.setScopes("lasting", ["read"], { requires_firearm: false, firearm_type: null });
      await archive(registry, "lasting", "lasting");
      expect(await begun()).toBe("call.not_approved");
      await register(registry, "lasting", two);
      expect([await begun(), await begun(two)]).toEqual(["begun", "call.not_approved"]);
      await human.approve("lasting", two.digest);
      expect([await begun(), await begun(two)]).toEqual(["call.not_approved", "begun"]);
      await human.deprecate("lasting", "Replaced.");
      expect([await begun(), await begun(two)]).toEqual(["call.not_approved", "call.not_approved"]);
    });
  });

  describe("keeps one record for each side effect", () => {
    it("gives the receipt again for the same key and arguments, and refuses other arguments", async () => {
      const one = await serve("keyed");
      const call = asking(one, "note");
      expect(await callOnce(runtime, call)).toBe("begun");
      const again = await runtime.begin({ ...call, holder: randomUUID(), call_id: randomUUID() });
      expect(again).toMatchObject({
        outcome: "replayed",
        receipt: {
          receipt_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          call_id: call.call_id,
          outcome: "succeeded",
          result: { id: 7 },
        },
      });
      const other = { ...call, holder: randomUUID(), request_hash: sha256("other") };
      expect(said(await runtime.begin(other))).toBe("call.key_reused");
      // Another agent's key is another key: it gets neither the receipt nor the place.
      expect(
        said(await runtime.begin({ ...call, agent: "eve", holder: randomUUID(), call_id: randomUUID() })),
      ).toBe("begun");
    });

    it("lets one of many begin, and tells the others to wait", async () => {
      const one = await serve("crowd");
      const call = asking(one, "note");
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          runtime.begin({ ...call, holder: randomUUID(), call_id: randomUUID() }),
        ),
      );
      expect(answers.map(said).sort()).toEqual(["begun", ...Array(7).fill("in_flight")]);
      const entity = await runtime.begin(asking(one, "note", { entity: call.entity }));
      expect(said(entity)).toBe("in_flight");
    });

    it("lets one of many begin, time and again, on a thing whose last call has just ended", async () => {
      const one = await serve("rush");
      const entity = randomUUID();
      for (let round = 0; round < 15; round += 1) {
        const call = asking(one, "note", { entity });
        const answers = await Promise.all(
          Array.from({ length: 4 }, () =>
            runtime.begin({ ...call, holder: randomUUID(), call_id: randomUUID() }),
          ),
        );
        const begun = answers.flatMap((answer) =>
          answer.outcome === "begun" && answer.call_id !== null ? [answer.call_id] : [],
        );
        expect(begun).toHaveLength(1);
        const ended = { outcome: "succeeded", code: null, result: null, details: {} } as const;
        for (const call_id of begun)
          await runtime.finish({ call_id, receipt_id: randomUUID(), fence: 1, ...ended });
      }
    });

    it("answers a question that is asked again, as its answer was lost, as it did before", async () => {
      const call = asking(await serve("lost"), "note");
      const first = await runtime.begin(call);
      expect(await runtime.begin(call)).toEqual(first);
      const ended = {
        call_id: call.call_id,
        receipt_id: randomUUID(),
        fence: 1,
        outcome: "succeeded",
        code: null,
        result: 1,
        details: {},
      } as const;
      const one = await runtime.finish(ended);
      expect(one.accepted).toBe(true);
      expect(await runtime.finish(ended)).toEqual(one);
    });

    it("lets the next call on the same thing begin when the one before has its receipt", async () => {
      const one = await serve("queue");
      const entity = randomUUID();
      for (const tool of ["note", "put", "note"])
        expect(await callOnce(runtime, asking(one, tool, { entity }))).toBe("begun");
      // Whoever died on it is in nobody's way, and its outcome is unknown from then on.
      const dead = asking(one, "note", { entity, lease_seconds: 0 });
      expect(said(await runtime.begin(dead))).toBe("begun");
      expect(await callOnce(runtime, asking(one, "note", { entity }))).toBe("begun");
      expect(said(await runtime.begin({ ...dead, holder: randomUUID() }))).toBe("unknown");
    });

    it("has the log take in both rows of a call with the next writing call of anybody, once", async () => {
      const one = await serve("followed");
      await runtime.record([]);
      const before = runtime.head?.event_id ?? 0;
      const calls = ["note", "put", "note"].map((tool) => asking(one, tool));
      for (const call of calls.slice(0, 2)) await callOnce(runtime, call);
      for (const call of calls.slice(2)) await runtime.begin(call);
      await Promise.all([1, 2, 3].map(() => runtime.record([])));
      expect(runtime.head?.event_id).toBe(before + 5);
      const { events } = await people.log({ provider: "followed", after: before });
      // In the order in which they were made, within a tick of an engine's clock too: ids of calls are ordered.
      const [first, second, third] = calls.map(({ call_id }) => call_id);
      expect(events.map(({ action, details }) => [action, JSON.parse(details).call_id])).toEqual([
        ["call_begun", first],
        ["call_succeeded", first],
        ["call_begun", second],
        ["call_succeeded", second],
        ["call_begun", third],
      ]);
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort());
    });

    it("calls an outcome unknown when the lease ran out, and retries only what is idempotent", async () => {
      const one = await serve("dead");
      const [note, put] = [
        asking(one, "note", { lease_seconds: 0 }),
        asking(one, "put", { lease_seconds: 0 }),
      ];
      for (const call of [note, put]) expect(said(await runtime.begin(call))).toBe("begun");
      const anew = { holder: randomUUID(), call_id: randomUUID(), lease_seconds: 60 };
      expect(await runtime.begin({ ...note, ...anew })).toMatchObject({
        outcome: "unknown",
        call_id: note.call_id,
      });
      expect(said(await runtime.begin({ ...note, ...anew }))).toBe("unknown");
      expect(await runtime.begin({ ...put, ...anew })).toMatchObject({
        outcome: "begun",
        call_id: put.call_id,
        fence: 2,
      });
      // Who lost the call can't end it; who comes back late and lost nothing can.
      const receipt_id = randomUUID();
      const late = { receipt_id, outcome: "succeeded", code: null, result: null, details: {} } as const;
      expect(await runtime.renew(put.call_id, 1, 60)).toBe(false);
      expect(await runtime.renew(put.call_id, 2, 60)).toBe(true);
      expect((await runtime.finish({ call_id: put.call_id, fence: 1, ...late })).accepted).toBe(false);
      expect((await runtime.finish({ call_id: note.call_id, fence: 1, ...late })).accepted).toBe(true);
      expect(said(await runtime.begin({ ...note, ...anew }))).toBe("replayed");
      const { events } = await people.log({ provider: "dead" });
      const story = (call: BeginCall) =>
        events
          .filter(({ details }) => JSON.parse(details).call_id === call.call_id)
          .map(({ action, details }) => `${action} ${JSON.parse(details).attempt}`);
      expect(story(note)).toEqual(["call_begun 1", "call_unknown 1", "call_succeeded 1", "call_replayed 1"]);
      expect(story(put)).toEqual(["call_begun 1", "call_begun 2"]);
    });

    it("says of calls whose process died that their outcome is unknown, without being asked", async () => {
      const one = await serve("settled");
      const [note, alive] = [asking(one, "note", { lease_seconds: 0 }), asking(one, "note")];
      for (const call of [note, alive]) await runtime.begin(call);
      expect(await runtime.settle()).toBeGreaterThanOrEqual(1);
      expect(await runtime.settle()).toBe(0);
      const { events } = await people.log({ provider: "settled" });
      expect(
        events
          .filter(({ action }) => action === "call_unknown")
          .map(({ details }) => JSON.parse(details).call_id),
      ).toEqual([note.call_id]);
      expect(said(await runtime.begin({ ...alive, holder: randomUUID() }))).toBe("in_flight");
    });

    it("lets a call that sent nothing begin again without spending again", async () => {
      const one = await serve("unsent");
      await give("dan", "PRICING_UPDATE", { uses: 1 });
      const call = asking(one, "price", { agent: "dan" });
      expect(await callOnce(runtime, call, "not_sent")).toBe("begun");
      const anew = { ...call, holder: randomUUID(), call_id: randomUUID() };
      expect(await callOnce(runtime, anew)).toBe("begun");
      expect(said(await runtime.begin({ ...anew, holder: randomUUID() }))).toBe("replayed");
      expect((await people.grants("dan"))[0]).toMatchObject({ used_count: 1, state: "spent" });
    });

    it("lets a key that was made of arguments mean the same for a while only", async () => {
      const one = await serve("window");
      const call = asking(one, "note", { is_derived: true, key: "derived" });
      expect(await callOnce(runtime, call)).toBe("begun");
      const anew = () => ({ ...call, holder: randomUUID(), call_id: randomUUID() });
      expect(said(await runtime.begin(anew()))).toBe("replayed");
      expect(said(await runtime.begin({ ...anew(), window_seconds: -1 }))).toBe("begun");
    });
  });

  it("leaves every call, refusal, grant and secret in the log, under the name of who did it", async () => {
    const one = await serve("story");
    await people.writeSecret({
      provider_slug: "story",
      account: "default",
      key: "K",
      key_name: "PROVIDER_STORY_K",
      key_id: "k",
      ciphertext: "AAAA",
    });
    await callOnce(runtime, asking(one, "note", { agent: "zoe" }));
    await callOnce(runtime, asking(one, "note", { agent: "zoe" }), "failed");
    await callOnce(runtime, asking(one, "price", { agent: "zoe" }));
    await runtime.record([
      {
        action: "read",
        actor: "zoe",
        provider_id: "story",
        digest: one.digest,
        details: { tool: "list_things" },
      },
    ]);
    const { events, head } = await people.log({ provider: "story" });
    expect(
      events.filter(({ face }) => face !== "machine").map(({ action, actor }) => `${actor} ${action}`),
    ).toEqual([
      "jane approved",
      "jane account_set",
      "jane secret_written",
      "zoe call_begun",
      "zoe call_succeeded",
      "zoe call_begun",
      "zoe call_failed",
      "zoe refused",
      "zoe read",
    ]);
    expect(events.at(-1)).toMatchObject({ event_id: head.event_id, hash: head.hash });
    expect(runtime.head).toEqual(head);
    const { events: zoe } = await people.log({ agent: "zoe", newest: true, max_rows: 2 });
    expect(zoe.map(({ action }) => action)).toEqual(["refused", "read"]);
    const before = zoe[1]?.event_id;
    const { events: earlier } = await people.log({ agent: "zoe", newest: true, max_rows: 1, before });
    expect(earlier).toEqual(zoe.slice(0, 1));
    expect((await people.log({ since: "2999-01-01T00:00:00Z" })).events).toEqual([]);
    expect((await people.receipts()).length).toBeGreaterThan(0);
    expect(
      await codeOf(
        runtime.record([
          {
            action: "read",
            actor: "zoe",
            provider_id: "story",
            digest: null,
            details: { a: "x".repeat(20_000) },
          },
        ]),
      ),
    ).toBe("call.bad_record");
  });

  // Last: it looks at all that the others have left.
  it("leaves rows of calls and receipts as the log says, also while calls are made", async () => {
    const revision = await serve("verified");
    const calls = Array.from({ length: 30 }, () => callOnce(runtime, asking(revision, "note")));
    expect((await verifyLog(people, [])).fault).toBeNull();
    await Promise.all(calls);
    const { chain, fault } = await verifyLog(people, []);
    expect([fault, chain.fault]).toEqual([null, null]);
    expect(chain.ledger.calls.size).toBeGreaterThan(40);
  });
});
