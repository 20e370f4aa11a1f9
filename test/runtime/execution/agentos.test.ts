import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { readAgentosFolder } from "../../../src/cli/agentos-folder.ts";
import { importAgentos } from "../../../src/import/index.ts";
import type { Manifest } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Connection, Executor } from "../../../src/runtime/seams.ts";
import { DATA, makeWorkbench } from "../../import/workbench.ts";
import { account, executorFor, json, type Upstream, upstream } from "./workbench.ts";

const bench = makeWorkbench();
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** The normal form of an AgentOS connector, as it is registered, with another address of its API. */
async function imported(provider: string, from = "", to = ""): Promise<Manifest> {
  const { slug, files } = await importAgentos(
    readAgentosFolder(join(DATA ?? "", "agentos/providers", provider), null, "/"),
  );
  bench.write(slug, files);
  const reading = await bench.read(slug);
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  return { ...reading.manifest, base_url: reading.manifest.base_url?.replace(from, to) ?? null };
}

/** Calls tools of one connector as an agent would, after the gate. */
function caller(executor: Executor, manifest: Manifest, connection: Connection) {
  return async (name: string, input: JsonObject = {}): Promise<Json> => {
    const tool = manifest.tools.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const signal = new AbortController().signal;
    return (await executor.execute(manifest, tool, input, connection, {}, signal)).value;
  };
}

async function provider(
  answer: (upstream: { method: string; url: string; body: string }) => unknown,
): Promise<Upstream> {
  const listener: RequestListener = (request, response) => {
    const last = server.received.at(-1);
    if (last === undefined) throw new Error("nothing received");
    const value = answer(last);
    if (value === undefined) response.writeHead(204).end();
    else json(value)(request, response);
  };
  const server = await upstream(listener);
  cleanups.push(() => server.close());
  return server;
}

