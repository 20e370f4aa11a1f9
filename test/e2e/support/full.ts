/** Manifests that between them hold every field there is. */
import type { Content } from "./project.ts";

const MANIFEST = `# Every field that does not exclude another one.
manifest_version: 1
provider_slug: full-house
display_name: Full House
summary: Holds every field that a manifest may have.
version: 1.2.3
homepage: https://full-house.example/
docs_url: https://full-house.example/docs
icon: icon.svg
platform: linux
instructions: |
  Ask for the shop first.
  Then list its orders.
naming_rule: HOUSE_{PLATFORM}_{KEY}
auth_mode: both
auth:
  oauth2:
    authorization_url: https://full-house.example/oauth/authorize
    token_url: https://full-house.example/oauth/token
    refresh_url: https://full-house.example/oauth/refresh
    grant: authorization_code
    pkce: true
    scopes:
      user: [orders.read]
      bot: [orders.write, orders.read]
  whoami:
    description: Who is signed in.
    rest:
      method: GET
      path: /me
      response:
        root: user
        mapping: {id: id, name: full_name, email: mail}
scopes:
  - name: orders.read
    type: oauth
    category: reading
    description: Read orders.
    requires_firearm: false
    source: https://full-house.example/docs/scopes#orders-read
    since: 2024-01-01.0
  - name: orders.write
    type: oauth
    category: writing
    description: Change and refund orders.
    requires_firearm: true
    firearm_type: REFUND_ISSUE
    source: https://full-house.example/docs/scopes#orders-write
    since: "1.1"
kpis:
  - raw: total_sales
    standard: gross_sales
    aggregation: sum
    unit: EUR
    description: All that was sold.
  - raw: basket_size
    standard: order_value
    aggregation: avg
budgets:
  - name: daily_ad_budget
    description: What a day may cost.
utm_capabilities: [email, social]
utm:
  static_params: {utm_source: full-house}
  allowed_variables: [campaign, medium]
  pattern: utm_campaign={campaign}&utm_medium={medium}
oauth_marketplace:
  free_testing_limit: 100 test users
  authorization_links: [https://full-house.example/marketplace]
  functional_summary: Reads and refunds orders.
base_url: https://{{account.SHOP}}.full-house.example/v1
schemas:
  Order:
    type: object
    properties:
      id: {type: string}
      parent: {$ref: "#/schemas/Order"}
tools:
  - name: get_order
    capability: order.read
    title: Get an order
    description: Gets one order by its id.
    scopes: [orders.read]
    side_effecting: false
    destructive: false
    idempotent: true
    input:
      type: object
      properties: {id: {type: string}}
      required: [id]
      additionalProperties: false
    output: {type: object, properties: {order: {$ref: "#/schemas/Order"}}}
    rest:
      method: GET
      path: /orders/{{ params.id }}
      query: {fields: all}
      headers: {X-Shop: "{{ account.SHOP }}"}
      encoding: json
      response: {root: data, mapping: {order: "$"}}
  - name: refund_order
    capability: order.refund
    description: Refunds an order.
    scopes: [orders.write]
    side_effecting: true
    destructive: true
    input:
      type: object
      properties: {id: {type: string}, amount: {type: number}}
      required: [id]
      additionalProperties: false
    rest:
      method: POST
      url: https://pay.full-house.example/refunds
      body: {order: "{{ params.id }}", amount: "{{ params.amount | default: 0 }}"}
      encoding: form
      response: {static: {refunded: true}}
`;

const MORE_TOOLS = `- name: search_orders
  capability: order.search
  description: Searches orders.
  scopes: [orders.read]
  input: {type: object, properties: {term: {type: string}}, additionalProperties: false}
  graphql:
    url: https://full-house.example/graphql
    query: |
      query Search($term: String!) { orders(term: $term) { id } }
    variables: {term: "{{ params.term }}"}
    response: {root: data.orders}
- name: local_orders
  description: Reads orders of the local copy.
  scopes: [orders.read]
  input: {type: object, properties: {after: {type: string}}, additionalProperties: false}
  sql:
    database: postgres
    query: select id, total from orders where created_at > :after
    params: {after: "{{ params.after }}"}
    response: {mapping: {id: id, total: total}}
- name: summarise_orders
  description: Sums orders up.
  scopes: [orders.read]
  handler: summarise
- name: order_with_customer
  description: Gets an order together with its customer.
  scopes: [orders.read]
  input: {type: object, properties: {id: {type: string}}, additionalProperties: false}
  steps:
    - as: order
      rest: {method: GET, path: "/orders/{{ params.id }}"}
    - as: customer
      rest: {method: GET, path: "/customers/{{ order.customer_id }}"}
`;

const SERVICE = `export async function summarise(input: { orders?: number[] }): Promise<{ total: number }> {
  return { total: (input.orders ?? []).reduce((sum, one) => sum + one, 0) };
}
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>\n`;

/** One folder with every field, its tools in two files, a service.ts and an icon. */
export const FULL = {
  "manifest.yaml": MANIFEST,
  "tools/more.yaml": MORE_TOOLS,
  "service.ts": SERVICE,
  "icon.svg": ICON,
} as const satisfies Content;

/** The same under another name. */
export function fullAs(slug: string): Content {
  return { ...FULL, "manifest.yaml": MANIFEST.replaceAll("full-house", slug) };
}

const head = (slug: string): string => `provider_slug: ${slug}\ndisplay_name: ${slug}\n`;

/** The kinds of `auth` that exclude each other, with what the normal form must hold of them. */
export const AUTHS: Readonly<
  Record<string, { manifest: string; auth: Record<string, unknown>; mode: string | null }>
> = {
  "auth-none": {
    manifest: `${head("auth-none")}auth: none\n`,
    auth: { type: "none" },
    mode: null,
  },
  "auth-key": {
    manifest: `${head("auth-key")}auth: {type: api_key, in: query, name: access_key, prefix: "k:"}\n`,
    auth: { type: "api_key", in: "query", name: "access_key", prefix: "k:" },
    mode: "byok",
  },
  "auth-bearer": {
    manifest: `${head("auth-bearer")}auth: bearer\nauth_mode: byok\n`,
    auth: { type: "bearer" },
    mode: "byok",
  },
  "auth-basic": {
    manifest: `${head("auth-basic")}auth: {type: basic}\n`,
    auth: { type: "basic" },
    mode: "byok",
  },
  "auth-machine": {
    manifest: `${head("auth-machine")}auth:
  type: oauth2
  token_url: https://auth-machine.example/token
  grant: client_credentials
  pkce: false
  scopes: [b, a]
scopes: [{name: a}, {name: b}]
`,
    auth: {
      type: "oauth2",
      token_url: "https://auth-machine.example/token",
      grant: "client_credentials",
      pkce: false,
      scopes: { default: ["a", "b"] },
    },
    mode: "oauth",
  },
  "auth-local": {
    manifest: `${head("auth-local")}auth: {type: local_path, file_extensions: [.sqlite, .db], description: The shop's file.}\n`,
    auth: { type: "local_path", file_extensions: [".db", ".sqlite"], description: "The shop's file." },
    mode: null,
  },
};
