/** Folders that mean harm, by what is wrong with them. Fake secrets are put together here, so that no scanner fires. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { tiny } from "./maker.ts";
import {
  linkSync,
  mkdirSync,
  mkfifoSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "./posix.ts";

/** One way to be bad. */
export interface Hostile {
  /** Codes that say what is wrong. */
  readonly codes: readonly string[];
  /** Makes the folder bad; it held a good connector before. @param folder its absolute path */
  readonly spoil: (folder: string) => void;
  /** At most this many diagnostics; one where not given. */
  readonly most?: number;
  /** Whether it takes work to refuse it. */
  readonly heavy?: boolean;
}

const head = (slug: string): string => `provider_slug: ${slug}\ndisplay_name: Bad\n`;
const slugOf = (folder: string): string => folder.slice(folder.lastIndexOf("/") + 1);
const repeat = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join("");

/** A manifest that starts well and goes on badly. */
function manifest(codes: readonly string[], rest: string | Uint8Array, more: Partial<Hostile> = {}): Hostile {
  return {
    codes,
    spoil: (folder) =>
      writeFileSync(
        `${folder}/manifest.yaml`,
        Buffer.concat([Buffer.from(head(slugOf(folder))), Buffer.from(rest)]),
      ),
    ...more,
  };
}

/** A manifest that is bad from its first byte. */
function whole(codes: readonly string[], text: string | Uint8Array, more: Partial<Hostile> = {}): Hostile {
  return { codes, spoil: (folder) => writeFileSync(`${folder}/manifest.yaml`, text), ...more };
}

/** Something else than a regular file at a path. */
function instead(path: string, codes: readonly string[], put: (file: string) => void): Hostile {
  return {
    codes,
    spoil: (folder) => {
      rmSync(`${folder}/${path}`, { force: true });
      put(`${folder}/${path}`);
    },
  };
}

const ALIASES = ["yaml.anchor", "yaml.alias"];

