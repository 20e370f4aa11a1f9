import { SMALLEST } from "./folder.ts";

/** A fault: its name, the files of a folder named `shopify`, and where which finding is expected. */
export type Fault = readonly [
  name: string,
  files: string | Record<string, string | Buffer>,
  places: string[],
];

/** The smallest manifest with lines after its 14. */
const plus = (lines: string): string => `${SMALLEST}${lines}\n`;
/** A tool of the given lines, which start at line 17. */
const tool = (...lines: string[]): string =>
  plus(`tools:\n  - name: t\n${lines.map((line) => `    ${line}`).join("\n")}`);
const REST = "rest: {method: GET, url: https://a.example}";
const nested = (depth: number): string => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

/** Faults of the text and of YAML. */
export const TEXT_FAULTS: readonly Fault[] = [
  ["an open quote", plus('summary: "x\nplatform: al'), ["15:10 yaml.syntax", "16:11 manifest.not_allowed"]],
  [
    "an open bracket",
    plus("utm: {pattern: x\nplatform: al"),
    ["15:6 yaml.syntax", "16:11 manifest.not_allowed"],
  ],
  ["a tab", plus("utm:\n\tpattern: x"), ["16:1 yaml.syntax"]],
  ["a second colon", plus("summary: a: b"), ["15:11 yaml.syntax"]],
  ["a line without a colon", plus("summary Sells\nplatform: all"), ["15:1 yaml.syntax"]],
  ["crooked indentation", plus("budgets:\n  - name: a\n - name: b"), ["17:2 yaml.syntax"]],
  ["text after a quote", plus("summary: 'it's'"), ["15:14 yaml.syntax"]],
  ["a reserved character", plus("summary: @x"), ["15:10 yaml.syntax"]],
  ["nothing but comments", "# nothing\n\n", ["1:1 yaml.empty"]],
  ["nothing at all", "", ["1:1 yaml.empty"]],
  [
    "an anchor and an alias",
    plus("summary: &a x\ninstructions: *a"),
    ["15:10 yaml.anchor", "16:15 yaml.alias"],
  ],
  ["a tag", plus("summary: !!str x"), ["15:10 yaml.tag"]],
  ["an unknown tag", plus("summary: !x x"), ["15:10 yaml.tag"]],
  ["a %YAML directive", `%YAML 1.1\n---\n${SMALLEST}`, ["1:1 yaml.directive"]],
  ["a merge key", plus("utm:\n  <<: {pattern: x}"), ["16:3 yaml.merge_key"]],
  ["a second document", plus("---\nsummary: x"), ["16:1 yaml.several_documents"]],
  ["64 levels and one more", plus(`schemas: {A: {default: ${nested(62)}}}`), ["15:85 yaml.too_deep"]],
  ["1,000 levels", plus(`schemas: ${nested(1000)}`), ["15:137 yaml.too_deep"]],
  ["a duplicate key", plus("summary: a\nsummary: b"), ["16:1 yaml.duplicate_key"]],
  ["a duplicate key in quotes", plus("utm:\n  pattern: a\n  'pattern': b"), ["17:3 yaml.duplicate_key"]],
  ["a duplicate numeric key", plus('utm: {static_params: {1: a, "1": b}}'), ["15:29 yaml.duplicate_key"]],
  ["a duplicate key in NFD", plus("utm: {static_params: {é: a, e\u0301: b}}"), ["15:29 yaml.duplicate_key"]],
  ["__proto__", plus("utm: {static_params: {__proto__: a}}"), ["15:23 yaml.forbidden_key"]],
  [
    "constructor and prototype",
    plus("schemas: {constructor: {}, prototype: {}}"),
    ["15:11 yaml.forbidden_key", "15:28 yaml.forbidden_key"],
  ],
  ["a list as a key", plus("? [a]\n: b"), ["15:3 yaml.key_not_text"]],
  ["no", plus("summary: no"), ["15:10 yaml.ambiguous_value"]],
  ["a boolean of YAML 1.1", SMALLEST.replace("false", "off"), ["6:23 yaml.ambiguous_value"]],
  ["0777", plus("summary: 0777"), ["15:10 yaml.ambiguous_value"]],
  ["a number that no double holds", plus("summary: 12345678901234567890"), ["15:10 yaml.ambiguous_value"]],
  ["an infinity", plus("schemas: {A: {maximum: .inf}}"), ["15:24 yaml.ambiguous_value"]],
  [
    "bad UTF-8",
    { "manifest.yaml": Buffer.from([...Buffer.from(SMALLEST), 0xc3, 0x28]) },
    ["1:1 file.not_utf8"],
  ],
  ["UTF-16", { "manifest.yaml": Buffer.from(`\ufeff${SMALLEST}`, "utf16le") }, ["1:1 file.not_utf8"]],
  ["a byte order mark", `\ufeff${SMALLEST}`, ["1:1 file.byte_order_mark"]],
  ["a BOM inside", plus("summary: a\ufeffb"), ["15:11 file.hidden_character"]],
  ["NUL", plus("summary: a\0b"), ["15:11 file.hidden_character"]],
  ["ESC", plus("summary: a\u001b[31mb"), ["15:11 file.hidden_character"]],
  ["a bidi override", plus("summary: a\u202eb"), ["15:11 file.hidden_character"]],
  [
    "a zero-width space in a key",
    SMALLEST.replace("display_name", "display\u200b_name"),
    ["2:8 file.hidden_character"],
  ],
  ["a tag character behind an emoji", plus("summary: 😀\u{e0041}"), ["15:11 file.hidden_character"]],
  ["a bidi override by an escape", plus('summary: "a\\u202eb"'), ["15:10 file.hidden_character"]],
  ["a lone surrogate by an escape", plus('summary: "a\\ud800b"'), ["15:10 file.hidden_character"]],
];

