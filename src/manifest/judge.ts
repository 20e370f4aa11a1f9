import { compareDiagnostics, type Diagnostic, diagnostic, type Span, sha256 } from "../base/index.ts";
import { Declared } from "./declared.ts";
import { digestOf } from "./digest.ts";
import { Document } from "./document.ts";
import type { Path } from "./finding.ts";
import { MAX_DIAGNOSTICS } from "./limits.ts";
import { normalise } from "./normalise.ts";
import { applyRules } from "./rules/index.ts";
import type { RawAuth } from "./shape/auth.ts";
import { checkShape, show } from "./shape/check.ts";
import type { RawTool } from "./shape/execution.ts";
import { manifest as manifestShape, type RawManifest, toolsFile } from "./shape/manifest.ts";
import { readAuth } from "./shape/read-auth.ts";
import type { Source } from "./source/folder.ts";
import type { InputFile } from "./source/open.ts";
import type { Manifest } from "./types.ts";

/** What reading a connector's folder gives. */
export type Reading =
  | {
      slug: string;
      ok: true;
      manifest: Manifest;
      digest: string;
      /** path → SHA-256 of the files that the manifest uses (service.ts, the icon); goes to the registry. */
      files: Record<string, string>;
      /** Every file of the folder that was read. */
      inputs: InputFile[];
      /** Where provider_slug and version stand in manifest.yaml. */
      positions: Record<string, Span>;
      /** Warnings only. */
      diagnostics: Diagnostic[];
    }
  | { slug: string; ok: false; inputs: InputFile[]; diagnostics: Diagnostic[] };

/** What the shapes make of a folder's files; `value` is null when something is missing or wrong. */
interface Shaped {
  readonly value: {
    readonly raw: RawManifest;
    readonly auth: RawAuth;
    readonly tools: readonly RawTool[];
  } | null;
}

/** Judges what a folder holds: text, shape, rules, all of them, and the normal form and digest of what is right. */
export function judge(source: Source, secrets: readonly Diagnostic[] = []): Reading {
  const inputs = [...source.inputs];
  const failed = (diagnostics: readonly Diagnostic[]): Reading => {
    return { slug: source.slug, ok: false, inputs, diagnostics: finish(diagnostics, secrets) };
  };
  if (source.manifest === null) return failed(source.diagnostics);
  const manifest = new Document(`${source.display}/manifest.yaml`, source.manifest.bytes);
  const groups = source.tools.map((file) => new Document(`${source.display}/${file.path}`, file.bytes));
  const declared = new Declared(
    source.slug,
    manifest,
    groups,
    source.others.map((file) => file.path),
  );
  const shaped = shapeOf(declared, manifest, groups);
  const service = source.others.find((file) => file.path === "service.ts");
  applyRules(declared, service === undefined ? null : service.bytes.toString("utf8"));
  const documents = [manifest, ...groups];
  const diagnostics = [...source.diagnostics, ...documents.flatMap((document) => document.diagnostics())];
  if (shaped.value === null || [...diagnostics, ...secrets].some((d) => d.severity === "error")) {
    return failed(diagnostics);
  }
  const normal = normalise(shaped.value.raw, shaped.value.auth, shaped.value.tools);
  const files = usedFiles(normal, source);
  return {
    slug: source.slug,
    ok: true,
    manifest: normal,
    digest: digestOf(normal, files),
    files,
    inputs,
    positions: positionsOf(manifest),
    diagnostics: finish(diagnostics, secrets),
  };
}

function shapeOf(declared: Declared, manifest: Document, groups: readonly Document[]): Shaped {
  let whole = true;
  const note = (document: Document, findings: Parameters<Document["find"]>[0][]): void => {
    if (findings.length > 0) whole = false;
    for (const finding of findings) document.find(finding, "shape");
  };
  if (manifest.root === null || manifest.root.entries === null) {
    note(manifest, [notTheRightThing(manifest, "a map of fields")]);
  }
  const top = checkShape(manifestShape, declared.root);
  if (manifest.root?.entries) note(manifest, top.findings);
  const auth = readAuth(declared.root.auth ?? "none");
  if (Object.hasOwn(declared.root, "auth")) {
    if (declared.root.auth === null) note(manifest, readAuth(null).findings);
    else note(manifest, auth.findings);
  }
  const tools: RawTool[] = [...(top.value?.tools ?? [])];
  for (const document of groups) {
    if (document.root === null) {
      whole = false;
      continue;
    }
    if (document.root.items === null) note(document, [notTheRightThing(document, "a list of tools")]);
    else {
      const list = checkShape(toolsFile, document.root.value);
      note(document, list.findings);
      tools.push(...(list.value ?? []));
    }
  }
  if (!whole || top.value === null || auth.value === null) return { value: null };
  return { value: { raw: top.value, auth: auth.value, tools } };
}

function notTheRightThing(document: Document, wanted: string): Parameters<Document["find"]>[0] {
  const message = `The file must hold ${wanted}, not ${show(document.root?.value)}.`;
  return { code: "manifest.not_a_map", path: [], at: "value", message };
}

function usedFiles(manifest: Manifest, source: Source): Record<string, string> {
  const used = new Set<string>();
  if (manifest.icon !== null) used.add(manifest.icon);
  const executions = [...manifest.tools, ...(manifest.auth.whoami === null ? [] : [manifest.auth.whoami])];
  if (executions.some((execution) => execution.handler !== null)) used.add("service.ts");
  const files = source.others.filter((file) => used.has(file.path));
  return Object.fromEntries(files.map((file) => [file.path, sha256(file.bytes)]));
}

function positionsOf(manifest: Document): Record<string, Span> {
  const paths: Path[] = [["provider_slug"], ["version"]];
  const present = paths.filter((path) => manifest.root?.entries?.has(String(path[0])));
  return Object.fromEntries(present.map((path) => [String(path[0]), manifest.span(path)]));
}

/** Sorts, hides what would print a secret, and keeps at most 20 a file, the last of which counts the others. */
export function finish(
  diagnostics: readonly Diagnostic[],
  secrets: readonly Diagnostic[] = [],
): Diagnostic[] {
  const secretLines = new Set(secrets.map(({ file, line }) => `${file}:${line}`));
  const safe = diagnostics.map((d) =>
    secretLines.has(`${d.file}:${d.line}`)
      ? diagnostic(d.code, d.file, d, "The value here is not right.")
      : d,
  );
  const byFile = new Map<string, Diagnostic[]>();
  for (const found of [...safe, ...secrets].sort(compareDiagnostics)) {
    const list = byFile.get(found.file);
    if (list === undefined) byFile.set(found.file, [found]);
    else list.push(found);
  }
  return [...byFile.values()].flatMap(cut);
}

function cut(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics;
  // Errors first: a warning that pushed an error out of sight would make a wrong file look right.
  const errors = diagnostics.filter((found) => found.severity === "error");
  const kept = (errors.length >= MAX_DIAGNOSTICS ? errors : diagnostics).slice(0, MAX_DIAGNOSTICS);
  const last = kept.at(-1);
  if (last === undefined) return kept;
  const more = diagnostics.length - kept.length;
  return [
    ...kept.slice(0, -1),
    { ...last, message: `${last.message} (${more} more in this file are not shown.)` },
  ];
}