describe.skipIf(DATA === null)(
  `AgentOS connectors, imported${DATA === null ? " (no test data)" : ""}`,
  () => {
    it("todoist lists, gets, creates, updates, moves, completes and deletes", async () => {
      const task = {
        id: "7",
        content: "Buy milk",
        description: "",
        is_completed: false,
        priority: 4,
        project_id: "p",
        labels: ["AI"],
        due: { date: "2026-12-01" },
        url: "https://todo.example/7",
      };
      const server = await provider(({ method, url }) => {
        if (url.startsWith("/rest/v2/tasks?"))
          return [task, { ...task, id: "8", is_completed: true, due: null }];
        if (url === "/rest/v2/projects") return [];
        return method === "DELETE" || url.endsWith("/close") ? undefined : task;
      });
      const executor = executorFor(server);
      cleanups.push(() => executor.close());
      const manifest = await imported("todoist", "api.todoist.com", server.host);
      const call = caller(
        executor,
        manifest,
        account({ API_KEY: "todo-key" }, { connector: "todoist", account: "personal" }),
      );
      const last = () => server.received.at(-1);
      const from = { connector: "todoist", account: "personal" };

      const list = await call("tasks_list", { filter: "today" });
      expect(last()).toMatchObject({ method: "GET", url: "/rest/v2/tasks?filter=today" });
      expect(last()?.headers.authorization).toBe("Bearer todo-key");
      expect(list).toMatchObject({
        ...from,
        items: [
          {
            id: "7",
            title: "Buy milk",
            status: "open",
            priority: 1,
            due: "2026-12-01",
            project: { id: "p" },
            labels: ["AI"],
            connector: "todoist",
          },
          { id: "8", status: "done" },
        ],
      });
      expect(await call("tasks_projects")).toEqual({ ...from, items: [] });

      expect(await call("tasks_get", { id: "7" })).toMatchObject({
        ...from,
        id: "7",
        title: "Buy milk",
        status: "open",
        priority: 1,
      });

      await call("tasks_create", { title: "Buy milk", priority: 1, labels: ["AI", "Food"] });
      expect(JSON.parse(last()?.body ?? "")).toEqual({
        content: "Buy milk",
        priority: 4,
        labels: ["AI", "Food"],
      });

      await call("tasks_update", { id: "7", due: "tomorrow" });
      expect(last()).toMatchObject({
        method: "POST",
        url: "/rest/v2/tasks/7",
        body: '{"due_string":"tomorrow"}',
      });

      await call("tasks_move", { id: "7", project_id: "q" });
      const commands = new URLSearchParams(last()?.body).get("commands");
      expect(JSON.parse(commands ?? "")).toEqual([
        { type: "item_move", uuid: "move-7", args: { id: "7", project_id: "q" } },
      ]);

      expect(await call("tasks_complete", { id: "7" })).toEqual({ ...from, id: "7", status: "done" });
      expect(last()).toMatchObject({ method: "POST", url: "/rest/v2/tasks/7/close", body: "" });

      expect(await call("tasks_delete", { id: "7" })).toEqual({ ...from, success: true });
      expect(last()).toMatchObject({ method: "DELETE", url: "/rest/v2/tasks/7" });
    });

    it("linear lists, gets, creates, updates, completes in two steps, and deletes", async () => {
      const issue = {
        id: "i1",
        identifier: "AGE-1",
        title: "Fix it",
        state: { id: "s", name: "Done", type: "completed" },
        priority: 1,
        labels: { nodes: [{ name: "bug" }] },
        inverseRelations: {
          nodes: [
            { type: "blocks", issue: { id: "i9" } },
            { type: "related", issue: { id: "i8" } },
          ],
        },
        url: "https://linear.example/i1",
      };
      const server = await provider(({ body }) => {
        const { query }: { query: string } = JSON.parse(body);
        if (query.includes("states("))
          return { data: { issue: { team: { states: { nodes: [{ id: "state-done", name: "Done" }] } } } } };
        if (query.includes("issueDelete")) return { data: { issueDelete: { success: true } } };
        if (query.includes("issueCreate")) return { data: { issueCreate: { success: true, issue } } };
        if (query.includes("issueUpdate")) return { data: { issueUpdate: { success: true, issue } } };
        return query.includes("issues(")
          ? { data: { issues: { nodes: [issue, { ...issue, id: "i2", state: { type: "started" } }] } } }
          : { data: { issue, viewer: { id: "u", name: "Me", email: "me@example.com" } } };
      });
      const executor = executorFor(server);
      cleanups.push(() => executor.close());
      const manifest = await imported("linear", "api.linear.app", server.host);
      const connection = account({ API_KEY: "lin-key" }, { connector: "linear" });
      const call = caller(executor, manifest, connection);
      const variables = () => JSON.parse(server.received.at(-1)?.body ?? "{}").variables;

      expect(await call("tasks_list", { team_id: "t" })).toMatchObject({
        items: [
          { id: "i1", source_id: "AGE-1", status: "done", labels: ["bug"], connector: "linear" },
          { id: "i2", status: "in_progress" },
        ],
      });
      expect(variables()).toEqual({ limit: 50, teamId: "t" });
      expect(server.received.at(-1)?.headers.authorization).toBe("lin-key");

      expect(await call("tasks_get", { id: "i1" })).toMatchObject({
        id: "i1",
        blocked_by: ["i9"],
        children: [],
      });
      expect(await call("tasks_create", { title: "Fix it", team_id: "t", priority: 2 })).toMatchObject({
        id: "i1",
        status: "done",
      });
      expect(variables()).toEqual({ input: { title: "Fix it", teamId: "t", priority: 2 } });
      await call("tasks_update", { id: "i1", title: "Fix it now" });
      expect(variables()).toEqual({ id: "i1", input: { title: "Fix it now" } });
      expect(await call("tasks_complete", { id: "i1" })).toMatchObject({
        id: "i1",
        source_id: "AGE-1",
        status: "done",
      });
      expect(variables()).toEqual({ id: "i1", input: { stateId: "state-done" } });
      expect(await call("tasks_delete", { id: "i1" })).toMatchObject({ success: true });

      const { whoami } = manifest.auth;
      if (whoami === null) throw new Error("no whoami");
      const who = { ...whoami, name: "whoami", side_effecting: false, idempotent: true };
      const { value } = await executor.execute(
        manifest,
        who,
        {},
        connection,
        {},
        new AbortController().signal,
      );
      expect(value).toEqual({
        id: "u",
        name: "Me",
        email: "me@example.com",
        connector: "linear",
        account: "default",
      });
    });

    it("sqlite queries, lists and describes tables of a real file", async () => {
      const folder = mkdtempSync(join(tmpdir(), "sentinel-agentos-"));
      cleanups.push(() => rmSync(folder, { recursive: true }));
      const path = join(folder, "app.db");
      const database = new DatabaseSync(path);
      database.exec(
        "create table orders (id integer primary key, total real not null, note text default 'x')",
      );
      database.close();
      const executor = createExecutor();
      cleanups.push(() => executor.close());
      const call = caller(
        executor,
        await imported("sqlite"),
        account({}, { connector: "sqlite", fields: { path } }),
      );

      expect(
        await call("databases_query", { sql: "insert into orders (total) values (1.5), (2) returning id" }),
      ).toMatchObject({ rows: [{ id: 1 }, { id: 2 }], row_count: 2 });
      expect(await call("databases_query", { sql: "select sum(total) as sum from orders" })).toMatchObject({
        rows: [{ sum: 3.5 }],
        row_count: 1,
      });
      expect(await call("databases_tables")).toMatchObject({ items: ["orders"] });
      expect(await call("databases_describe", { table: "orders" })).toMatchObject({
        name: "orders",
        columns: [
          { name: "id", type: "INTEGER", nullable: true, primary_key: true },
          { name: "total", type: "REAL", nullable: false, primary_key: false },
          { name: "note", default: "'x'" },
        ],
      });
    });
  },
);
