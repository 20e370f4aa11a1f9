import type { CommandDefinition, OptionDefinition } from "./definitions.ts";

const DIGEST: OptionDefinition = {
  flags: "--digest <digest>",
  description: "the content that is meant, as `review show` prints it; refused when it is no longer current",
};
const YES: OptionDefinition = { flags: "--yes", description: "do not ask" };
const REASON: OptionDefinition = { flags: "--reason <text>", description: "why, for the record" };

const KPIS: CommandDefinition = {
  name: "kpis",
  summary: "map a connector's metrics to core KPIs",
  description: "A connector can be approved when each of its metrics leads to a core KPI.",
  examples: [
    ["sentinel review kpis list shopify", "what is mapped, and what may be chosen"],
    ["sentinel review kpis map shopify total_sales aoa", "decide one"],
  ],
  commands: [
    {
      name: "list",
      args: "[slug]",
      summary: "the core KPIs, and a connector's mappings",
      description: "Lists the core KPIs; with a slug also that connector's metrics and where they lead.",
      examples: [["sentinel review kpis list shopify", "shopify's metrics"]],
      load: () => import("./commands/review/kpis.ts").then(({ list }) => list),
    },
    {
      name: "map",
      args: "<slug> <metric> <core-kpi>",
      summary: "map a metric to a core KPI",
      description: "Maps a metric, by the name that the provider gives it, to a core KPI.",
      examples: [["sentinel review kpis map shopify total_sales aoa", "total_sales counts towards aoa"]],
      load: () => import("./commands/review/kpis.ts").then(({ map }) => map),
    },
    {
      name: "unmap",
      args: "<slug> <metric>",
      summary: "take a mapping back",
      description: "Takes the mapping of a metric back.",
      examples: [["sentinel review kpis unmap shopify total_sales", "total_sales leads nowhere again"]],
      load: () => import("./commands/review/kpis.ts").then(({ unmap }) => unmap),
    },
  ],
};

const FIREARMS: CommandDefinition = {
  name: "firearms",
  args: "<slug> [scope...]",
  summary: "decide which scopes require a firearm",
  description:
    "Decides the firearms of one or many scopes; what the manifest says is a proposal, and this decision wins and stays. Without --type and --none: lists the scopes and the types of firearm.",
  options: [
    { flags: "--all", description: "every scope of the connector" },
    { flags: "--type <type>", description: "an agent needs a firearm of this type" },
    { flags: "--none", description: "no firearm is needed" },
  ],
  examples: [
    ["sentinel review firearms shopify", "what is decided, and what may be chosen"],
    ["sentinel review firearms shopify write_orders write_products --type PRICING_UPDATE", "two scopes"],
    ["sentinel review firearms open-meteo --all --none", "nothing here can do harm"],
  ],
  load: () => import("./commands/review/firearms.ts"),
};

/** `sentinel review` and what is below it. */
export const REVIEW: CommandDefinition = {
  name: "review",
  summary: "review drafts: list, show, diff, firearms, kpis, approve, …",
  description:
    "A person's decisions about drafts. Each is on record under the name given by --as (without it: the name of your account on this machine); on Supabase you act as the signed-in admin (SENTINEL_ACCESS_TOKEN).",
  examples: [
    ["sentinel review list", "what waits for a decision"],
    ["sentinel review show shopify", "what it may do, and what is still to decide"],
    ["sentinel review approve shopify", "asks, then approves exactly what was shown"],
  ],
  commands: [
    {
      name: "list",
      summary: "what waits for a decision",
      description: "Lists the drafts that wait for a decision.",
      options: [{ flags: "--all", description: "everything that is registered" }],
      examples: [["sentinel review list", "drafts"]],
      load: () => import("./commands/review/list.ts"),
    },
    {
      name: "show",
      args: "<slug>",
      summary: "scopes, metrics, tools and blockers of a draft",
      description:
        "Shows what a person decides about: each scope with proposal and decision, each metric with its mapping, each tool, and what still blocks an approval with the command that clears it.",
      examples: [["sentinel review show shopify", "shopify's draft"]],
      load: () => import("./commands/review/show.ts"),
    },
    {
      name: "diff",
      args: "<slug>",
      summary: "how a draft differs from what is approved",
      description: "Compares the waiting draft with the approved revision, per row and field.",
      examples: [["sentinel review diff shopify", "what an approval would change"]],
      load: () => import("./commands/review/diff.ts"),
    },
    FIREARMS,
    KPIS,
    {
      name: "approve",
      args: "<slug>",
      summary: "approve exactly the content shown",
      description:
        "Approves one content of a connector, named by its digest; from then on it is what agents are served. At a terminal it shows the content and asks. A script names the digest.",
      options: [DIGEST, YES],
      examples: [
        ["sentinel review approve shopify", "show, ask, approve"],
        ["sentinel review approve shopify --digest 3f9a…", "in a script"],
      ],
      load: () => import("./commands/review/decide.ts").then(({ approve }) => approve),
    },
    {
      name: "reject",
      args: "<slug>",
      summary: "reject a draft",
      description: "Rejects one content of a connector; what was approved before keeps serving.",
      options: [REASON, DIGEST, YES],
      examples: [
        ['sentinel review reject shopify --reason "scopes are too wide"', "with the reason on record"],
      ],
      load: () => import("./commands/review/decide.ts").then(({ reject }) => reject),
    },
    {
      name: "deprecate",
      args: "<slug>",
      summary: "stop serving what was approved",
      description: "What was approved is served no longer.",
      options: [REASON, YES],
      examples: [
        ['sentinel review deprecate shopify --reason "the API is gone"', "with the reason on record"],
      ],
      load: () => import("./commands/review/decide.ts").then(({ deprecate }) => deprecate),
    },
  ],
};
