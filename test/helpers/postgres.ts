import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";

/** Why the tests on real servers don't run here, or null when they do. */
export function serversMissing(): string | null {
  if (process.env.SENTINEL_TEST_SERVERS !== "1") return "SENTINEL_TEST_SERVERS is not 1";
  return binaries() === null ? "no PostgreSQL in /usr/lib/postgresql" : null;
}

/** A PostgreSQL of our own, gone with the test. */
export interface PostgresServer {
  readonly port: number;
  /** A URL for the superuser, or for another login (whose password is `password` too). */
  url(database: string, user?: string): string;
  /** A new database, empty or with the registry's migrations. */
  createDatabase(migrated: boolean): Promise<string>;
  /** Runs work as the superuser. */
  asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Stops the server as a power cut would, and starts it again on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = "password";

function binaries(): string | null {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return null;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return (
    versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb"))) ??
    null
  );
}

/** PostgreSQL refuses to run as root: another user of this machine has to. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = ["postgres", "nobody"]
    .map((name) => users.find((user) => user.startsWith(`${name}:`)))
    .find(Boolean);
  const [, , uid, gid] = (line ?? "").split(":").map(Number);
  if (uid === undefined || gid === undefined) throw new Error("no user to run PostgreSQL as");
  return { uid, gid };
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Starts a server in a temporary directory on a random port of the loopback. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === null) throw new Error("no PostgreSQL in /usr/lib/postgresql");
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "sentinel-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data);
  if (user) for (const path of [folder, data]) chownSync(path, user.uid, user.gid);
  chmodSync(folder, 0o755);
  const options = { cwd: folder, ...user, env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } };
  const made = spawnSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
    options,
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const server = new Server(port, () =>
    spawn(
      join(bin, "postgres"),
      [
        "-D",
        data,
        "-p",
        `${port}`,
        "-h",
        "127.0.0.1",
        "-k",
        "",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=60",
      ],
      { ...options, stdio: ["ignore", "ignore", "pipe"] },
    ),
  );
  await server.start();
  server.onStop(() => rmSync(folder, { recursive: true, force: true }));
  return server;
}

class Server implements PostgresServer {
  readonly port: number;
  readonly #spawn: () => ChildProcess;
  #child: ChildProcess | null = null;
  #log = "";
  #cleanup: () => void = () => {};
  #template: Promise<string> | null = null;
  #count = 0;

  constructor(port: number, spawnServer: () => ChildProcess) {
    this.port = port;
    this.#spawn = spawnServer;
  }

  onStop(cleanup: () => void): void {
    this.#cleanup = cleanup;
  }

  url(database: string, user = "postgres"): string {
    return `postgres://${user}:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const child = this.#spawn();
    this.#child = child;
    child.stderr?.on("data", (chunk) => {
      this.#log = (this.#log + chunk).slice(-4000);
    });
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.asSuperuser("postgres", async () => {});
      } catch (error) {
        if (tries > 150 || child.exitCode !== null)
          throw new Error(`PostgreSQL does not start: ${this.#log}`, { cause: error });
        await sleep(100);
      }
    }
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
    // Its children notice that it is gone; until they do, the data directory counts as in use.
    await sleep(500);
  }

  async stop(): Promise<void> {
    await this.#end("SIGQUIT");
    this.#cleanup();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async createDatabase(migrated: boolean): Promise<string> {
    this.#count += 1;
    const name = `test_${this.#count}`;
    this.#template ??= this.#createTemplate();
    const template = migrated ? ` template ${await this.#template}` : "";
    await this.asSuperuser("postgres", (client) => client.query(`create database ${name}${template}`));
    return name;
  }

  async #createTemplate(): Promise<string> {
    await this.asSuperuser("postgres", (client) => client.query("create database migrated"));
    const driver = openPostgres({ url: this.url("migrated") });
    await driver.migrate();
    await driver.close();
    return "migrated";
  }

  async asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