export const MANIFESTS: Readonly<Record<string, Hostile>> = {
  "keys-10k": manifest(
    ["manifest.unknown_key"],
    repeat(10_000, (at) => `k${at}: 1\n`),
    { most: 20, heavy: true },
  ),
  "keys-23k": manifest(
    ["manifest.unknown_key", "yaml.too_complex", "manifest.too_long"],
    repeat(23_000, (at) => `k${at}: 1\n`),
    {
      most: 20,
      heavy: true,
    },
  ),
  "alias-pairs": manifest(ALIASES, `schemas:\n${repeat(8_000, (at) => `  a${at}: &x${at} {}\n`)}`, {
    most: 20,
    heavy: true,
  }),
  "alias-pairs-636k": manifest(
    ["file.too_large"],
    repeat(20_000, (at) => `a${at}: &x${at} 1\nb${at}: *x${at}\n`),
  ),
  "alias-long": manifest(
    ALIASES,
    `schemas:\n  A: {examples: [&long ${"x".repeat(100_000)}, ${repeat(99, () => "*long, ")}]}\n`,
    { most: 20 },
  ),
  laughs: manifest(
    ALIASES,
    `schemas:\n  A:\n    examples:\n      - &a [lol, lol, lol]\n${repeat(8, (at) => {
      const [here, before] = ["bcdefghi"[at], "abcdefgh"[at]];
      return `      - &${here} [*${before}, *${before}, *${before}]\n`;
    })}`,
    { most: 20 },
  ),
  "list-4m": manifest(["file.too_large"], `utm_capabilities:\n${repeat(1_000_000, () => "- a\n")}`),
  "list-60k": manifest(
    ["manifest.too_long", "list.duplicate", "yaml.too_complex"],
    `utm_capabilities:\n${repeat(60_000, () => "- a\n")}`,
    { most: 20, heavy: true },
  ),
  "flow-120k": manifest(
    ["manifest.too_long", "manifest.wrong_type", "yaml.too_complex"],
    `utm_capabilities: [${"1,".repeat(120_000)}]\n`,
    { most: 20, heavy: true },
  ),
  "error-flood": whole(["yaml.syntax"], "- }\n".repeat(65_000), { most: 20, heavy: true }),
  "error-flood-in": manifest(["yaml.syntax"], "- }\n".repeat(65_000), { most: 20, heavy: true }),
  "open-flood": manifest(["yaml.syntax", "yaml.too_deep"], `kpis: ${"[".repeat(200_000)}`, {
    most: 20,
    heavy: true,
  }),
  "quote-flood": manifest(["yaml.syntax"], `summary: ${'"a" '.repeat(60_000)}`, { most: 20, heavy: true }),
  "deep-flow": manifest(["yaml.too_deep"], `schemas: {A: ${"[".repeat(1000)}${"]".repeat(1000)}}\n`),
  "deep-block": manifest(["yaml.too_deep"], `kpis:\n${"- ".repeat(1000)}a\n`),
  "deep-map": manifest(["yaml.too_deep"], `schemas: {A: ${'{"a": '.repeat(1000)}1${"}".repeat(1000)}}\n`),
  "same-key": manifest(["yaml.duplicate_key", "yaml.key_not_text"], 'schemas:\n  A: {1: a, "1": b}\n', {
    most: 2,
  }),
  "same-key-nfd": manifest(["yaml.duplicate_key"], "schemas:\n  A: {\u00e9: a, e\u0301: b}\n"),
  "same-field": manifest(["yaml.duplicate_key"], "summary: One.\nsummary: Two.\n"),
  "tag-python": manifest(
    ["yaml.tag", "manifest.wrong_type"],
    'summary: !!python/object/apply:os.system ["touch pwned"]\n',
    {
      most: 2,
    },
  ),
  "tag-js": manifest(
    ["yaml.tag"],
    "summary: !!js/function \"function(){require('fs').writeFileSync('pwned',1)}\"\n",
  ),
  "tag-own": manifest(["yaml.tag"], "summary: !secret name\n"),
  directive: whole(["yaml.directive"], "%YAML 1.1\n---\nprovider_slug: directive\ndisplay_name: Bad\n", {
    most: 2,
  }),
  proto: manifest(["yaml.forbidden_key"], "__proto__: {polluted: true}\n"),
  "proto-inside": manifest(
    ["yaml.forbidden_key"],
    "schemas:\n  A: {constructor: {prototype: {polluted: true}}}\n",
    {
      most: 2,
    },
  ),
  "merge-key": manifest(["yaml.merge_key"], "<<: {summary: Merged.}\n"),
  "two-documents": manifest(["yaml.several_documents"], "---\nprovider_slug: other\n"),
  nothing: whole(["yaml.empty"], ""),
  "comments-only": whole(["yaml.empty"], "# nothing\n\n"),
  "just-text": whole(["manifest.not_a_map", "yaml.syntax"], "hello\n"),
  "zero-byte": manifest(["file.hidden_character"], "summary: a\u0000b\n"),
  escape: manifest(["file.hidden_character"], "summary: a\u001b2Ja\n"),
  "escape-quoted": manifest(["file.hidden_character"], 'summary: "\\e[2J\\x00"\n', { most: 2 }),
  bidi: manifest(["file.hidden_character"], "summary: a\u202eb\n"),
  "zero-width": manifest(["file.hidden_character"], "summary: a\u200bb\n"),
  "tag-characters": manifest(["file.hidden_character"], "summary: a\u{e0041}b\n"),
  "bom-inside": manifest(["file.hidden_character"], "summary: a\ufeffb\n"),
  "bom-first": whole(["file.byte_order_mark"], `\ufeff${tiny("bom-first")}`),
  "utf-16": whole(
    ["file.byte_order_mark", "file.not_utf8"],
    Buffer.from(`\ufeff${tiny("utf-16")}`, "utf16le"),
  ),
  "not-utf8": manifest(["file.not_utf8"], Buffer.from([0x23, 0xff, 0xfe, 0xc0, 0x80, 0x0a])),
  surrogate: manifest(["file.not_utf8"], Buffer.from([0x23, 0xed, 0xa0, 0x80, 0x0a])),
  norway: whole(["yaml.ambiguous_value", "manifest.wrong_type"], "provider_slug: norway\ndisplay_name: no\n"),
  octal: whole(["yaml.ambiguous_value", "manifest.wrong_type"], "provider_slug: octal\ndisplay_name: 0777\n"),
  "version-number": manifest(
    ["yaml.ambiguous_value", "manifest.wrong_type", "manifest.bad_format"],
    "version: 1.10\n",
  ),
  "slow-pattern": manifest(
    ["schema.pattern"],
    'tools:\n  - name: t\n    input: {type: object, properties: {a: {type: string, pattern: "^(a|b)\\\\1$"}}}\n    rest: {method: GET, url: "https://a.example/"}\n',
    { most: 2 },
  ),
  "unknown-field": manifest(["manifest.unknown_key"], "dispaly_name: X\n"),
  "gating-field": manifest(["manifest.gating_field"], "danger_level: 3\n"),
  "shell-block": manifest(
    ["manifest.run_block", "tool.no_executor"],
    "tools:\n  - name: t\n    run: touch pwned\n",
    { most: 2 },
  ),
  "path-out": manifest(["manifest.bad_format", "manifest.icon_missing"], "icon: ../../../etc/passwd.svg\n"),
};

