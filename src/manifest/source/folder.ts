import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { byCodeUnit, type Code, type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../../base/index.ts";
import { MAX_ENTRIES, MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_TOOL_FILES, MAX_YAML_BYTES } from "../limits.ts";
import { nameProblem, printable } from "./name.ts";
import { type InputFile, openRegular } from "./open.ts";

/** A file of a connector's folder with its bytes. */
export interface SourceFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** All that a connector's folder holds, read once. */
export interface Source {
  readonly slug: string;
  /** What diagnostics call the folder. */
  readonly display: string;
  readonly manifest: SourceFile | null;
  /** `tools/*.yaml`, sorted by name. */
  readonly tools: readonly SourceFile[];
  /** `tests.yaml`: what the tools should do, for certification. */
  readonly tests: SourceFile | null;
  /** Every other regular file, `service.ts` and the icon among them. */
  readonly others: readonly SourceFile[];
  readonly inputs: readonly InputFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The YAML files of ours that a folder holds. */
export function yamlFiles({ manifest, tools, tests }: Source): SourceFile[] {
  return [manifest, ...tools, tests].filter((file) => file !== null);
}

/** What the Sentinel itself writes: made from the manifest and compared elsewhere, whatever stands there. */
const GENERATED = new Set(["mcp.ts", "mcp.data.json"]);

function isToolsFile(path: string): boolean {
  return /^tools\/[^/]+\.yaml$/.test(path);
}

/** Whether a path is one of the YAML files of ours that are read as such. */
function isOwnYaml(path: string): boolean {
  return path === "manifest.yaml" || path === "tests.yaml" || isToolsFile(path);
}

/**
 * Reads a connector's folder: a real folder of a good name, and in it regular files only. Every problem is a
 * diagnostic; what could be read is there all the same.
 * @param root absolute path of the folder of connectors
 * @param display what diagnostics print instead of `root`
 */
export function readSource(root: string, display: string, slug: string): Source {
  const reader = new FolderReader(`${display}/${printable(slug)}`, join(root, slug));
  const problem = nameProblem(slug);
  if (problem !== null) reader.report("", problem.code, problem.message);
  else reader.readRoot();
  return reader.source(slug);
}

class FolderReader {
  readonly #display: string;
  readonly #folder: string;
  readonly #files = new Map<string, SourceFile>();
  readonly #inputs: InputFile[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #entries = 0;

  constructor(display: string, folder: string) {
    this.#display = display;
    this.#folder = folder;
  }

  report(path: string, code: Code, message: string, hint?: string): void {
    const file = path === "" ? this.#display : `${this.#display}/${printable(path)}`;
    this.#diagnostics.push(diagnostic(code, file, WHOLE_FILE, message, hint));
  }

  readRoot(): void {
    try {
      if (!lstatSync(this.#folder).isDirectory()) {
        this.report("", "folder.not_a_folder", "This is a link or a file, not a folder.");
        return;
      }
    } catch (error) {
      const gone = errno(error) === "ENOENT";
      const message = gone ? "There is no such folder." : `The folder can't be read (${errno(error)}).`;
      this.report("", gone ? "folder.not_a_folder" : "folder.unreadable", message);
      return;
    }
    this.#walk("", 0);
    this.#checkToolFiles();
    // Not there only when all was seen.
    const unseen = new Set<string>(["folder.unreadable", "folder.too_many_files"]);
    const seen = this.#diagnostics.some((d) => d.file.endsWith("/manifest.yaml") || unseen.has(d.code));
    if (!this.#files.has("manifest.yaml") && !seen) this.#reportNoManifest();
    if (this.#files.has("manifest.yaml")) this.#checkLookalikes();
  }

  source(slug: string): Source {
    const files = [...this.#files.values()];
    return {
      slug,
      display: this.#display,
      manifest: this.#files.get("manifest.yaml") ?? null,
      tools: files.filter((file) => isToolsFile(file.path)).slice(0, MAX_TOOL_FILES),
      tests: this.#files.get("tests.yaml") ?? null,
      others: files.filter((file) => !isOwnYaml(file.path)),
      inputs: this.#inputs,
      diagnostics: this.#diagnostics,
    };
  }

  #walk(below: string, depth: number): void {
    for (const entry of this.#list(below)) {
      if (this.#entries++ === MAX_ENTRIES) {
        this.report("", "folder.too_many_files", `The folder holds more than ${MAX_ENTRIES} files.`);
      }
      if (this.#entries > MAX_ENTRIES) return;
      this.#entry(below === "" ? entry.name : `${below}/${entry.name}`, entry, depth);
    }
  }

  #list(below: string): Dirent[] {
    try {
      const entries = readdirSync(join(this.#folder, below), { withFileTypes: true });
      return entries.sort((a, b) => byCodeUnit(a.name, b.name));
    } catch (error) {
      // A sub-folder that vanished while we looked is nobody's fault.
      if (errno(error) !== "ENOENT" || below === "") {
        this.report(below, "folder.unreadable", `The folder can't be read (${errno(error)}).`);
      }
      return [];
    }
  }

  #entry(path: string, entry: Dirent, depth: number): void {
    if (GENERATED.has(path)) return;
    const hidden = entry.name.startsWith(".");
    if (entry.isDirectory()) {
      if (path === "manifest.yaml") this.report(path, "file.not_regular", "This is a folder, not a file.");
      else if (!hidden && entry.name !== "node_modules") this.#subfolder(path, depth + 1);
    } else if (/^\.env(?:\..*)?$/.test(entry.name)) {
      this.report(path, "file.env", "A .env file has no place in a connector's folder.");
    } else if (entry.isFile()) {
      this.#file(path);
    } else if (!hidden) {
      // Editors keep their locks as hidden links; everything else that is no file could be somebody else's file.
      const what = entry.isSymbolicLink() ? "a link; links are not followed" : "not a regular file";
      this.report(path, "file.not_regular", `This is ${what}.`);
    }
  }

  #subfolder(path: string, depth: number): void {
    if (depth > MAX_FOLDER_DEPTH) {
      this.report(path, "folder.too_many_files", `Folders are more than ${MAX_FOLDER_DEPTH} levels deep.`);
      return;
    }
    this.#walk(path, depth);
  }

  #file(path: string): void {
    const yaml = this.#checkYamlName(path);
    if (yaml === "refused") return;
    const opened = openRegular(join(this.#folder, path), yaml ? MAX_YAML_BYTES : MAX_FILE_BYTES);
    if ("gone" in opened) return;
    if ("refused" in opened) {
      this.report(path, opened.refused, opened.message);
      return;
    }
    const { size, mtimeMs, ctimeMs, ino } = opened.stats;
    this.#inputs.push({ path, size, mtimeMs, ctimeMs, ino });
    this.#files.set(path, { path, bytes: opened.bytes });
  }

  /** Whether a path is one of the YAML files that are read; one that only looks like it is reported. */
  #checkYamlName(path: string): boolean | "refused" {
    if (isOwnYaml(path)) return true;
    if (/\/manifest\.ya?ml$/.test(path)) {
      this.report(path, "folder.nested", "A connector's folder can't hold another connector.");
      return "refused";
    }
    if (path.startsWith("tools/") && /\.ya?ml$/i.test(path)) {
      this.report(path, "folder.not_read", "Only tools/*.yaml is read.");
      return "refused";
    }
    return false;
  }

  /** A file that its author takes for one of those that are read. */
  #checkLookalikes(): void {
    for (const path of this.#files.keys()) {
      if (isOwnYaml(path) || !/^(?:manifest|tools?|tests?)\.ya?ml$/i.test(path)) continue;
      this.report(path, "folder.not_read", "Only manifest.yaml, tools/*.yaml and tests.yaml are read.");
    }
  }

  #checkToolFiles(): void {
    const count = [...this.#files.keys()].filter(isToolsFile).length;
    if (count > MAX_TOOL_FILES) {
      this.report(
        "tools",
        "folder.too_many_files",
        `There are ${count} files, and ${MAX_TOOL_FILES} are allowed.`,
      );
    }
  }

  #reportNoManifest(): void {
    const similar = [...this.#files.keys()].find((path) => /^manifest\.(?:ya?ml|json)$/i.test(path));
    const hint = similar === undefined ? undefined : `Rename ${similar} to manifest.yaml.`;
    this.report("", "folder.no_manifest", "The folder has no manifest.yaml.", hint);
  }
}
