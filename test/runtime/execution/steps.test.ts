import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Executor } from "../../../src/runtime/seams.ts";
import { manifest, tool } from "../../generate/manifest.ts";
import {
  account,
  type Case,
  call,
  executorFor,
  failureOf,
  graphql,
  json,
  rest,
  type Upstream,
  upstream,
} from "./workbench.ts";

let provider: Upstream;
let executor: Executor;
/** What the provider answers, by path. */
const answers: Record<string, { status?: number; body: unknown }> = {};

beforeAll(async () => {
  provider = await upstream((request, response) => {
    const { status = 200, body } = answers[request.url ?? ""] ?? { status: 404, body: {} };
    json(body, status)(request, response);
  });
  executor = executorFor(provider);
});

afterAll(async () => {
  await executor.close();
  await provider.close();
});

const step = (changes: Partial<NonNullable<Case["tool"]["steps"]>[number]>) => ({
  as: null,
  rest: null,
  graphql: null,
  sql: null,
  applescript: null,
  ...changes,
});
const map = (mapping: Json, root: string | null = null) => ({ root, mapping, static: null });

describe("steps", () => {
  const chain: Case["tool"] = {
    side_effecting: true,
    steps: [
      step({
        as: "lookup",
        graphql: graphql({
          url: null,
          variables: { id: "{{ params.id }}" },
          response: map("ignored", "nothing"),
        }),
      }),
      step({
        rest: rest({
          method: "POST",
          path: "/close",
          body: { state: "{{ lookup.data.issue.states.nodes[0].id }}", of: "{{ params.id }}" },
          response: {
            root: null,
            mapping: null,
            static: { id: "{{ params.id }}", state: "{{ lookup.data.issue.states.nodes[0].id }}" },
          },
        }),
      }),
    ],
  };

  it("read the raw answers of those before them", async () => {
    answers["/"] = { body: { data: { issue: { states: { nodes: [{ id: 42 }] } } } } };
    answers["/close"] = { body: { ok: true } };
    const result = await call(executor, provider, {
      tool: chain,
      input: { id: "i-1" },
      bounds: { idempotencyKey: "k" },
    });
    expect(result).toEqual({ id: "i-1", state: 42, connector: "acme", account: "default" });
    const [first, second] = provider.received.slice(-2);
    expect(JSON.parse(first?.body ?? "")).toEqual({ query: "{ ok }", variables: { id: "i-1" } });
    expect(JSON.parse(second?.body ?? "")).toEqual({ state: 42, of: "i-1" });
    expect([first?.headers["idempotency-key"], second?.headers["idempotency-key"]]).toEqual([
      undefined,
      "k-1",
    ]);
  });

  it("say after a write that something was sent, whatever the next one fails with", async () => {
    answers["/close"] = { status: 400, body: { error: "no state" } };
    const first = step({ as: "lookup", graphql: graphql({ query: "# query\nmutation { make { id } }" }) });
    const tool = { ...chain, steps: [first, ...(chain.steps ?? []).slice(1)] };
    const found = async (nodes: Json) => {
      answers["/"] = { body: { data: { issue: { states: { nodes } } } } };
      const failure = await failureOf(call(executor, provider, { tool, input: { id: "i-1" } }));
      return [failure.code, failure.sent];
    };
    expect(await found([{ id: 1 }])).toEqual(["api.status", true]);
    expect(await found([])).toEqual(["step.no_value", true]);
  });

  it("send nothing that needs what the one before has not found, unless a default is given", async () => {
    answers["/close"] = { body: { ok: true } };
    const closing = (state: string, answer: Json) => {
      answers["/"] = { body: answer };
      const close = step({ rest: rest({ method: "POST", path: "/close", body: { state, of: "x" } }) });
      const tool = { ...chain, steps: [...(chain.steps ?? []).slice(0, 1), close] };
      return call(executor, provider, { tool, input: { id: "i-1" } });
    };
    const sent = () => JSON.parse(provider.received.at(-1)?.body ?? "null");
    const one = "lookup.data.issue.states.nodes[0].id";
    for (const issue of [{ states: { nodes: [] } }, { states: null }, {}, null, "gone"]) {
      const failure = await failureOf(closing(`{{ ${one} }}`, { data: { issue } }));
      expect([failure.code, failure.sent, sent()?.query]).toEqual(["step.no_value", false, "{ ok }"]);
      expect(failure.message).toContain("lookup.data.issue.states.nodes.0.id");
    }
    await failureOf(closing(`no. {{ ${one} }}`, { data: { issue: null } }));
    expect(sent()?.query).toBe("{ ok }");
    await closing(`{{ ${one} | default: null }}`, { data: { issue: null } });
    expect(sent()).toEqual({ state: null, of: "x" });
    // A field that the answer leaves out is absent, as an argument is that is not given.
    await closing(`{{ ${one} }}`, { data: { issue: { states: { nodes: [{}] } } } });
    expect(sent()).toEqual({ of: "x" });
  });

  it("say that nothing was sent when the only write was refused", async () => {
    answers["/"] = { body: { data: { issue: { states: { nodes: [{ id: 1 }] } } } } };
    answers["/close"] = { status: 422, body: { error: "closed already" } };
    const failure = await failureOf(call(executor, provider, { tool: chain, input: { id: "i-1" } }));
    expect([failure.code, failure.sent]).toEqual(["api.status", false]);
    answers["/"] = { body: { errors: [{ message: "no" }] } };
    const earlier = await failureOf(call(executor, provider, { tool: chain, input: { id: "i-1" } }));
    expect([earlier.code, earlier.sent]).toEqual(["api.graphql", false]);
  });

  it("are planned as far as that can be told, without a credential", async () => {
    const planned = await executor.preview(
      manifest({
        provider_slug: "acme",
        base_url: `https://${provider.host}`,
        auth: { type: "api_key", in: "query", name: "key", prefix: "", also: [], whoami: null },
      }),
      tool(chain),
      { id: "i-1" },
      account({ API_KEY: "secret-key" }),
    );
    expect(planned).toMatchObject([
      {
        kind: "http",
        as: "lookup",
        method: "POST",
        url: `http://${provider.host}/`,
        body: { query: "{ ok }", variables: { id: "i-1" } },
        credentials: ["key"],
      },
      { kind: "later", as: null, needs: "lookup" },
    ]);
    expect(JSON.stringify(planned)).not.toContain("secret-key");
  });
});

