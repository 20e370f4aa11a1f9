/** A throw-away working directory with connectors in it, and the command run there. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Finished, type Running, type SpawnOptions, sentinel, start } from "./process.ts";

/** A connector's files by path within its folder; a text alone is its manifest.yaml. */
export type Content = string | Readonly<Record<string, string | Uint8Array>>;

export class Project {
  /** Absolute path; what the command is run in. */
  readonly dir: string;
  readonly connectors: string;
  /** Options that go with every command, such as the registry's. */
  readonly options: readonly string[];
  readonly #spawn: SpawnOptions;
  readonly #running = new Set<Running>();

  constructor(options: readonly string[] = [], spawn: SpawnOptions = {}) {
    this.dir = mkdtempSync(join(tmpdir(), "sentinel-e2e-"));
    this.connectors = join(this.dir, "connectors");
    this.options = options;
    this.#spawn = spawn;
    mkdirSync(this.connectors);
  }

  /** Runs the command to its end. */
  run(args: readonly string[], spawn: SpawnOptions = {}): Promise<Finished> {
    return sentinel([...args, ...this.options], { cwd: this.dir, ...this.#spawn, ...spawn });
  }

  /** Starts the command; it is killed when the project goes. */
  start(args: readonly string[], spawn: SpawnOptions = {}): Running {
    const running = start([...args, ...this.options], { cwd: this.dir, ...this.#spawn, ...spawn });
    this.#running.add(running);
    return running;
  }

  /** Runs a command whose standard output is one JSON object. */
  async json<T>(args: readonly string[], spawn: SpawnOptions = {}): Promise<T> {
    return (await this.run([...args, "--format", "json"], spawn)).json<T>();
  }

  /** Writes a connector's folder; files that are there already and not named stay. */
  write(slug: string, content: Content): void {
    const files = typeof content === "string" ? { "manifest.yaml": content } : content;
    for (const [path, bytes] of Object.entries(files)) {
      const file = join(this.connectors, slug, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }

  writeAll(connectors: Readonly<Record<string, Content>>): void {
    for (const [slug, content] of Object.entries(connectors)) this.write(slug, content);
  }

  read(path: string): string {
    return readFileSync(join(this.connectors, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.connectors, path));
  }

  remove(path: string): void {
    rmSync(join(this.connectors, path), { recursive: true, force: true });
  }

  /** Every file below `connectors`, by path, with its text; links and devices by their kind. */
  files(): Record<string, string> {
    const found: Record<string, string> = {};
    const paths = readdirSync(this.connectors, { recursive: true, encoding: "utf8" }).sort();
    for (const path of paths) {
      const stat = lstatSync(join(this.connectors, path));
      if (stat.isFile()) found[path] = this.read(path);
      else if (!stat.isDirectory()) found[path] = `mode ${stat.mode.toString(8)}`;
    }
    return found;
  }

  /** A second project with the same connectors and nothing else of this one. */
  copyConnectors(options: readonly string[] = []): Project {
    const copy = new Project(options);
    cpSync(this.connectors, copy.connectors, { recursive: true });
    return copy;
  }

  /** Ends what is still running and deletes everything. */
  async close(): Promise<void> {
    for (const running of this.#running) {
      running.child.kill("SIGCONT");
      await running.stop("SIGKILL").catch(() => undefined);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
