import type { CommandDefinition, OptionDefinition } from "./definitions.ts";

/** What every format of description can be imported with. */
const LANDING: readonly OptionDefinition[] = [
  {
    flags: "--slug <slug>",
    description: "the connector's provider_slug and folder; from the description if absent",
  },
  {
    flags: "--dry-run",
    description: "say what would be written and what could not be carried over, and write nothing",
  },
  {
    flags: "--prefer <side>",
    description: "whose word counts where a person and the new import changed the same thing",
    choices: ["folder", "import"],
  },
];

/** `sentinel import`: a connector's folder from a description that exists. */
export const IMPORT: CommandDefinition = {
  name: "import",
  summary: "make a connector's folder of a description that exists",
  description:
    "Makes connectors/<slug>/ of a description that exists, and lists whatever could not be carried over.\nImported again, it is merged: what people changed stays, what the description changed comes in, and what both changed differently is named and nothing is written.",
  examples: [["sentinel import openapi https://api.example.com/openapi.json", "from a URL"]],
  commands: [
    {
      name: "openapi",
      args: "<file-or-url>",
      summary: "from Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2",
      description:
        "One tool for each operation, every scope with its description, and how to sign in. References out of the document are not followed. Which operations: tag:NAME, path:/pets/** or operation:ID (also METHOD /path), as often as you like.",
      options: [
        ...LANDING,
        { flags: "--include <which>", description: "only these operations", kind: "list" },
        { flags: "--exclude <which>", description: "all operations but these", kind: "list" },
        { flags: "--read-only", description: "only operations that change nothing" },
      ],
      examples: [
        ["sentinel import openapi petstore.yaml", "all of it"],
        ["sentinel import openapi big.json --include tag:orders --slug shop", "a part of it, under a name"],
        ["sentinel import openapi newer.yaml --slug shop --dry-run", "what a newer document would change"],
      ],
      load: () => import("./commands/import.ts").then(({ openapi }) => openapi),
    },
    {
      name: "agentos",
      args: "<folder>",
      summary: "from an AgentOS provider",
      description:
        "Of readme.md and the mappings (<app>.yaml): one tool for each action, with its requests, chains and SQL; mappings become JSONata with the same result, and scripts get values as arguments. What would run as a program becomes a declared tool. The apps' own descriptions come from the folder of tools.",
      options: [
        ...LANDING,
        {
          flags: "--tools <folder>",
          description:
            "the folder of the apps' schemas; default: ../../tools beside the provider, if it is there",
        },
        { flags: "--base-url <url>", description: "where GraphQL is asked, when the folder does not say" },
      ],
      examples: [
        ["sentinel import agentos providers/todoist", "connectors/todoist/"],
        [
          "sentinel import agentos linear --tools tools --base-url https://api.linear.app/graphql",
          "with the folder of tools, and the URL that is missing",
        ],
      ],
      load: () => import("./commands/import-agentos.ts"),
    },
    {
      name: "argentos",
      args: "<folder>",
      summary: "from an ArgentOS connector",
      description:
        "Of connector.json and permissions.json: commands become declared tools with the worker fields as their inputs, service keys become names in the vault and fields of the account. A declared tool does not say how it does its work, so it can't be approved or served until somebody adds that.",
      options: [...LANDING],
      examples: [
        ["sentinel import argentos tools/aos/aos-github", "connectors/github/"],
        ["sentinel import argentos aos-jira --slug jira-cloud --dry-run", "what would come of it"],
      ],
      load: () => import("./commands/import-argentos.ts"),
    },
    {
      name: "contract",
      args: "<file>",
      summary: "from a God Config contract",
      description:
        "The scopes, UTM schema and ways to sign in of a {PROVIDER}_CONNECTOR_CONTRACT.json. Its keys must be exactly those of docs/contract.md; what only a person decides must be blank.",
      options: [...LANDING],
      examples: [
        ["sentinel import contract TIKTOK_CONNECTOR_CONTRACT.json", "connectors/tiktok/"],
        ["sentinel import contract tiktok.json --format json", "what is wrong with it, as data"],
      ],
      load: () => import("./commands/import-contract.ts"),
    },
  ],
};