describe("a plan", () => {
  it("fails where the call would, before anything is sent", async () => {
    const plan = (base_url: string, one: Case["tool"]) =>
      failureOf(executor.preview(manifest({ base_url }), tool(one), {}, account()));
    const before = provider.received.length;
    expect((await plan("https://10.0.0.1", { rest: rest() })).code).toBe("firewall.address");
    expect((await plan("https://a.example", { rest: rest({ path: "/{{ params.id }}" }) })).code).toBe(
      "input.missing",
    );
    expect((await plan("https://a.example", {})).code).toBe("runtime.no_executor");
    expect(provider.received.length).toBe(before);
  });
});

describe("a graphql request", () => {
  const run = (body: unknown, changes: Parameters<typeof graphql>[0] = {}, status = 200) => {
    answers["/"] = { status, body };
    return call(executor, provider, { tool: { graphql: graphql(changes) } });
  };

  it("gives data, or what the mapping makes of the answer", async () => {
    const body = { data: { viewer: { id: "u1", tags: ["a", "b"] } } };
    expect(await run(body)).toMatchObject({ viewer: { id: "u1" } });
    expect(await run(body, { response: map({ id: "data.viewer.id" }) })).toMatchObject({ id: "u1" });
    expect(await run(body, { response: map({ id: "id", tags: "tags" }, "data.viewer") })).toMatchObject({
      id: "u1",
      tags: ["a", "b"],
    });
    expect(
      await run({ data: { viewer: null } }, { response: map({ id: "id" }, "data.viewer.user") }),
    ).toEqual({ value: null, connector: "acme", account: "default" });
    const made = map({ id: "id", status: "id ? 'done' : 'open'" }, "data.made.issue");
    expect(await run({ data: { made: { ok: false, issue: null } } }, { response: made })).toEqual({
      value: null,
      connector: "acme",
      account: "default",
    });
  });

  it("fails with what the provider calls an error", async () => {
    const errors = [{ message: "no such issue", path: ["issue", 0] }, { message: "and more" }];
    for (const status of [200, 400]) {
      const failure = await failureOf(run({ data: null, errors }, {}, status));
      expect([failure.code, failure.message]).toEqual([
        "api.graphql",
        'The provider answered: "no such issue" (at issue.0); "and more"',
      ]);
    }
    expect((await failureOf(run({ hello: 1 }))).code).toBe("api.bad_response");
    expect((await failureOf(run([], {}, 500))).code).toBe("api.status");
  });

  const MUTATION = "mutation { createOrder { id } }";

  it("is known to have done nothing where the provider says that it did not run it", async () => {
    const errors = [{ message: "Unknown field", locations: [{ line: 1, column: 12 }] }];
    for (const status of [200, 400]) {
      const failure = await failureOf(run({ errors }, { query: MUTATION }, status));
      expect([failure.code, failure.sent]).toEqual(["api.graphql", false]);
    }
  });

  it.each([
    ["a status from 500", 500, { errors: [{ message: "internal" }] }],
    [
      "a null that went up to data",
      200,
      { data: null, errors: [{ message: "not nullable", path: ["createOrder", "id"] }] },
    ],
    ["data that is null, and no path", 200, { data: null, errors: [{ message: "oh" }] }],
    ["an error of a field, without data", 200, { errors: [{ message: "oh", path: ["createOrder"] }] }],
  ])("may have changed something after %s", async (_name, status, body) => {
    const failure = await failureOf(run(body, { query: MUTATION }, status));
    expect([failure.code, failure.sent]).toEqual(["api.graphql", true]);
  });
});

