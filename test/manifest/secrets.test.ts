import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { describe, expect, it } from "vitest";
import { mayHoldSecret, scanSecrets } from "../../src/manifest/secrets.ts";
import { makeTree, places, SMALLEST } from "./folder.ts";

const tree = makeTree();

/** `count` characters that look random and are not. */
function noise(count: number, alphabet = "a7Kd9QxZ2mBv5TnR8wLc3YpJ6hGf4"): string {
  return Array.from({ length: count }, (_, n) => alphabet[(n * 7 + (n >> 2) * 3) % alphabet.length]).join("");
}
const hex = (count: number): string => noise(count, "0a1b2c3d4e5f6789");
const digits = (count: number): string => noise(count, "3141592653589793");
const key = (kind: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMI${noise(198)}\n-----END ${kind}PRIVATE KEY-----`;

/** One secret per rule of the preset, put together here so that no scanner takes this file for a leak. */
const EXAMPLES: Readonly<Record<string, string[]>> = {
  aws: [
    `AKIA${noise(16, "A7KD9QXZ2MBV5TNR8")}`,
    `AWS_SECRET_ACCESS_KEY=${noise(40)}`,
    `secretaccesskey: "${noise(40)}"`,
  ],
  gcp: [JSON.stringify({ private_key_id: "1", private_key: key("").replaceAll("\n", "\\n") })],
  privatekey: [key("RSA "), key("")],
  npm: [
    `npm_${noise(36)}`,
    `//registry.example/:_authToken=${noise(20)}`,
    `https://${noise(20)}:x-oauth-basic@github.com/a`,
  ],
  basicauth: [`https://robert:${noise(12)}@shop.example.com`],
  openai: [`sk-${noise(20)}T3BlbkFJ${noise(20)}`, `sk-proj-${noise(74)}T3BlbkFJ${noise(74)}`],
  anthropic: [`sk-ant-api03-${noise(93)}AA`],
  linear: [`lin_api_${noise(40)}`],
  sendgrid: [`SG.${noise(22)}.${noise(43)}`],
  shopify: [`shpat_${hex(32)}`, `shpss_${hex(32)}`],
  github: [
    `ghp_${noise(36)}`,
    `github_pat_${noise(82)}`,
    `ghs_${digits(5)}_${noise(30)}.${noise(30)}.${noise(30)}`,
  ],
  "1password": [`ops_${Buffer.from(JSON.stringify({ secretKey: noise(150) })).toString("base64")}`],
  "database-connection-string": [
    `postgres://robert:${noise(12)}@db.example.com/a`,
    `mongodb://robert:${noise(12)}@db.example.com/a`,
  ],
  slack: [
    `xoxb-${digits(12)}-${noise(24)}`,
    `https://hooks.SLACK.com/services/T${noise(8)}/B${noise(8)}/${noise(24)}`,
  ],
  stripe: [`sk_live_${noise(24)}`, `rk_test_${noise(30)}`],
  groq: [`gsk_${noise(52)}`],
  huggingface: [`hf_${noise(34, "aKdQxZmBvTnRwLcYpJhGf")}`],
  notion: [`ntn_${digits(11)}${noise(35)}`],
  gitlab: [`glpat-${noise(20)}`],
  grafana: [`glc_${noise(40)}`, `glsa_${noise(32)}_${hex(8)}`],
  "hashicorp-vault": [`hvs.${noise(95)}`, `hvb.${noise(140)}`, `hvr.${noise(95)}`],
  vercel: [`vcp_${noise(24)}`],
  databricks: [`dapi${hex(32)}`],
  docker: [`dckr_pat_${noise(27)}`],
  figma: [`figd_${noise(40)}`],
  cloudflare: [`cfut_${noise(40)}${hex(8)}`],
  tailscale: [`tskey-auth-${noise(16)}-${noise(32)}`],
};

/** Some rules look into files of one name only. */
const PATHS = [
  ["private_key_id", "key.json"],
  ["_authToken", ".npmrc"],
  ["x-oauth-basic", "package.json"],
] as const;

describe("the cheap look before the scanner", () => {
  it("knows an example of every rule of the preset", () => {
    const names = rules.map((rule) => rule.meta.id.replace(/^.*secretlint-rule-/, ""));
    expect(names.filter((name) => name !== "filter-comments" && EXAMPLES[name] === undefined)).toEqual([]);
  });

  const all = Object.entries(EXAMPLES).flatMap(([name, examples]) =>
    examples.map((text) => [name, text] as const),
  );
  it.each(all)("lets an example of %s through", async (_, secret) => {
    expect(mayHoldSecret(`a: ${secret}\n`)).toBe(true);
    const path = PATHS.find(([start]) => secret.includes(start))?.[1] ?? "a.txt";
    const bytes = Buffer.from(path === "key.json" ? secret : `a: ${secret}\n`);
    const found = await scanSecrets([{ path, bytes }]);
    expect(found.get(path)?.length).toBeGreaterThan(0);
  });

  it("spares an ordinary manifest the scanner", () => {
    expect(mayHoldSecret(SMALLEST)).toBe(false);
  });
});

describe("a secret", () => {
  const secret = EXAMPLES.stripe?.[0] ?? "";

  it.each([
    ["manifest.yaml", `${SMALLEST}summary: ${secret}\n`, "15:10"],
    ["README.md", `Use ${secret} to sign in.`, "README.md 1:5"],
    ["service.ts", `const a = "${secret}";`, "service.ts 1:12"],
    ["tools/a.yaml", `# ${secret}\n[]\n`, "tools/a.yaml 1:3"],
    [".npmrc", `# secretlint-disable\nx=${secret}`, ".npmrc 2:3"],
    ["docs/a/b.txt", secret, "docs/a/b.txt 1:1"],
  ])("in %s is found and never shown", async (path, content, place) => {
    const reading = await tree.read("shopify", { "manifest.yaml": SMALLEST, [path]: content });
    expect(places(reading.diagnostics)).toEqual([`${place} file.secret`]);
    expect(JSON.stringify(reading)).not.toContain(secret.slice(0, 14));
  });

  it("is not shown by other findings either", async () => {
    const text = `${SMALLEST}platform: ${secret}\n${secret}: 1\nutm: {static_params: {${secret}: [1]}}\n`;
    const reading = await tree.read("shopify", text);
    expect(reading.diagnostics.length).toBeGreaterThan(3);
    expect(JSON.stringify(reading)).not.toContain(secret.slice(0, 14));
  });
});
