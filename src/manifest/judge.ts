import { Bug, compareDiagnostics, type Diagnostic, type Span, sha256 } from "../base/index.ts";
import { Declared } from "./declared.ts";
import { digestOf } from "./digest.ts";
import { Document } from "./document.ts";
import { type Path, type Problem, toDiagnostics } from "./finding.ts";
import { normalise } from "./normalise.ts";
import { applyRules, namesHandler } from "./rules/index.ts";
import type { RawAuth } from "./shape/auth.ts";
import { type Checked, checkShape, show } from "./shape/check.ts";
import type { RawTool } from "./shape/execution.ts";
import {
  manifest as manifestShape,
  type RawManifest,
  type RawToolsMap,
  toolsFile,
  toolsMap,
} from "./shape/manifest.ts";
import { readAuth } from "./shape/read-auth.ts";
import type { Source, SourceFile } from "./source/folder.ts";
import { printable } from "./source/name.ts";
import type { InputFile } from "./source/open.ts";
import { checkCases, readCases } from "./tests.ts";
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
      /** path → text of those that approved tools are run from: what was read, not what stands there later. */
      contents: Record<string, string>;
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

/**
 * Judges what a folder holds: text, shape, rules, all of them, and the normal form and digest of what is right.
 * @param secrets where secrets were found, by path
 * @param unerasable what is not gone with the types of service.ts, which matters where a tool is run from it
 */
export function judge(
  source: Source,
  secrets: ReadonlyMap<string, Problem[]>,
  unerasable: readonly Problem[],
): Reading {
  const { slug, manifest: file, tools, others } = source;
  const inputs = [...source.inputs];
  const diagnostics = [
    ...source.diagnostics,
    ...others.flatMap((other) => secretsOf(other, source, secrets)),
  ];
  if (file === null) return { slug, ok: false, inputs, diagnostics: diagnostics.sort(compareDiagnostics) };
  const [manifest, ...groups] = [file, ...tools].map((yaml) => openDocument(yaml, source, secrets));
  if (manifest === undefined) throw new Bug("a list of one or more has no first item");
  const paths = others.map((other) => other.path);
  const declared = new Declared(slug, manifest, groups, paths);
  const shaped = shapeOf(declared, manifest, groups);
  const service = others.find((other) => other.path === "service.ts");
  const text = service === undefined ? null : service.bytes.toString("utf8");
  applyRules(declared, text);
  if (text !== null && namesHandler(declared)) {
    diagnostics.push(...toDiagnostics(unerasable, `${source.display}/service.ts`, text));
  }
  const normal =
    shaped.value === null ? null : normalise(shaped.value.raw, shaped.value.auth, shaped.value.tools);
  const tests = source.tests === null ? [] : [openTests(source.tests, normal, source, secrets)];
  diagnostics.push(...[manifest, ...groups, ...tests].flatMap((document) => document.diagnostics()));
  diagnostics.sort(compareDiagnostics);
  if (normal === null || diagnostics.some((found) => found.severity === "error")) {
    return { slug, ok: false, inputs, diagnostics };
  }
  const used = usedFiles(normal, source);
  const files = Object.fromEntries(used.map((file) => [file.path, sha256(file.bytes)]));
  const digest = digestOf(normal, files);
  return {
    slug,
    ok: true,
    manifest: normal,
    digest,
    files,
    contents: textsOf(used),
    inputs,
    positions: positionsOf(manifest),
    diagnostics,
  };
}

function openDocument(file: SourceFile, source: Source, secrets: ReadonlyMap<string, Problem[]>): Document {
  const document = new Document(`${source.display}/${file.path}`, file.bytes);
  for (const secret of secrets.get(file.path) ?? []) document.add(secret);
  return document;
}

/** The document of tests.yaml, judged as far as the manifest allows; `normal` is null where that is wrong. */
function openTests(
  file: SourceFile,
  normal: Manifest | null,
  source: Source,
  secrets: ReadonlyMap<string, Problem[]>,
): Document {
  const document = openDocument(file, source, secrets);
  const tests = readCases(document);
  if (tests !== null && normal !== null) checkCases(tests, normal, document);
  return document;
}

function secretsOf(file: SourceFile, source: Source, secrets: ReadonlyMap<string, Problem[]>): Diagnostic[] {
  const found = secrets.get(file.path) ?? [];
  return toDiagnostics(found, `${source.display}/${printable(file.path)}`, file.bytes.toString("utf8"));
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
  const top = checkShape(manifestShape, declared.root, [], (path) => manifest.written(path));
  if (manifest.root?.entries) note(manifest, top.findings);
  const auth = readAuth(declared.root.auth ?? "none");
  if (Object.hasOwn(declared.root, "auth")) {
    if (declared.root.auth === null) note(manifest, readAuth(null).findings);
    else note(manifest, auth.findings);
  }
  const parts = groups.map((document) => {
    const { value, findings } = shapeOfGroup(document);
    note(document, findings);
    if (value === null) whole = false;
    return value;
  });
  if (!whole || top.value === null || auth.value === null) return { value: null };
  const tools = [top.value, ...parts].flatMap((part) => part?.tools ?? []);
  const schemas = Object.assign({}, ...parts.map((part) => part?.schemas), top.value.schemas);
  return { value: { raw: { ...top.value, schemas }, auth: auth.value, tools } };
}

/** The shape of a tools/<group>.yaml: a list of tools, or a map of schemas and tools. */
function shapeOfGroup(document: Document): Checked<RawToolsMap> {
  const { root } = document;
  const written = (path: Path): string | null => document.written(path);
  if (root === null) return { value: null, findings: [] };
  if (root.items !== null) {
    const { value, findings } = checkShape(toolsFile, root.value, [], written);
    return { value: value === null ? null : { tools: value }, findings };
  }
  if (root.entries?.has("schemas") || root.entries?.has("tools")) {
    return checkShape(toolsMap, root.value, [], written);
  }
  return { value: null, findings: [notTheRightThing(document, "a list of tools, or schemas and tools")] };
}

function notTheRightThing(document: Document, wanted: string): Parameters<Document["find"]>[0] {
  const message = `The file must hold ${wanted}, not ${show(document.root?.value)}.`;
  return { code: "manifest.not_a_map", path: [], at: "value", message };
}

function usedFiles(manifest: Manifest, source: Source): SourceFile[] {
  const used = new Set<string>();
  if (manifest.icon !== null) used.add(manifest.icon);
  const executions = [...manifest.tools, ...(manifest.auth.whoami === null ? [] : [manifest.auth.whoami])];
  if (executions.some((execution) => execution.handler !== null)) used.add("service.ts");
  return source.others.filter((file) => used.has(file.path));
}

/** What approved tools will be run from. */
function textsOf(used: readonly SourceFile[]): Record<string, string> {
  const service = used.filter(({ path }) => path === "service.ts");
  return Object.fromEntries(service.map(({ path, bytes }) => [path, bytes.toString("utf8")]));
}

function positionsOf(manifest: Document): Record<string, Span> {
  const paths: Path[] = [["provider_slug"], ["version"]];
  const present = paths.filter((path) => manifest.root?.entries?.has(String(path[0])));
  return Object.fromEntries(present.map((path) => [String(path[0]), manifest.span(path)]));
}