export const KINDS: Readonly<Record<string, Hostile>> = {
  "kind-link": instead("manifest.yaml", ["file.not_regular"], (file) => {
    writeFileSync(`${file}.good`, tiny("kind-link"));
    symlinkSync(`${file}.good`, file);
  }),
  "kind-link-zero": instead("manifest.yaml", ["file.not_regular"], (file) => symlinkSync("/dev/zero", file)),
  "kind-link-nowhere": instead("manifest.yaml", ["file.not_regular"], (file) =>
    symlinkSync("/nowhere", file),
  ),
  "kind-link-loop": instead("manifest.yaml", ["file.not_regular"], (file) =>
    symlinkSync("manifest.yaml", file),
  ),
  "kind-fifo": instead("manifest.yaml", ["file.not_regular"], mkfifoSync),
  "kind-folder": instead("manifest.yaml", ["file.not_regular"], (file) => mkdirSync(file)),
  "kind-hard-link": instead("manifest.yaml", ["file.linked"], (file) => {
    const other = `${file}/../../../another-name`;
    writeFileSync(resolve(other), tiny("kind-hard-link"));
    linkSync(resolve(other), file);
  }),
  "kind-huge": instead("manifest.yaml", ["file.too_large"], (file) => {
    writeFileSync(file, "");
    truncateSync(file, 3 * 1024 ** 3);
  }),
  "kind-missing": instead("manifest.yaml", ["folder.no_manifest"], () => undefined),
  "kind-tools-fifo": instead("tools/a.yaml", ["file.not_regular"], (file) => {
    mkdirSync(file.slice(0, file.lastIndexOf("/")));
    mkfifoSync(file);
  }),
  "kind-service-link": instead("service.ts", ["file.not_regular"], (file) =>
    symlinkSync("/etc/hostname", file),
  ),
  "kind-readme-huge": instead("README.md", ["file.too_large"], (file) => {
    writeFileSync(file, "");
    truncateSync(file, 3 * 1024 ** 3);
  }),
  "kind-nested": instead("inner/manifest.yaml", ["folder.nested"], (file) => {
    mkdirSync(file.slice(0, file.lastIndexOf("/")));
    writeFileSync(file, tiny("inner"));
  }),
  "kind-many-files": instead("README.md", ["folder.too_many_files"], (file) => {
    for (let at = 0; at < 600; at += 1) writeFileSync(`${file}.${at}`, "");
  }),
  "kind-dotenv": instead(".env", ["file.env"], (file) => writeFileSync(file, "A=b\n")),
  "kind-folder-link": {
    codes: ["folder.not_a_folder"],
    spoil: (folder) => {
      const aside = `${folder.slice(0, folder.lastIndexOf("/"))}/../aside`;
      mkdirSync(aside);
      writeFileSync(`${aside}/manifest.yaml`, tiny("kind-folder-link"));
      rmSync(folder, { recursive: true });
      symlinkSync(aside, folder);
    },
  },
  "kind-folder-fifo": {
    codes: ["folder.not_a_folder"],
    spoil: (folder) => {
      rmSync(folder, { recursive: true });
      mkfifoSync(folder);
    },
  },
};

/** A device that never ends, where the machine lets us make one. */
export const DEVICE: Readonly<Record<string, Hostile>> = {
  "kind-device": instead("manifest.yaml", ["file.not_regular"], (file) => {
    execFileSync("mknod", [file, "c", "1", "5"]);
  }),
};

/** Whether devices can be made here. */
export function canMakeDevices(folder: string): boolean {
  try {
    execFileSync("mknod", [`${folder}/probe`, "c", "1", "5"], { stdio: "ignore" });
    rmSync(`${folder}/probe`);
    return true;
  } catch {
    return false;
  }
}

/** Names that no connector may have; each is given a good manifest. */
export const NAMES: readonly (string | Buffer)[] = [
  "with space",
  "new\nline",
  "bidi\u202egpj",
  "zero\u200bwidth",
  "..evil",
  "...",
  "Upper",
  "con",
  "nul",
  "com1",
  "1digit",
  "a--b",
  "a-",
  "-rf",
  "under__score",
  "shop.",
  "{{7*7}}",
  "$(touch pwned)",
  "'; drop table connector_providers; --",
  "\u001b[31mred",
  "caf\u00e9",
  "x".repeat(65),
  "y".repeat(255),
  Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe]),
];

/** What looks like a secret of a well-known provider; no scanner finds it in this file. */
export const SECRETS: Readonly<Record<string, string>> = {
  github: ["gh", "p_", "16C7e42F292c6912E7710c838347Ae178B4a"].join(""),
  slack: ["xo", "xb-", "123456789012-", "1234567890123-", "AbCdEfGhIjKlMnOpQrStUvWx"].join(""),
  aws: ["AK", "IA", "QYLPMN5HHHFPZAM2"].join(""),
  stripe: ["sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc4eC39HqL"].join(""),
  npm: ["np", "m_", "Vd8QkRz1LwXy7HjTc4NbGm2PsFa9UeIo3KZq"].join(""),
  key: [
    "-----BEGIN RSA ",
    "PRIVATE KEY-----\\n",
    "MIIEowIBAAKCAQEA7bq3ZpXkQ2v9Lw8R".repeat(5),
    "\\n-----END RSA ",
    "PRIVATE KEY-----",
  ].join(""),
};
