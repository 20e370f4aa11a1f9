import type { CommandDefinition } from "./definitions.ts";
import { AGENT, EXPOSE, MODE } from "./runtime-options.ts";

const CALL: CommandDefinition = {
  name: "call",
  args: "<connector[:account]> <tool>",
  summary: "call one tool of an approved connector",
  description:
    "Calls one tool of an approved connector through the gate, as an agent would over MCP: approval, mode, firearms, one call for one key. Exit code 1 when it is refused or fails.",
  options: [
    { flags: "--input <json>", description: "the arguments, an object; - for standard input (default: {})" },
    { flags: "--account <name>", description: "which account, where there are several" },
    AGENT,
    MODE,
    { flags: "--key <key>", description: "idempotency key: under one key a change is made once" },
    { flags: "--plan", description: "show what the call would do, credentials left out, and send nothing" },
    { flags: "--dry-run", description: "the same" },
  ],
  examples: [
    ["sentinel call todoist list_tasks", "without arguments"],
    [`sentinel call shopify:eu get_order --input '{"id": "42"}' --format json`, "of the account eu, as data"],
    [`sentinel call shopify hold_order --input '{"id": "42"}' --plan`, "what would be sent"],
  ],
  load: () => import("./commands/call.ts"),
};

const SERVE: CommandDefinition = {
  name: "serve",
  summary: "serve all approved connectors to agents, over MCP",
  description:
    "One MCP server for everything that is approved, in exactly the approved content; what people decide takes effect within seconds. Over standard input and output, or with --port over Streamable HTTP at /mcp, where each agent needs its token (`sentinel agent add`). docs/runtime.md tells the rest.",
  options: [
    { flags: "--port <port>", description: "serve over HTTP on this port; 0: any free one", kind: "port" },
    { flags: "--host <address>", description: "the address to listen on (default: 127.0.0.1)" },
    { flags: "--connectors <slugs>", description: "only these connectors, with commas" },
    { flags: "--tools <names>", description: "only these tools, with commas; * for any part" },
    { flags: "--read-only", description: "only tools that change nothing" },
    {
      flags: "--expose <how>",
      description:
        "tools: each by itself; search: three tools to find and call the others; capabilities: one for each",
      choices: EXPOSE,
    },
    MODE,
    AGENT,
  ],
  examples: [
    ["sentinel serve --agent ann", "what an MCP client starts"],
    ["sentinel serve --port 8765", "over HTTP"],
    ["sentinel serve --connectors shopify,todoist --read-only", "a part of it"],
  ],
  formats: ["pretty", "json"],
  load: () => import("./commands/serve.ts"),
};

const CONNECT: CommandDefinition = {
  name: "connect",
  args: "<connector[:account]>",
  summary: "connect an account by OAuth, in a browser",
  description:
    "Gets an account of an approved connector its OAuth tokens and stores them in the vault: by a person's consent in a browser that comes back to 127.0.0.1, or, with client credentials, by asking. CLIENT_ID, and CLIENT_SECRET where there is one, are stored before with `sentinel vault set`. From then on tokens are renewed by themselves.",
  options: [
    {
      flags: "--port <port>",
      description: "where the browser comes back to (default: 8914); 0: any free one",
      kind: "port",
    },
  ],
  examples: [
    ["sentinel vault set linear CLIENT_ID < id.txt", "before"],
    ["sentinel connect linear", "the default account"],
  ],
  load: () => import("./commands/connect.ts"),
};

const HEALTH: CommandDefinition = {
  name: "health",
  args: "[slug]",
  summary: "how approved connectors are, and what they lack",
  description:
    "Says of each account whether it is healthy, degraded, needs_setup or in error, why, and what to do. Where the manifest has auth.whoami, the provider is asked. Exit code 1 when something is not healthy.",
  examples: [
    ["sentinel health", "all approved connectors"],
    ["sentinel health todoist --format json", "one of them, as data"],
  ],
  load: () => import("./commands/health.ts"),
};

const CAPABILITIES: CommandDefinition = {
  name: "capabilities",
  args: "[capability]",
  summary: "what approved connectors can do, and which of them",
  description:
    "Lists the capabilities (order.read) of approved tools with who provides each. `serve --expose capabilities` offers them as they stand here.",
  examples: [
    ["sentinel capabilities", "all of them"],
    ["sentinel capabilities order.read", "who reads orders"],
  ],
  load: () => import("./commands/capabilities.ts"),
};

const CONFIG: CommandDefinition = {
  name: "config",
  summary: "what is configured: show",
  description: "The configuration as it counts here, out of flags, environment and sentinel.config.yaml.",
  examples: [["sentinel config show", "all of it, without secrets"]],
  commands: [
    {
      name: "show",
      summary: "print the configuration, without secrets",
      description:
        "Prints every setting as it counts here. Of what is secret it says only whether it is there; passwords and logins in URLs are left out.",
      examples: [["sentinel config show --format json", "as data"]],
      load: () => import("./commands/config/show.ts"),
    },
  ],
};

/** What makes approved connectors work. */
export const RUNTIME_COMMANDS: readonly CommandDefinition[] = [
  SERVE,
  CALL,
  CONNECT,
  HEALTH,
  CAPABILITIES,
  CONFIG,
];
