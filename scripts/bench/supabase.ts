/**
 * The lines about registering over supabase-js, through a real PostgREST: the registering alone, as the peer does nothing
 * else, and a whole `sentinel run` besides, which starts, checks, generates and registers.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import type { PostgresServer } from "../../test/helpers/postgres.ts";
import { startPostgrest, token } from "../../test/helpers/postgrest.ts";
import { median, once, type Row, type Side } from "./measure.ts";
import { CLI } from "./runs.ts";
import { SEED_TABLES } from "./seed-algorithm.ts";
import { writeTree } from "./tree.ts";

const CONNECTORS = 200;

/** Looks like a project and counts what is asked of it. */
async function countingProject(
  upstream: string,
): Promise<{ server: Server; url: string; taken: () => number }> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string" && !["host", "connection", "content-length"].includes(name))
        headers.set(name, value);
    }
    const answer = await fetch(upstream + (request.url ?? "").replace("/rest/v1/", "/"), {
      method: request.method ?? "GET",
      headers,
      ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
    });
    response.statusCode = answer.status;
    response.setHeader("content-type", answer.headers.get("content-type") ?? "application/json");
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const taken = (): number => {
    const count = requests;
    requests = 0;
    return count;
  };
  return { server, url: `http://127.0.0.1:${port}`, taken };
}

type Environment = Readonly<Record<string, string>>;

function run(directory: string, source: string, env: Environment): Side {
  const args = [CLI, "run", "--cwd", directory, "--source", source, "--quiet"];
  return { name: "run (supabase)", command: process.execPath, args, env };
}

/** One of the scripts beside this one, which say how long registering took. */
function script(name: string, directory: string, env: Environment, ...more: string[]): Side {
  const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  return { name, command: process.execPath, args: [path, join(directory, "connectors"), ...more], env };
}

async function registering(side: Side): Promise<number> {
  const { stdout } = await once(side);
  const said = /registered in ([\d.]+) s/.exec(stdout)?.[1];
  if (said === undefined) throw new Error(`${side.name} said ${stdout}`);
  return Number(said);
}

/** A folder with connectors of its own. */
function treeOf(number: number): string {
  const directory = mkdtempSync(join(tmpdir(), "sentinel-bench-"));
  writeTree(directory, (number + 1) * CONNECTORS, 1, number * CONNECTORS);
  return directory;
}

/** Registers 200 connectors both ways through the same server. */
export async function overSupabase(postgres: PostgresServer, pairs: number): Promise<Row[]> {
  const database = await postgres.createDatabase(true);
  const driver = openPostgres({ url: postgres.url(database) });
  await driver.migrate();
  await driver.close();
  const postgrest = await startPostgrest(postgres, database);
  await postgres.asSuperuser(database, (client) =>
    client.query(`${SEED_TABLES}; notify pgrst, 'reload schema'`),
  );
  const project = await countingProject(postgrest.url);
  const env = { SUPABASE_URL: project.url, SUPABASE_SECRET_KEY: await token({ role: "service_role" }) };
  const [times, requests]: [[number, number][], [number, number][]] = [[], []];
  const whole: number[] = [];
  // The first pair warms up. Each has connectors of its own: nothing can empty the registry.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const [first, second] = [treeOf(2 * pair), treeOf(2 * pair + 1)];
    project.taken();
    const right = await registering(script("seed-algorithm", first, env));
    const rightRequests = project.taken();
    const left = await registering(script("register", first, env, `pair-${pair}`));
    const leftRequests = project.taken();
    const { seconds } = await once(run(second, `run-${pair}`, env));
    if (pair > 0) {
      times.push([left, right]);
      requests.push([leftRequests, rightRequests]);
      whole.push(seconds);
    }
    for (const directory of [first, second]) rmSync(directory, { recursive: true, force: true });
  }
  await postgrest.stop();
  project.server.close();
  const side = (list: [number, number][], at: 0 | 1): number => median(list.map((pair) => pair[at]));
  const fewer = (list: [number, number][]): number => median(list.map(([left, right]) => left / right));
  return [
    {
      what: `registering ${CONNECTORS} connectors over supabase-js: time`,
      against: "a select and an upsert per scope, one after the other",
      ours: `${side(times, 0).toFixed(2)} s`,
      theirs: `${side(times, 1).toFixed(2)} s`,
      ratio: fewer(times),
      reach: 1 / 50,
      note: `${(1 / fewer(times)).toFixed(0)} times faster; a whole \`run\` takes ${median(whole).toFixed(2)} s`,
    },
    {
      what: `registering ${CONNECTORS} connectors over supabase-js: requests`,
      against: "the same",
      ours: `${side(requests, 0)}`,
      theirs: `${side(requests, 1)}`,
      ratio: fewer(requests),
      reach: 1 / 100,
      note: `${(1 / fewer(requests)).toFixed(0)} times fewer`,
    },
  ];
}