/** Faults of shape. */
export const SHAPE_FAULTS: readonly Fault[] = [
  [
    "a file somewhere above",
    tool("sql: {file: ~/a/../b.db, query: SELECT 1}"),
    ["17:17 manifest.bad_format"],
  ],
  ["a list", "- a\n- b\n", ["1:1 manifest.not_a_map"]],
  ["a text", "hello\n", ["1:1 manifest.not_a_map"]],
  [
    "a tools file that is a map",
    { "manifest.yaml": SMALLEST, "tools/a.yaml": "name: x\n" },
    ["tools/a.yaml 1:1 manifest.not_a_map"],
  ],
  [
    "a tools file of schemas and what is none",
    { "manifest.yaml": SMALLEST, "tools/a.yaml": "schemas: {A: {type: strin}}\nkpis: []\n" },
    ["tools/a.yaml 1:21 schema.invalid", "tools/a.yaml 2:1 manifest.unknown_key"],
  ],
  [
    "a schema that another file has",
    {
      "manifest.yaml": plus("schemas: {A: {type: string}}"),
      "tools/a.yaml": "schemas: {A: {type: object}, B: {}}\n",
      "tools/b.yaml": "schemas: {B: {}}\ntools: []\n",
    },
    ["tools/a.yaml 1:11 list.duplicate", "tools/b.yaml 1:11 list.duplicate"],
  ],
  ["a misspelt key", plus("sumary: x"), ["15:1 manifest.unknown_key"]],
  ["a missing key", SMALLEST.replace('display_name: "Shopify"\n', ""), ["1:1 manifest.missing_key"]],
  ["a scope without a name", plus("budgets:\n  - description: x"), ["16:5 manifest.missing_key"]],
  ["a number for text", plus("version: 1.10"), ["15:10 manifest.wrong_type"]],
  ["a text for a boolean", SMALLEST.replace("false", '"false"'), ["6:23 manifest.wrong_type"]],
  ["a key without a value", plus("summary:"), ["15:1 manifest.wrong_type"]],
  ["a map for a list", plus("tools: {a: b}"), ["15:8 manifest.wrong_type"]],
  ["a word that is not allowed", plus("platform: mac"), ["15:11 manifest.not_allowed"]],
  ["another manifest_version", plus("manifest_version: 2"), ["15:19 manifest.not_allowed"]],
  ["a version that is none", plus('version: "1.0"'), ["15:10 manifest.bad_format"]],
  ["http", plus("homepage: http://a.example"), ["15:11 manifest.bad_format"]],
  ["a summary of 161", plus(`summary: ${"x".repeat(161)}`), ["15:10 manifest.too_long"]],
  ["an empty handler list", plus("tools:\n  - name: t\n    steps: []"), ["17:12 manifest.too_short"]],
  [
    "a danger level",
    SMALLEST.replace("requires_firearm: true", "danger_level: 3"),
    ["8:5 manifest.gating_field"],
  ],
  ["an allow-list", plus("allow_list: []"), ["15:1 manifest.gating_field"]],
  ["a risk score on a tool", tool("risk_score: 1", REST), ["17:5 manifest.gating_field"]],
  ["a run block", tool("run: rm -rf /", REST), ["17:5 manifest.run_block"]],
  ["a secret under auth", plus("auth: {type: bearer, token: abc}"), ["15:22 manifest.secret_field"]],
  ["a secret as the kind of auth", plus("auth: {api_key: abcdef}"), ["15:17 manifest.wrong_type"]],
  ["an unknown kind of auth", plus("auth: oauth"), ["15:7 manifest.not_allowed"]],
  ["auth without its name", plus("auth: {type: api_key}"), ["15:7 manifest.missing_key"]],
  [
    "the value of a key",
    plus("auth: {type: keys, keys: [{name: A, value: x}]}"),
    ["15:37 manifest.secret_field"],
  ],
  ["a bad name of a schema", plus("schemas: {a-b: {}}"), ["15:11 manifest.bad_format"]],
  [
    "a limit that is neither text nor a number",
    plus("oauth_marketplace: {free_testing_limit: true}"),
    ["15:41 manifest.wrong_type"],
  ],
  ["a word for the kind of auth", plus("auth: {kind: bearer}"), ["15:8 manifest.not_allowed"]],
  ["a word for the fields of an auth", plus("auth: {local_path: x}"), ["15:20 manifest.wrong_type"]],
];

