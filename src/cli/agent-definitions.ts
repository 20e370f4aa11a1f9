import type { CommandDefinition, OptionDefinition } from "./definitions.ts";

const CONNECTOR = "<connector[:account]>";
const FOR: OptionDefinition = { flags: "--for <time>", description: "how long it lasts: 45m, 12h, 7d" };

const VAULT: CommandDefinition = {
  name: "vault",
  summary: "secrets of connectors' accounts: set, list, rotate, delete",
  description:
    "Secrets that connectors are used with. They are sealed before they reach the registry, and no command ever gives a value back. docs/runtime.md names the master key's places.",
  examples: [
    ["sentinel vault list todoist", "what todoist asks for, and what is stored"],
    ["sentinel vault set todoist ACCESS_TOKEN", "asks for the value, without showing it"],
    ["sentinel vault set shopify:eu API_KEY < key.txt", "from a file, for the account eu"],
  ],
  commands: [
    {
      name: "set",
      args: `${CONNECTOR} [key]`,
      summary: "store a secret",
      description:
        "Stores a secret, read from a prompt that does not show it or from standard input; never from the command line, where others see it. One line end at its end does not count. Without a key: the only one that the connector asks for.",
      options: [{ flags: "--any", description: "also a key that the connector does not ask for" }],
      excess:
        'Pipe the value in: `printf %s "$VALUE" | sentinel vault set …`; one that stood on the command line may have been seen, so change it.',
      examples: [
        ["sentinel vault set todoist ACCESS_TOKEN", "at a prompt"],
        ["sentinel vault set todoist ACCESS_TOKEN < token.txt", "from a file"],
      ],
      load: () => import("./commands/vault/set.ts"),
    },
    {
      name: "list",
      args: "[connector]",
      summary: "which secrets are stored, never their values",
      description:
        "Lists accounts and the names of their secrets; for one connector also what it asks for and does not have.",
      examples: [["sentinel vault list", "everything"]],
      load: () => import("./commands/vault/list.ts"),
    },
    {
      name: "rotate",
      summary: "seal every secret with a new master key",
      description:
        "Seals every secret anew. Where the Sentinel made the key itself (embedded registry) it makes a new one; else the first key of SENTINEL_VAULT_KEY or its file is used, and the ones behind it open what is there.",
      examples: [
        ["sentinel vault rotate", "the embedded registry's key"],
        [
          "sentinel vault rotate",
          "with SENTINEL_VAULT_KEY=new,old: from the old to the new; then drop the old",
        ],
      ],
      load: () => import("./commands/vault/rotate.ts"),
    },
    {
      name: "delete",
      args: `${CONNECTOR} [key]`,
      summary: "delete a secret, or a whole account",
      description: "Deletes one secret; with --all the account and all that it has.",
      options: [{ flags: "--all", description: "the account with all its secrets and fields" }],
      examples: [
        ["sentinel vault delete todoist ACCESS_TOKEN", "one secret"],
        ["sentinel vault delete shopify:eu --all", "the account eu"],
      ],
      load: () => import("./commands/vault/delete.ts"),
    },
  ],
};

const ACCOUNT: CommandDefinition = {
  name: "account",
  summary: "what an account of a connector is told besides its secrets",
  description:
    "Fields of accounts, such as a region or a shop's name (account_fields of the manifest). They are no secrets: secrets belong into the vault.",
  examples: [["sentinel account set shopify:eu shop=acme-eu", "the field shop of the account eu"]],
  commands: [
    {
      name: "set",
      args: `${CONNECTOR} [field=value...]`,
      summary: "make an account, or set its fields",
      description:
        "Makes an account if there is none, and sets fields that the connector declares or uses; an empty value takes a field away.",
      options: [{ flags: "--any", description: "also a field that the connector does not use" }],
      examples: [["sentinel account set shopify shop=acme", "the default account"]],
      load: () => import("./commands/account/set.ts"),
    },
  ],
};

