/** A small seeded maker of connectors: the same seed gives the same text on any machine. */

/** A generator of numbers in [0, 1): mulberry32, by Tommy Ettinger, public domain. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = ["orders", "products", "customers", "invoices", "issues", "messages", "campaigns", "payouts"];
const STANDARDS = ["gross_sales", "net_sales", "orders", "ad_spend", "sessions"];

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function scopeLines(noun: string, random: () => number): string[] {
  const lines = [`  - name: read_${noun}`, `    description: Read ${noun} of the store`];
  if (random() < 0.5) lines.push("    category: reading");
  if (random() < 0.5) return lines;
  return [
    ...lines,
    `  - name: write_${noun}`,
    `    description: Change ${noun}`,
    "    requires_firearm: true",
  ];
}

function toolLines(noun: string): string[] {
  return [
    `  - name: list_${noun}`,
    `    capability: ${noun}.list`,
    `    description: Lists ${noun}.`,
    `    scopes: [read_${noun}]`,
    "    input: {type: object, properties: {limit: {type: integer, minimum: 1}}, additionalProperties: false}",
    "    rest:",
    "      method: GET",
    `      path: /${noun}`,
    '      query: {limit: "{{ params.limit | default: 20 }}"}',
    "      response: {root: items}",
  ];
}

/** A valid manifest.yaml of a handful of scopes, metrics and tools. */
export function makeManifest(slug: string, random: () => number): string {
  const nouns = shuffle(WORDS, random).slice(0, 1 + Math.floor(random() * 4));
  const metrics = nouns.filter(() => random() < 0.6);
  const lines = [
    `provider_slug: ${slug}`,
    `display_name: Provider ${slug}`,
    `summary: Reads and writes ${nouns.join(", ")} of ${slug}.`,
    `base_url: https://api.${slug}.example/v1`,
    "scopes:",
    ...nouns.flatMap((noun) => scopeLines(noun, random)),
  ];
  if (metrics.length > 0) {
    lines.push("kpis:");
    for (const noun of metrics) {
      const standard = STANDARDS[Math.floor(random() * STANDARDS.length)];
      lines.push(`  - raw: total_${noun}`, `    standard: ${standard}`);
    }
  }
  lines.push("utm_capabilities: [email]", "tools:", ...nouns.flatMap(toolLines));
  return `${lines.join("\n")}\n`;
}

/** `count` connectors by slug, `name-0` first. */
export function makeConnectors(count: number, seed: number, name = "made"): Record<string, string> {
  const random = seeded(seed);
  const made: Record<string, string> = {};
  for (let at = 0; at < count; at += 1) made[`${name}-${at}`] = makeManifest(`${name}-${at}`, random);
  return made;
}

/** The smallest valid manifest. */
export const SMALLEST = `provider_slug: "shopify"
display_name: "Shopify"
scopes:
  - name: "read_orders"
    description: "Read access to orders"
    requires_firearm: false
  - name: "write_products"
    requires_firearm: true
kpis:
  - raw: "total_sales"
    standard: "gross_sales"
utm_capabilities:
  - "email"
  - "social"
`;

/** A short valid manifest of one scope. */
export function tiny(slug: string, more = ""): string {
  return `provider_slug: ${slug}\ndisplay_name: The ${slug}\nscopes:\n  - name: read_all\n${more}`;
}
