import { SCHEMA_COMMENT, vaultPlatform } from "../manifest/index.ts";

/** A display name from a slug: "tiktok-ads" → "Tiktok Ads". */
export function nameFromSlug(slug: string): string {
  return slug.replace(
    /(?:^|[-_])(.)/g,
    (part, letter: string) => `${part.length > 1 ? " " : ""}${letter.toUpperCase()}`,
  );
}

/** The manifest of a new connector: it passes `check` as it stands, and says at each field what to write instead. */
export function skeletonManifest(slug: string, name: string): string {
  return `${SCHEMA_COMMENT}
# What ${name} is, may do and gives, in one place: mcp.ts and the registry follow from this file.
# After each change: sentinel check ${slug}
manifest_version: 1
provider_slug: ${JSON.stringify(slug)} # the folder's name
display_name: ${JSON.stringify(name)}
summary: "What an agent can do with it, in one sentence."
version: "0.1.0" # content that was approved never changes: a fix is a new version
homepage: "https://example.com"
docs_url: "https://example.com/docs"

# How a connection gets its credentials: none, api_key, bearer, basic, oauth2 or local_path.
# Values never stand here: they are stored in the vault under the name that naming_rule gives,
# for this one ${vaultName(slug)}.
auth:
  type: "bearer"

# Below it lies the path of every tool; {{account.NAME}} may stand for a part of the host.
base_url: "https://api.example.com/v1"

# What the provider lets an app ask for, in its own words, each with the page that says so.
# requires_firearm is a proposal: an agent needs a person's permission to use such a scope.
scopes:
  - name: "items.read"
    description: "Read items."
    source: "https://example.com/docs/scopes#items-read"
  - name: "items.write"
    description: "Change items."
    requires_firearm: true
    firearm_type: "system"
    source: "https://example.com/docs/scopes#items-write"

# The provider's figures: its own name, and the one that the house uses for the same thing.
# Each must lead to a core KPI before a person can approve the connector; delete the list if there are none.
kpis:
  - raw: "total_sales"
    standard: "gross_sales"
    aggregation: "sum"
    unit: "currency"

# One entry for each thing that an agent can do. Exactly one of rest, graphql, sql, handler or steps says how.
tools:
  - name: "get_item"
    capability: "item.read"
    title: "Get an item"
    description: "Gets one item by its id."
    scopes: ["items.read"]
    input:
      type: "object"
      properties:
        id: { type: "string", description: "The item's id." }
      required: ["id"]
    rest:
      method: "GET"
      path: "/items/{{ params.id }}"
      response:
        mapping: { id: "id", name: "name" }

  - name: "rename_item"
    capability: "item.update"
    title: "Rename an item"
    description: "Gives one item another name."
    scopes: ["items.write"]
    side_effecting: true # it changes something
    idempotent: true # a second call changes nothing more
    input:
      type: "object"
      properties:
        id: { type: "string", description: "The item's id." }
        name: { type: "string", description: "Its new name." }
      required: ["id", "name"]
      additionalProperties: false # where something changes, nothing goes along unseen
    rest:
      method: "PATCH"
      path: "/items/{{ params.id }}"
      body: { name: "{{ params.name }}" }
`;
}

function vaultName(slug: string): string {
  return `PROVIDER_${vaultPlatform(slug)}_ACCESS_TOKEN`;
}

/** The tests.yaml of a new connector: one case of each kind that certification asks for. */
export function skeletonTests(): string {
  return `# What each tool should do, as calls with recorded answers: docs/manifest.md says what may stand here.
cases:
  - name: "without a credential"
    tool: "get_item"
    input: { id: "1" }
    credentials: "missing"
    expect: { error: "needs_setup" }

  # For each read: what the provider answers, and what the tool makes of it.
  - name: "an item"
    tool: "get_item"
    input: { id: "1" }
    responses:
      - body: { id: "1", name: "First", internal: true }
    expect:
      output: { id: "1", name: "First" }

  # For each write: it is refused where nothing may be changed.
  - name: "rename_item in readonly"
    tool: "rename_item"
    input: { id: "1", name: "Second" }
    mode: "readonly"
    expect: { error: "mode_refused" }
`;
}

/** The README of a new connector. */
export function skeletonReadme(slug: string, name: string): string {
  return `# ${name}

One connector: \`manifest.yaml\` says everything, \`mcp.ts\` is generated from it. Do not edit \`mcp.ts\`.

1. Replace what stands in \`manifest.yaml\` by what ${name}'s official documentation says.
2. \`sentinel check ${slug}\` says what is wrong, where, and what to write instead.
3. \`sentinel run\` writes \`mcp.ts\` and registers the draft.
4. \`sentinel certify ${slug}\` says what is missing for certification; cases for each tool stand in \`tests.yaml\`.
5. A person reviews it: \`sentinel review show ${slug}\`.

What a declaration can't say goes to \`service.ts\`: export a function and name it as a tool's \`handler\`.

## Set-up

<!-- Where a person gets the credential, with which rights. Its name in the vault: ${vaultName(slug)} -->

## Known limitations

<!-- What it can't do, how often it may be called, what surprises. -->
`;
}
