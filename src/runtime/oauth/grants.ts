import * as oauth from "oauth4webapi";
import { CODES, type RuntimeCode } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import { type Connection, ToolFailure } from "../seams.ts";
import type { OauthAuth, TokenClient } from "./endpoint.ts";

/** What a token endpoint gave. */
export interface Tokens {
  readonly access: string;
  /** null: none, or the old one stays good. */
  readonly refresh: string | null;
  /** Seconds from now; null: not said. */
  readonly expiresIn: number | null;
}

/** What is asked of a token endpoint. */
export type Ask =
  | { readonly kind: "refresh"; readonly token: string }
  | { readonly kind: "client" }
  | {
      readonly kind: "code";
      /** The query that the provider sent the browser back with, checked. */
      readonly parameters: URLSearchParams;
      readonly redirectUri: string;
      /** null: the provider knows no PKCE. */
      readonly verifier: string | null;
    };

type Options = oauth.TokenEndpointRequestOptions & oauth.ClientCredentialsGrantRequestOptions;

/**
 * Asks a provider for tokens.
 * @returns null where it says that the grant is not good (any more)
 * @throws ToolFailure `auth.missing`, `auth.rejected`, and `api.*` for what may be another the next time
 */
export async function ask(
  client: TokenClient,
  manifest: Manifest,
  auth: OauthAuth,
  connection: Connection,
  what: Ask,
): Promise<Tokens | null> {
  const client_id = await connection.secret("CLIENT_ID");
  if (client_id === null) throw missing(connection, "CLIENT_ID");
  const secret = await connection.secret("CLIENT_SECRET");
  const { token, refresh } = client.endpoints(manifest, auth, connection);
  const token_endpoint = (what.kind === "refresh" ? refresh : token).href;
  const server: oauth.AuthorizationServer = { issuer: new URL(token_endpoint).origin, token_endpoint };
  const options: Options = {
    [oauth.customFetch]: client.fetchFor(manifest, connection),
    // The firewall says what may go without TLS: hosts that the operator has named.
    [oauth.allowInsecureRequests]: true,
  };
  const request = (by: oauth.ClientAuth): Promise<oauth.TokenEndpointResponse> =>
    exchanged(server, { client_id }, by, what, scopesOf(auth), options);
  try {
    try {
      return tokensOf(await request(secret === null ? oauth.None() : oauth.ClientSecretPost(secret)));
    } catch (error) {
      // The form is what most providers know; the standard's own way is the header.
      if (secret === null || !(error instanceof oauth.ResponseBodyError) || error.error !== "invalid_client")
        throw error;
      return tokensOf(await request(oauth.ClientSecretBasic(secret)));
    }
  } catch (error) {
    return refused(error, connection);
  }
}

async function exchanged(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  by: oauth.ClientAuth,
  what: Ask,
  scope: string,
  options: Options,
): Promise<oauth.TokenEndpointResponse> {
  switch (what.kind) {
    case "refresh": {
      const response = await oauth.refreshTokenGrantRequest(server, client, by, what.token, options);
      return oauth.processRefreshTokenResponse(server, client, response);
    }
    case "client": {
      const parameters = scope === "" ? {} : { scope };
      const response = await oauth.clientCredentialsGrantRequest(server, client, by, parameters, options);
      return oauth.processClientCredentialsResponse(server, client, response);
    }
    case "code": {
      const { parameters, redirectUri, verifier } = what;
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        by,
        parameters,
        redirectUri,
        verifier ?? oauth.nopkce,
        options,
      );
      return oauth.processAuthorizationCodeResponse(server, client, response);
    }
  }
}

/** The scopes to ask for: of the app type `default`, else of the only one. */
export function scopesOf({ scopes }: OauthAuth): string {
  const [first = []] = Object.values(scopes);
  return (scopes.default ?? first).join(" ");
}

function tokensOf({ access_token, refresh_token, expires_in }: oauth.TokenEndpointResponse): Tokens {
  return { access: access_token, refresh: refresh_token ?? null, expiresIn: expires_in ?? null };
}

function refused(error: unknown, connection: Connection): null {
  if (error instanceof ToolFailure) throw error;
  if (error instanceof oauth.ResponseBodyError) {
    if (error.error === "invalid_grant") return null;
    const said = `${error.error}${error.error_description === undefined ? "" : `: ${error.error_description}`}`;
    throw failure("auth.rejected", `The provider gives no token (${connection.scrub(said).slice(0, 300)}).`);
  }
  if (error instanceof oauth.OperationProcessingError) {
    throw failure(
      "auth.rejected",
      connection.scrub(`The token endpoint's answer can't be used: ${error.message}.`),
    );
  }
  // The library wraps what its fetch throws.
  if (error instanceof Error && error.cause instanceof ToolFailure) throw error.cause;
  throw error;
}

function missing({ connector, account }: Connection, key: string): ToolFailure {
  return failure("auth.missing", `The account ${account} of ${connector} has no ${key} in the vault.`);
}

function failure(code: RuntimeCode, message: string): ToolFailure {
  return new ToolFailure(code, message, CODES[code].remedy);
}
