import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Executor } from "../../../src/runtime/seams.ts";
import { account, call, closeServer, failureOf, listen, rest } from "./workbench.ts";

const missing =
  spawnSync("openssl", ["version"]).status === 0 ? null : "no openssl to make a certificate with";
const NAME = "api.acme.example";
let server: Server | null = null;
let port = 0;
let ca = "";
const authorization: (string | undefined)[] = [];

beforeAll(async () => {
  if (missing !== null) return;
  const folder = mkdtempSync(join(tmpdir(), "sentinel-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-keyout", key, "-out", cert, ...subject],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  ca = readFileSync(cert, "utf8");
  server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
    authorization.push(request.headers.authorization);
    if (request.url === "/down") response.writeHead(302, { location: `http://${NAME}:${port}/` }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  port = await listen(server);
  rmSync(folder, { recursive: true });
});

afterAll(async () => {
  if (server !== null) await closeServer(server);
});

/** An executor for which every name leads to the loopback, and the named ones may. */
function executorOf(own: string[], trusted: string | undefined): Executor {
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  return createExecutor({ allowedHosts: own }, { resolve, ...(trusted !== undefined && { ca: trusted }) });
}

async function run(host: string, path: string, trusted: string | undefined): Promise<unknown> {
  const executor = executorOf([`${NAME}:${port}`, `other.example:${port}`], trusted);
  try {
    return await call(
      executor,
      { host },
      {
        manifest: { auth: { type: "bearer", also: [], whoami: null } },
        tool: { side_effecting: true, rest: rest({ path }) },
        connection: account({ ACCESS_TOKEN: "tls-token" }),
      },
    );
  } finally {
    await executor.close();
  }
}

describe.skipIf(missing !== null)(`TLS${missing === null ? "" : ` (${missing})`}`, () => {
  it("speaks with a host that proves its name", async () => {
    expect(await run(`${NAME}:${port}`, "/", ca)).toMatchObject({ ok: true });
    expect(authorization.at(-1)).toBe("Bearer tls-token");
  });

  it("sends nothing to a host that does not", async () => {
    const before = authorization.length;
    for (const [host, trusted] of [
      [`${NAME}:${port}`, undefined],
      [`other.example:${port}`, ca],
    ] as const) {
      const failure = await failureOf(run(host, "/", trusted));
      expect([failure.code, failure.sent]).toEqual(["api.unreachable", false]);
    }
    expect(authorization.length).toBe(before);
  });

  it("does not follow to plain HTTP", async () => {
    const before = authorization.length;
    const failure = await failureOf(run(`${NAME}:${port}`, "/down", ca));
    expect(failure.code).toBe("firewall.redirect");
    expect(authorization.slice(before)).toEqual(["Bearer tls-token"]);
  });
});
