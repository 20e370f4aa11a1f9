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
    { flags: "--port <port>", description: "serve over HTTP on this port; 0: any free one", kind: "whole" },
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

/** What makes approved connectors work. */
export const RUNTIME_COMMANDS: readonly CommandDefinition[] = [SERVE, CALL];