/** Faults against rules. */
export const RULE_FAULTS: readonly Fault[] = [
  ["another folder's slug", SMALLEST.replace('"shopify"', "shop"), ["1:16 manifest.slug_mismatch"]],
  ["two sentences", plus("summary: Sells things. Buys things."), ["15:10 manifest.summary"]],
  ["a naming rule without a key", plus("naming_rule: PROVIDER_{PLATFORM}"), ["15:14 manifest.naming_rule"]],
  ["an icon that is not there", plus("icon: icon.svg"), ["15:7 manifest.icon_missing"]],
  ["params in a host", plus("base_url: https://{{params.x}}.example"), ["15:11 manifest.account_template"]],
  ["a password in a URL", plus("homepage: https://me:x@a.example"), ["15:11 manifest.secret_field"]],
  [
    "a code grant without its page",
    plus("auth: {type: oauth2, token_url: https://a.example/t}"),
    ["15:7 manifest.missing_key"],
  ],
  ["two scopes of one name", plus("").replace("write_products", "read_orders"), ["7:11 scope.duplicate"]],
  [
    "a firearm_type without a firearm",
    SMALLEST.replace("requires_firearm: false", "firearm_type: X"),
    ["6:5 scope.firearm_type"],
  ],
  [
    "two KPIs of one name",
    plus("kpis: [{raw: a, standard: b}, {raw: a, standard: c}]").replace(/kpis:\n.*\n.*\n/, ""),
    ["12:37 kpi.duplicate"],
  ],
  [
    "two keys of one name",
    plus("auth: {type: keys, keys: [{name: A}, {name: A}]}"),
    ["15:45 list.duplicate"],
  ],
  ["a content type twice", SMALLEST.replace('"social"', "email"), ["14:5 list.duplicate"]],
  ["an unknown UTM variable", plus("utm: {pattern: 'a={b}'}"), ["15:16 utm.unknown_variable"]],
  [
    "two tools of one name, over files",
    { "manifest.yaml": tool(REST), "tools/a.yaml": `- name: t\n  ${REST}\n` },
    ["tools/a.yaml 1:9 tool.duplicate"],
  ],
  ["a scope that is not declared", tool(REST, "scopes: [read_order]"), ["18:14 tool.unknown_scope"]],
  ["no executor", tool("title: T"), ["16:11 tool.no_executor"]],
  ["two executors", tool(REST, "handler: f"), ["18:5 tool.several_executors", "18:14 tool.handler_missing"]],
  ["an open input", tool("side_effecting: true", "input: {type: object}", REST), ["18:5 tool.open_input"]],
  ["destructive without side effects", tool("destructive: true", REST), ["17:18 tool.destructive"]],
  [
    "a DELETE that says it is a read",
    tool("rest: {method: DELETE, url: https://a.example}"),
    ["17:20 tool.method"],
  ],
  [
    "a step that deletes in what says it is a read",
    tool("steps: [{rest: {method: DELETE, url: https://a.example}}]"),
    ["17:29 tool.method"],
  ],
  [
    "a mutation below a comment",
    tool('graphql: {url: https://a.example, query: "# hello\\nmutation { a }"}'),
    ["17:46 tool.method"],
  ],
  ["a whoami that does nothing", plus("auth: {bearer: {whoami: {}}}"), ["15:17 manifest.missing_key"]],
  [
    "a whoami that says twice what it does",
    plus(`auth: {type: bearer, whoami: {${REST}, graphql: {url: https://a.example, query: "{a}"}}}`),
    ["15:76 tool.several_executors"],
  ],
  [
    "a scope of auth that is not declared",
    plus(
      "auth: {oauth2: {grant: client_credentials, token_url: https://a.example, scopes: {user: [read_orders, x]}}}",
    ),
    ["15:103 scope.undeclared"],
  ],
  [
    "a required field that is not described",
    tool("input: {type: object, properties: {a: {}}, required: [a, b]}", REST),
    ["17:62 schema.required"],
  ],
  [
    "a GraphQL variable that is not declared, and one that is not given",
    tool(
      'graphql: {url: https://a.example, query: "query ($a: [Int!]!, $b: Int, $c: Int! = 1) {x}", variables: {d: 1}}',
    ),
    ["17:46 tool.graphql_variable", "17:108 tool.graphql_variable"],
  ],
  [
    "a handler that is not exported",
    { "manifest.yaml": tool("handler: f"), "service.ts": "// export function f\n" },
    ["17:14 tool.handler_missing"],
  ],
  [
    "an enum in service.ts",
    {
      "manifest.yaml": tool("handler: f"),
      "service.ts":
        "export const f = () => 1;\n\nexport enum A { B }\nclass C { constructor(private d: 1) {} }\n",
    },
    ["service.ts 3:8 tool.handler_syntax", "service.ts 4:23 tool.handler_syntax"],
  ],
  [
    "types in service.ts that look like code",
    {
      "manifest.yaml": tool("handler: f"),
      "service.ts":
        "declare enum A { B }\nnamespace N { export type T = A }\n/* enum B { } */ export const f = () => 1;\n",
    },
    [],
  ],
  [
    "an enum in a service.ts that nothing is run from",
    { "manifest.yaml": tool(REST), "service.ts": "enum A { B }\n" },
    [],
  ],
  [
    "both path and url",
    tool("rest: {method: GET, path: /a, url: https://a.example}"),
    ["17:25 tool.path_and_url"],
  ],
  ["a path without base_url", tool("rest: {method: GET, path: /a}"), ["17:31 tool.no_base_url"]],
  [
    "a credential header",
    tool("rest: {method: GET, url: https://a.example, headers: {Authorization: x}}"),
    ["17:59 manifest.secret_field"],
  ],
  [
    "a style of a field that is not there",
    tool("rest: {method: GET, url: https://a.example, query: {a: b}, query_styles: {c: comma}}"),
    ["17:79 tool.field_style"],
  ],
  [
    "a file in a body that is no form",
    tool("rest: {method: GET, url: https://a.example, files: [a]}"),
    ["17:49 tool.field_style"],
  ],
  [
    "an account's default that is not among its values",
    plus("account_fields: [{name: region, default: us, values: [eu]}]"),
    ["15:42 manifest.not_allowed"],
  ],
  [
    "static beside mapping",
    tool("rest: {method: GET, url: https://a.example, response: {mapping: a, static: b}}"),
    ["17:72 tool.response"],
  ],
  ["a step without a name", tool(`steps: [{${REST}}, {${REST}}]`), ["17:13 tool.step_name"]],
  [
    "a step by a word of Liquid's",
    tool(`steps: [{as: empty, ${REST}}, {${REST}}]`),
    ["17:18 tool.step_name"],
  ],
  ["a template in SQL", tool('sql: {query: "SELECT {{ params.x }}"}'), ["17:18 tool.sql_template"]],
  ["no SQL query", tool("sql: {database: postgres}"), ["17:5 tool.sql_query"]],
  [
    "two SQL queries, one of them in no field of the input",
    tool("sql: {query: SELECT 1, query_field: sql, params: {a: b}}"),
    [
      "17:5 tool.sql_query",
      "17:41 template.unknown_variable",
      "17:46 tool.sql_query",
      "17:55 tool.sql_parameter",
    ],
  ],
  [
    "an agent's own SQL in a tool that is not destructive",
    tool(
      "side_effecting: true",
      "input: {type: object, properties: {sql: {type: string}}, additionalProperties: false}",
      "sql: {query_field: sql}",
    ),
    ["19:24 tool.sql_query"],
  ],
  [
    "a file that PostgreSQL would be in",
    tool("sql: {database: postgres, file: ~/a.db, query: SELECT 1}"),
    ["17:31 tool.sql_query"],
  ],
  [
    "a template in a script",
    tool("applescript: {script: 'say \"{{ params.x }}\"'}"),
    ["17:27 tool.applescript"],
  ],
  [
    "a script that starts a shell, over two lines and a comment",
    tool("applescript:", "  script: |", "    do ¬", "     (* and *) shell script x"),
    ["19:1 tool.applescript"],
  ],
  [
    "an argument that the input does not have",
    tool("applescript: {script: on run argv, args: ['{{ params.x }}']}"),
    ["17:47 template.unknown_variable"],
  ],
  ["an SQL parameter that is not bound", tool('sql: {query: "SELECT :x"}'), ["17:18 tool.sql_parameter"]],
  [
    "an SQL parameter in a list of PostgreSQL's that is not bound",
    tool('sql: {database: postgres, query: "SELECT array[:x]"}'),
    ["17:38 tool.sql_parameter"],
  ],
  [
    "a type that is none",
    tool("input: {type: object, properties: {a: {type: strin}}}", REST),
    ["17:50 schema.invalid"],
  ],
  ["an input that is no object", tool("input: {type: string}", REST), ["17:5 schema.not_an_object"]],
  [
    "a $ref to nothing",
    tool('input: {type: object, properties: {a: {$ref: "#/schemas/A"}}}', REST),
    ["17:50 schema.unknown_ref"],
  ],
  [
    "a pattern with a back-reference",
    tool("input: {type: object, properties: {a: {pattern: '(a)\\1'}}}", REST),
    ["17:53 schema.pattern"],
  ],
  [
    "a placeholder as OpenAPI writes it",
    tool("rest: {method: GET, url: 'https://a.example/{id}'}"),
    ["17:30 template.single_braces"],
  ],
  [
    "a mapping that is no expression",
    tool("rest: {method: GET, url: https://a.example, response: {mapping: {a: b.c, d: 'e ?'}}}"),
    ["17:81 tool.mapping"],
  ],
  [
    "an open template",
    tool('rest: {method: GET, url: "https://a.example/{{ params.x"}'),
    ["17:30 template.syntax"],
  ],
  [
    "an unknown filter",
    tool('rest: {method: GET, url: "https://a.example/{{ account.x | upcase }}"}'),
    ["17:30 template.unknown_filter"],
  ],
  [
    "an unknown parameter",
    tool('rest: {method: GET, url: "https://a.example/{{ params.x }}"}'),
    ["17:30 template.unknown_variable"],
  ],
  [
    "a secret from a template",
    tool('rest: {method: GET, url: "https://a.example/{{ vault.x }}"}'),
    ["17:30 template.unknown_variable"],
  ],
];
