import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importAgentos } from "../../../src/import/index.ts";
import { folderOf, makeImporter, provider, readme } from "./bench.ts";

const bring = makeImporter();
const GET = "rest: {method: GET, url: https://api.acme.example/things}";
const BOMB = `a: &a [1,1,1,1,1,1,1,1,1]\n${[..."bcdefgh"]
  .map((letter, index) => {
    const before = "abcdefgh".charAt(index);
    return `${letter}: &${letter} [${`*${before},`.repeat(9)}1]`;
  })
  .join("\n")}\n`;

describe("a folder that is no provider is refused in one sentence", () => {
  it.each([
    ["no readme", { "things.yaml": "actions: {}" }, "import.not_agentos"],
    ["no YAML at the top", { "readme.md": "# Acme", "things.yaml": "actions: {}" }, "import.not_agentos"],
    [
      "a list at the top",
      { "readme.md": "---\n- a\n---\n", "things.yaml": "actions: {}" },
      "import.not_agentos",
    ],
    ["no app", { "readme.md": readme() }, "import.not_agentos"],
    [
      "an app without actions",
      { "readme.md": readme(), "things.yaml": "actions: [a]" },
      "import.not_agentos",
    ],
    ["what is not YAML", { "readme.md": readme(), "things.yaml": "actions: {a: [" }, "import.unreadable"],
    [
      "a bomb of aliases",
      { "readme.md": readme(), "things.yaml": `${BOMB}actions: {a: *h}` },
      "import.too_large",
    ],
    [
      "a name that leads out",
      { ...provider(`list: {${GET}}`), "readme.md": "---\nid: ../../up\n---\n" },
      "import.slug",
    ],
    [
      "a name that is a number",
      { ...provider(`list: {${GET}}`), "readme.md": "---\nid: 5\n---\n" },
      "import.slug",
    ],
    [
      "a number as readme",
      { ...provider(`list: {${GET}}`), "readme.md": "---\n5\n---\n" },
      "import.not_agentos",
    ],
  ])("%s", async (_, files, code) => {
    const started = performance.now();
    await expect(importAgentos(folderOf(files))).rejects.toMatchObject({ code, name: "UserError" });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("whatever stands in it, the folder passes check and every action is there", () => {
  it.each<[string, string]>([
    ["nothing at all", "{}"],
    ["types that nobody wants", "{rest: 5, label: [a], description: {b: c}, params: [d], readonly: maybe}"],
    ["no request", "{rest: {}}"],
    ["a method of its own", "{rest: {method: 'G E T', url: https://a.example}}"],
    ["a host that the caller chooses", "{rest: {url: 'https://{{params.host}}/x'}}"],
    ["a caller's user before the host", "{rest: {url: 'https://{{params.a}}@a.example/x'}}"],
    ["another protocol", "{rest: {url: 'file:///etc/passwd'}}"],
    ["an old protocol", "{rest: {url: 'http://a.example/{{params.id}}'}}"],
    [
      "a template of somebody else",
      "{rest: {url: 'https://a.example', query: {a: '{{auth.token}}', b: '{% raw %}', c: '{{params.x'}}}",
    ],
    [
      "fields that every object has",
      "{rest: {url: https://a.example, body: {a: '{{params.constructor}}', b: '{{params.__proto__}}'}}}",
    ],
    [
      "headers across lines",
      '{rest: {url: https://a.example, headers: {X: "a\\r\\nB: c", "b c": d, Cookie: e}}}',
    ],
    ["a header as long as a book", `{rest: {url: https://a.example, headers: {X: "${"a".repeat(5000)}"}}}`],
    ["a URL as long as a book", `{rest: {url: "https://a.example/${"a".repeat(5000)}"}}`],
    [
      "a query that a caller continues",
      "{graphql: {url: https://a.example, query: '{ a(id: \"{{params.id}}\") }'}}",
    ],
    ["a query left open", "{graphql: {url: https://a.example, query: '{ a(id: \"{{ params.id\") }'}}"],
    [
      "variables that are none",
      "{graphql: {url: https://a.example, query: 'query($a: Int!) { a }', variables: {b: 1}}}",
    ],
    ["SQL that a caller continues", "{sql: {query: 'SELECT {{params.a}} FROM t'}}"],
    ["SQL with a quote left open", '{sql: {query: "SELECT \'{{params.a}} FROM t"}}'],
    ["a database above", "{sql: {database: '../../x.db', query: SELECT 1}}"],
    ["a database that a caller chooses", "{sql: {database: '/a/{{params.b}}', query: SELECT 1}}"],
    ["a script that a caller continues", "{applescript: {script: 'tell {{params.a}}'}}"],
    ["a script with a template left open", "{applescript: {script: 'say \"{{ params.a\"'}}"],
    ["raw events", "{applescript: {script: '«event sysoexec» \"x\"'}}"],
    ["a shell behind a comment", "{applescript: {script: 'do (* x *) shell script \"x\"'}}"],
    ["an endless script", `{applescript: {script: "${"(*".repeat(9000)}"}}`],
    ["a chain of nothing", "[]"],
    ["a chain of everything", "[5, a, null]"],
    ["a chain of chains", "[{steps: [{}]}, {as: params}]"],
    ["a chain that is too long", `[${"{rest: {url: https://a.example}},".repeat(30)}]`],
    [
      "a root out of the answer",
      "{rest: {url: https://a.example, response: {root: '../x', mapping: {a: '.b'}}}}",
    ],
    [
      "a mapping that is none",
      "{rest: {url: https://a.example, response: {mapping: {a: [1], b: {}, c: 'x(', d: null}}}}",
    ],
    [
      "a mapping of all at once",
      "{rest: {url: https://a.example, response: {mapping: '.a || .b', root: 5, static: {a: '{{x.y}}'}}}}",
    ],
    [
      "a mapping that doubles with each sign",
      `{rest: {url: https://a.example, response: {mapping: {a: "${".a + ".repeat(150)}.b", c: "${".a || ".repeat(150)}.b"}}}}`,
    ],
    [
      "parameters of strange names",
      "{params: {__proto__: {type: string}, 'a b': {type: string}, constructor: string}, rest: {url: https://a.example}}",
    ],
    [
      "parameters of strange types",
      "{params: {a: {type: frob, min: x, values: [1, 1], default: {a: b}}, b: 5, c: {type: object, properties: {d: {type: array, items: {type: enum, values: []}}}}}, rest: {url: https://a.example}}",
    ],
    [
      "texts that are too long",
      `{label: "${"l".repeat(500)}", description: "${"d ".repeat(5000)}", rest: {url: https://a.example}}`,
    ],
    [
      "hidden characters",
      '{label: "a\\u202eb", rest: {url: https://a.example, body: {"a\\u200bb": "c\\u0000d"}}}',
    ],
    ["two executors", "{rest: {url: https://a.example}, sql: {query: SELECT 1}}"],
  ])("%s", async (_, action) => {
    const { manifest, lost } = await bring(provider(`a: ${action}\nfine: {${GET}}\n`, "auth: {type: 7}"));
    expect(manifest.tools.map(({ name }) => name)).toContain("things_fine");
    const isThere = manifest.tools.some(({ name }) => name === "things_a");
    expect(isThere || lost.some((line) => line.startsWith("things.a: the action"))).toBe(true);
  });

  it.each([
    ["auth that is a text", "auth: bearer"],
    ["a header that none is", 'auth: {type: api_key, header: "a b\\r\\nc", prefix: 5}'],
    [
      "a sign-in at home",
      "auth: {type: oauth2, authorization_url: http://localhost/a, token_url: https://u:p@a.example}",
    ],
    [
      "scopes of all kinds",
      "auth: {type: oauth2, authorization_url: https://a.example, token_url: https://a.example, scopes: {a: 5, b: [x, 1, {}], __proto__: [y], '': [z]}}",
    ],
    [
      "whoami with an input",
      "auth: {type: bearer, actions: {whoami: {rest: {url: 'https://a.example/{{params.id}}'}}, other: {}}}",
    ],
    ["whoami that is a program", "auth: {type: bearer, actions: {whoami: {run: ls}}}"],
    ["an icon from elsewhere", "icon: ../../etc/passwd"],
    ["a website at home", "website: http://127.0.0.1/"],
    ["instructions as long as a book", `instructions: "${"word ".repeat(20_000)}"`],
    ["a secret", `instructions: "${["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_")}"`],
    [
      "everything wrong",
      "name: [a]\ndescription: {}\nplatform: amiga\nicon: 5\nwebsite: {}\ninstructions: [x]",
    ],
  ])("%s", async (_, lines) => {
    const { manifest } = await bring(provider(`fine: {${GET}}\n`, ...lines.split("\n")));
    expect(manifest.tools).toHaveLength(1);
  });

  it("any YAML at all, in the place of an action", async () => {
    const key = fc.constantFrom(
      "rest",
      "graphql",
      "sql",
      "applescript",
      "swift",
      "as",
      "params",
      "response",
      "mapping",
      "root",
      "static",
      "url",
      "query",
      "body",
      "variables",
      "script",
      "method",
      "encoding",
      "readonly",
      "id",
      "type",
      "__proto__",
    );
    const text = fc.constantFrom(
      "https://a.example/x",
      "{{params.id}}",
      "[].id",
      ".a ? 'b' : .c",
      "GET",
      "query($a: Int) { b }",
      "SELECT '{{params.q}}'",
      'say "{{params.q}}"',
      "form",
      "string",
      "true",
      "",
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        { arbitrary: fc.oneof(text, fc.constantFrom(null, 1, true)), weight: 3 },
        { arbitrary: fc.dictionary(key, tie("any"), { minKeys: 1, maxKeys: 6 }), weight: 4 },
        { arbitrary: fc.array(tie("any"), { maxLength: 3 }), weight: 1 },
      ),
    }));
    const block = fc.dictionary(key, any, { minKeys: 2, maxKeys: 8 });
    const executors = fc.record(
      { rest: block, graphql: block, sql: block, applescript: block, response: any, params: any, as: text },
      { requiredKeys: [] },
    );
    const action = fc.oneof(executors, fc.array(executors, { maxLength: 3 }), any);
    await fc.assert(
      fc.asyncProperty(action, async (action) => {
        const { manifest } = await bring(provider(`a: ${JSON.stringify(action)}\nfine: {${GET}}\n`));
        expect(manifest.tools.some(({ name }) => name === "things_fine")).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("two thousand actions, and not one more", async () => {
    const actions = (count: number): string =>
      Array.from({ length: count }, (_, index) => `a${index}: {${GET}}\n`).join("");
    expect((await bring(provider(actions(2000)))).manifest.tools).toHaveLength(2000);
    await expect(importAgentos(folderOf(provider(actions(2001))))).rejects.toMatchObject({
      code: "import.too_large",
    });
  });
});