const GRANT: CommandDefinition = {
  name: "grant",
  summary: "firearms of agents: add, list, revoke",
  description:
    "What a person lets an agent do: a firearm of a type, with an end, and with a number of uses if you like. A broad type (financial, communication, system) covers the licences within it.",
  examples: [
    ["sentinel grant add ann REFUND_ISSUE --for 2h --uses 3", "three refunds within two hours"],
    ["sentinel grant list ann", "what ann holds"],
  ],
  commands: [
    {
      name: "add",
      args: "<agent> <type>",
      summary: "give an agent a firearm",
      description: "Gives an agent a firearm. It ends after a week unless told otherwise.",
      options: [
        FOR,
        {
          flags: "--uses <count>",
          description: "how many calls it is good for; without: any number",
          kind: "whole",
        },
        { flags: "--reason <text>", description: "why, for the record" },
      ],
      examples: [["sentinel grant add ann financial --for 1d", "anything financial, for a day"]],
      load: () => import("./commands/grant.ts").then(({ add }) => add),
    },
    {
      name: "list",
      args: "[agent]",
      summary: "who holds what",
      description: "Lists grants, those that are over included.",
      options: [{ flags: "--good", description: "only those that are good now" }],
      examples: [["sentinel grant list", "all of them"]],
      load: () => import("./commands/grant.ts").then(({ list }) => list),
    },
    {
      name: "revoke",
      args: "<grant-id>",
      summary: "take a firearm back",
      description: "Takes a grant back, at once and for good.",
      examples: [["sentinel grant revoke 3f0c…", "by the id that list shows"]],
      load: () => import("./commands/grant.ts").then(({ revoke }) => revoke),
    },
  ],
};

const AGENT: CommandDefinition = {
  name: "agent",
  summary: "tokens by which agents are known over HTTP: add, list, revoke",
  description:
    "Over HTTP an agent is who its token says. The registry knows only a token's hash; the token is shown once, when it is made.",
  examples: [["sentinel agent add ann", "prints ann's token"]],
  commands: [
    {
      name: "add",
      args: "<agent>",
      summary: "make a token for an agent",
      description: "Makes a token for an agent and prints it, once.",
      options: [FOR],
      examples: [["sentinel agent add ann --for 90d", "for a quarter"]],
      load: () => import("./commands/agent.ts").then(({ add }) => add),
    },
    {
      name: "list",
      summary: "which tokens there are",
      description: "Lists tokens by their ids; the tokens themselves nobody has but the agents.",
      examples: [["sentinel agent list", "all of them"]],
      load: () => import("./commands/agent.ts").then(({ list }) => list),
    },
    {
      name: "revoke",
      args: "<token-id>",
      summary: "make a token worthless",
      description: "Makes a token worthless, at once and for good.",
      examples: [["sentinel agent revoke 3f0c…", "by the id that list shows"]],
      load: () => import("./commands/agent.ts").then(({ revoke }) => revoke),
    },
  ],
};

const LOG: CommandDefinition = {
  name: "log",
  summary: "the activity log, and whether it is what it was",
  description:
    "Shows the activity log: every registration, decision, grant, call and refusal, the newest last. Values of arguments are not in it.",
  options: [
    { flags: "--provider <slug>", description: "of this connector" },
    { flags: "--agent <name>", description: "of this agent" },
    {
      flags: "--since <time>",
      description: "after this moment (2026-11-21T08:00:00Z), or so long ago (45m, 12h, 7d)",
    },
    { flags: "--limit <count>", description: "at most so many (default: 100)", kind: "whole" },
  ],
  examples: [
    ["sentinel log --since 1d", "the last day"],
    ["sentinel log --agent ann --provider shopify --format json", "what ann did with shopify, as data"],
  ],
  load: () => import("./commands/log/show.ts"),
  commands: [
    {
      name: "verify",
      summary: "work the log's chain out again",
      description:
        "Works the chain of hashes out again, compares it with the signed checkpoints that are kept outside the database and the calls and receipts with what the log says of them, and names the first row that is not what it was. Then it adds a checkpoint.",
      examples: [["sentinel log verify", "exit code 1 when something was changed"]],
      load: () => import("./commands/log/verify.ts"),
    },
  ],
};

/** What people decide about agents, secrets and accounts, and the record of it all. */
export const AGENT_COMMANDS: readonly CommandDefinition[] = [VAULT, ACCOUNT, GRANT, AGENT, LOG];