describe("a mapping", () => {
  const mapped = (body: unknown, mapping: Json, root: string | null = null, input: JsonObject = {}) => {
    answers["/m"] = { body };
    return call(executor, provider, {
      tool: { rest: rest({ path: "/m", response: map(mapping, root) }) },
      input,
    });
  };

  it("is an expression, or fields of them", async () => {
    const body = {
      list: [
        { id: 1, tags: [{ n: "a" }] },
        { id: 2, tags: [] },
      ],
    };
    expect(await mapped(body, 'list.{"id": id, "tags": [tags.n]}')).toMatchObject({
      items: [
        { id: 1, tags: ["a"] },
        { id: 2, tags: [] },
      ],
    });
    expect(
      await mapped(body, { first: { id: "list[0].id" }, none: "list.nix", count: "$count(list)" }),
    ).toEqual({
      first: { id: 1 },
      count: 2,
      connector: "acme",
      account: "default",
    });
    expect(await mapped(body, "$sum(id)", "list")).toMatchObject({ value: 3 });
    expect(await mapped([{ a: 1 }], { all: "[$.a]" })).toMatchObject({ all: [1] });
  });

  it("fails with a reason", async () => {
    for (const [mapping, root, code] of [
      ["list[", null, "mapping.failed"],
      ["$sum('x')", null, "mapping.failed"],
      ["$nothing()", null, "mapping.failed"],
      ["a", "no.such.part", "mapping.failed"],
    ] as const) {
      expect((await failureOf(mapped({ a: 1 }, mapping, root))).code).toBe(code);
    }
  });

  it.each([
    ["a loop without end", "($f := function($n) { $f($n + 1) }; $f(0))"],
    ["depth without end", "($f := function($n) { 1 + $f($n + 1) }; $f(0))"],
    ["a list without end", "[1..10000000]"],
    ["many large lists", "[1..9000].([1..9000])"],
    ["a catastrophic expression", '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)'],
    ["a text without end", '$reduce([1..60], function($a) { $a & $a }, "xxxxxxxxxxxxxxxx")'],
    ["padding without end", '$pad("x", 900000000)'],
  ])(
    "is stopped at %s, and the next one works",
    async (_what, mapping) => {
      const failure = await failureOf(mapped({ a: 1 }, mapping));
      expect(["mapping.limit", "mapping.failed"]).toContain(failure.code);
      expect(await mapped({ a: 1 }, { b: "a" })).toMatchObject({ b: 1 });
    },
    20_000,
  );

  it("reaches nothing but its value", async () => {
    for (const mapping of [
      "$constructor",
      "a.constructor",
      "$$.__proto__.polluted",
      "$toString.constructor('return process')()",
      '$eval("process.env")',
      "$lookup($, '__proto__')",
    ]) {
      const result = await mapped({ a: 1 }, { x: mapping }).catch(() => ({ x: undefined }));
      expect([mapping, result.x]).toEqual([mapping, undefined]);
    }
  });

  it("is taken back with its call", async () => {
    answers["/m"] = { body: {} };
    const response = map("($f := function($n) { $f($n + 1) }; $f(0))");
    const failure = await failureOf(
      call(executor, provider, { tool: { rest: rest({ path: "/m", response }) }, bounds: { timeMs: 600 } }),
    );
    expect(failure.code).toBe("api.timeout");
  });
});

describe("an AppleScript", () => {
  const applescript = {
    script: "on run argv\n  return argv\nend run",
    args: ["{{ params.a }}", "-{{ params.b }}"],
    response: null,
  };

  it.runIf(process.platform !== "darwin")("is refused where there is no macOS", async () => {
    const failure = await failureOf(call(executor, provider, { tool: { applescript } }));
    expect(failure.code).toBe("runtime.wrong_platform");
  });

  it.runIf(process.platform !== "win32")(
    "gets its script on standard input and its values as arguments",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "sentinel-script-"));
      const fake = join(folder, "osascript");
      writeFileSync(
        fake,
        `#!/bin/sh\nscript=$(cat)\nprintf '{"args": "%s|%s|%s", "lines": %s, "home": "%s"}\\n' "$1" "$2" "$3" "$(printf %s "$script" | wc -l)" "\${SECRET:-}"\n`,
      );
      chmodSync(fake, 0o755);
      const own = createExecutor({}, { osascript: fake });
      process.env.SECRET = "no";
      try {
        const result = await call(own, provider, { tool: { applescript }, input: { b: "x; rm" } });
        expect(result).toMatchObject({ args: "-||-x; rm", lines: 2, home: "" });
        writeFileSync(fake, "#!/bin/sh\necho 'Calendar got an error' >&2\nexit 1\n");
        const failed = await failureOf(call(own, provider, { tool: { applescript } }));
        expect([failed.code, failed.message]).toEqual([
          "script.failed",
          'The script failed: "Calendar got an error".',
        ]);
        writeFileSync(fake, "#!/bin/sh\nexec sleep 60\n");
        const late = await failureOf(
          call(own, provider, { tool: { applescript, side_effecting: true }, bounds: { timeMs: 500 } }),
        );
        expect([late.code, late.sent]).toEqual(["script.timeout", true]);
      } finally {
        delete process.env.SECRET;
        await own.close();
        rmSync(folder, { recursive: true });
      }
    },
  );
});
