import { createServer, type Server } from "node:http";
import * as oauth from "oauth4webapi";
import { CODES, errno, UserError } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import { type Connection, ToolFailure } from "../seams.ts";
import type { OauthAuth, TokenClient } from "./endpoint.ts";
import { ask, scopesOf } from "./grants.ts";
import type { Refresher } from "./refresh.ts";

export interface AuthorizeOptions {
  readonly client: TokenClient;
  readonly refresher: Refresher;
  readonly manifest: Manifest;
  readonly connection: Connection;
  /** Where the browser comes back to, on 127.0.0.1; 0: any free port. */
  readonly port: number;
  /** Told the address that a person has to open, and the one that the provider has to know. */
  readonly show: (url: string, redirectUri: string) => void;
  readonly signal: AbortSignal;
}

const PATH = "/callback";
const PAGE =
  "<!doctype html><meta charset=utf-8><title>Connector Sentinel</title><p>You can close this page.";

/**
 * Gets an account its first tokens and stores them: with a person's consent in a browser (RFC 8252: authorization code,
 * PKCE, loopback), or, with client credentials, by asking.
 * @throws ToolFailure `auth.*`; UserError `connect.not_oauth`, `connect.port_taken`
 */
export async function authorize(options: AuthorizeOptions): Promise<void> {
  const { client, refresher, manifest, connection } = options;
  const { auth } = manifest;
  if (auth.type !== "oauth2") {
    const message = `${manifest.provider_slug} does not use OAuth.`;
    throw new UserError("connect.not_oauth", message, "Store its credential with `sentinel vault set`.");
  }
  const what =
    auth.grant === "client_credentials" ? ({ kind: "client" } as const) : await consent(options, auth);
  const tokens = await ask(client, manifest, auth, connection, what);
  if (tokens === null) throw rejected("The provider does not take the code that it gave.");
  await refresher.store(connection, manifest, tokens);
}

async function consent(
  { client, manifest, connection, port, show, signal }: AuthorizeOptions,
  auth: OauthAuth,
): Promise<{
  readonly kind: "code";
  readonly parameters: URLSearchParams;
  readonly redirectUri: string;
  readonly verifier: string | null;
}> {
  const { authorization } = client.endpoints(manifest, auth, connection);
  const client_id = await connection.secret("CLIENT_ID");
  if (authorization === null || client_id === null) {
    const lacks =
      authorization === null
        ? "The manifest names no authorization_url"
        : "There is no CLIENT_ID in the vault";
    throw new ToolFailure("auth.missing", `${lacks}.`, CODES["auth.missing"].remedy);
  }
  const server = createServer();
  const redirectUri = `http://127.0.0.1:${await listen(server, port)}${PATH}`;
  const state = oauth.generateRandomState();
  const verifier = auth.pkce ? oauth.generateRandomCodeVerifier() : null;
  const query: Record<string, string> = {
    response_type: "code",
    client_id,
    redirect_uri: redirectUri,
    state,
    ...(scopesOf(auth) !== "" && { scope: scopesOf(auth) }),
    ...(verifier !== null && {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(query)) authorization.searchParams.set(name, value);
  try {
    const returned = comeBack(server, redirectUri, state, signal);
    show(authorization.href, redirectUri);
    return { kind: "code", parameters: checked(await returned, client_id, state), redirectUri, verifier };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The query that the browser comes back with; whoever comes without our state is none of ours. */
function comeBack(server: Server, redirectUri: string, state: string, signal: AbortSignal): Promise<URL> {
  const { host } = new URL(redirectUri);
  return new Promise((resolve, reject) => {
    const cancelled = (): void => reject(rejected("Nobody came back from the provider."));
    if (signal.aborted) cancelled();
    signal.addEventListener("abort", cancelled, { once: true });
    server.on("request", (request, response) => {
      const url = URL.parse(request.url ?? "", redirectUri);
      const isOurs =
        request.method === "GET" &&
        request.headers.host === host &&
        url?.pathname === PATH &&
        url.searchParams.get("state") === state;
      response.writeHead(isOurs ? 200 : 404, { "content-type": "text/html", connection: "close" });
      response.end(isOurs ? PAGE : "");
      if (isOurs && url !== null) response.once("close", () => resolve(url));
    });
  });
}

function checked({ searchParams }: URL, client_id: string, state: string): URLSearchParams {
  // One provider, one port and one state a time: there is nobody else whose answer it could be (RFC 9207).
  searchParams.delete("iss");
  try {
    return oauth.validateAuthResponse({ issuer: "https://provider" }, { client_id }, searchParams, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      throw rejected(`The provider says no (${error.error.slice(0, 100)}).`);
    }
    throw rejected(
      `What the provider sent back can't be used: ${error instanceof Error ? error.message : "?"}.`,
    );
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const why = `Port ${port} on 127.0.0.1 can't be opened (${errno(error) ?? "?"}).`;
      reject(new UserError("connect.port_taken", why, "Choose another --port, and tell the provider."));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function rejected(message: string): ToolFailure {
  return new ToolFailure("auth.rejected", message, CODES["auth.rejected"].remedy);
}
