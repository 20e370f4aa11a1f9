import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { moment, seconds } from "../../src/cli/duration.ts";
import { commandIn } from "./command.ts";

const SHOPIFY = fileURLToPath(new URL("../../connectors/shopify", import.meta.url));
const CANARY = `canary${"Z"}-91/+x`;

const folder = mkdtempSync(join(tmpdir(), "sentinel-agents-"));

const sentinel = commandIn(folder);

/** Writes into the embedded database past every guard. */
async function tamper(sql: string): Promise<void> {
  const db = await PGlite.create(join(folder, ".sentinel", "registry"));
  await db.exec(`alter table sentinel_events disable trigger user; ${sql}`);
  await db.close();
}

describe("vault, grant, agent and log", () => {
  beforeAll(async () => {
    mkdirSync(join(folder, "connectors"));
    cpSync(SHOPIFY, join(folder, "connectors", "shopify"), { recursive: true });
    const { code, text } = await sentinel(["run"]);
    if (code !== 0) throw new Error(text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("stores a secret from standard input, and no command or file ever shows it", async () => {
    const shown: string[] = [];
    const run = async (...[args, input]: Parameters<typeof sentinel>): Promise<JsonObject> => {
      const ran = await sentinel(args, input);
      shown.push(ran.text);
      return ran.json;
    };
    expect(await run(["vault", "set", "shopify"], `${CANARY}\n`)).toMatchObject({
      ok: true,
      account: "default",
      key: "API_KEY",
      key_name: "PROVIDER_SHOPIFY_API_KEY",
    });
    expect(await run(["vault", "set", "shopify:eu", "PROVIDER_SHOPIFY__EU__API_KEY"], CANARY)).toMatchObject({
      account: "eu",
    });
    const [stored] = Object.values(await run(["vault", "list", "shopify"])).filter(Array.isArray);
    expect(stored).toMatchObject([
      { account: "default", secrets: [{ key: "API_KEY", version: 1 }] },
      { account: "eu", secrets: [{ key_name: "PROVIDER_SHOPIFY__EU__API_KEY" }] },
    ]);
    expect(await run(["vault", "rotate"])).toMatchObject({ ok: true, sealed: 2, new_key: true });
    await run(["log"]);
    expect(shown.join("")).not.toContain(CANARY);
    const state = join(folder, ".sentinel");
    for (const file of readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    )) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(CANARY), file.name).toBe(false);
    }
    expect(statSync(join(state, "registry.vault-key")).mode & 0o777).toBe(0o600);
  });

  it("makes no new master key where the one that secrets are sealed with is gone", async () => {
    const key = join(folder, ".sentinel", "registry.vault-key");
    renameSync(key, `${key}.away`);
    for (const args of [
      ["vault", "set", "shopify"],
      ["vault", "rotate"],
      ["log", "verify"],
    ]) {
      const ran = await sentinel(args, CANARY);
      expect([ran.code, ran.json.error]).toEqual([2, expect.objectContaining({ code: "vault.key_missing" })]);
    }
    expect(existsSync(key)).toBe(false);
    renameSync(`${key}.away`, key);
    expect((await sentinel(["vault", "set", "shopify"], CANARY)).code).toBe(0);
  });

  it("refuses what makes no sense, with the code and without the value", async () => {
    const cases: [string[], string, string][] = [
      [["vault", "set", "shopify", "NOPE"], CANARY, "vault.unknown_key"],
      [["vault", "set", "shopify", CANARY], CANARY, "vault.unknown_key"],
      [["vault", "set", "shopify"], "\n", "vault.empty"],
      [["vault", "set", "shopify"], "x".repeat(65_537), "vault.too_long"],
      [["vault", "set", "shopify:A B"], "x", "account.bad_name"],
      [["grant", "add", "ann", "NOPE"], "", "registry.unknown_firearm_type"],
      [["agent", "add", "an n"], "", "agent.bad_name"],
    ];
    for (const [args, input, code] of cases) {
      const ran = await sentinel(args, input);
      expect([ran.code, ran.json.error], args.join(" ")).toEqual([2, expect.objectContaining({ code })]);
    }
    const wrongKey = await sentinel(["vault", "set", "shopify"], "x", { SENTINEL_VAULT_KEY: "short" });
    expect(wrongKey.json.error).toMatchObject({ code: "vault.bad_key" });
  });

  it("gives, lists and takes back grants and tokens, and has them on record under the person's name", async () => {
    const given = await sentinel([
      "grant",
      "add",
      "ann",
      "REFUND_ISSUE",
      "--for",
      "2h",
      "--uses",
      "3",
      "--reason",
      "trial",
    ]);
    const grant = given.json.grant;
    expect(grant).toMatchObject({
      agent: "ann",
      max_uses: 3,
      state: "good",
      granted_by: "jane",
      reason: "trial",
    });
    const id = String(Object(grant).grant_id);
    expect((await sentinel(["grant", "revoke", id])).json.grant).toMatchObject({ state: "revoked" });
    expect((await sentinel(["grant", "list", "ann", "--good"])).json.grants).toEqual([]);
    const made = await sentinel(["agent", "add", "ann", "--for", "90d"]);
    expect(made.json.token).toMatch(/^sentinel_[\w-]{43}$/);
    const listed = await sentinel(["agent", "list"]);
    expect(listed.text).not.toContain(String(made.json.token));
    expect((await sentinel(["agent", "revoke", String(made.json.token_id)])).code).toBe(0);
    const { json } = await sentinel(["log", "--agent", "ann", "--since", "1h"]);
    const [events] = Object.values(json).filter(Array.isArray);
    expect(events?.map((event) => Object(event).action)).toEqual([
      "granted",
      "revoked",
      "token_created",
      "token_revoked",
    ]);
    expect(events?.every((event) => Object(event).actor === "jane")).toBe(true);
  });

  it("verifies the log, and names the row that somebody changed in the database", async () => {
    expect((await sentinel(["log", "verify"])).json).toMatchObject({ ok: true, checkpoints: 0 });
    expect((await sentinel(["log", "verify"])).json).toMatchObject({ ok: true, checkpoints: 1, fault: null });
    await tamper(
      "delete from sentinel_events where event_id = (select max(event_id) from sentinel_events); update private.event_head set event_id = event_id - 1",
    );
    const cut = await sentinel(["log", "verify"]);
    expect([cut.code, cut.json.fault]).toEqual([1, expect.objectContaining({ code: "log.truncated" })]);
    await tamper("update sentinel_events set actor = 'nobody' where event_id = 3");
    const edited = await sentinel(["log", "verify"]);
    expect([edited.code, edited.json.fault]).toEqual([
      1,
      expect.objectContaining({ code: "log.edited", event_id: 3 }),
    ]);
  });
});

describe("times on the command line", () => {
  it("are lengths or moments", () => {
    expect([seconds("45m", "--for"), seconds("2w", "--for")]).toEqual([2700, 1_209_600]);
    const now = Date.parse("2026-11-21T12:00:00Z");
    expect(moment("12h", "--since", now)).toBe("2026-11-21T00:00:00.000Z");
    expect(moment("2026-11-20", "--since", now)).toBe("2026-11-20T00:00:00.000Z");
    for (const text of ["0d", "7", "-1d", "soon", "99999999d", "9999999d", "2608w"]) {
      expect(() => seconds(text, "--for")).toThrow(expect.objectContaining({ code: "usage.duration" }));
    }
    for (const text of ["yesterday", "9999999w", "0000-12-31", "0001-01-01T00:00:00+14:00", "2026-99-99"]) {
      expect(() => moment(text, "--since", now)).toThrow(expect.objectContaining({ code: "usage.duration" }));
    }
  });
});
