import * as z from "zod";
import { LIST, TEXT } from "../limits.ts";
import { executionFields } from "./execution.ts";
import { httpsTemplate, line, prose } from "./parts.ts";

const whoami = z.strictObject({ description: prose(TEXT.description).optional(), ...executionFields });
const shared = { whoami: whoami.optional() };
const keyPlace = z.enum(["header", "query", "cookie"]);
const keyName = line(TEXT.version).regex(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  "the name of a header or query field",
);
const keyPrefix = z.string().max(32);
const extraKey = z.strictObject({
  in: keyPlace.optional(),
  name: keyName,
  prefix: keyPrefix.optional(),
});
const namedKey = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, "a name in capitals, such as REFRESH_TOKEN"),
  description: prose(TEXT.description).optional(),
  optional: z.boolean().optional(),
});
const withKeys = { also: z.array(extraKey).max(5).optional(), ...shared };
const oauthScopes = z.array(line(TEXT.name)).max(LIST.scopes);

const oauth2 = {
  authorization_url: httpsTemplate.optional(),
  token_url: httpsTemplate,
  refresh_url: httpsTemplate.optional(),
  grant: z.enum(["authorization_code", "client_credentials"]).optional(),
  pkce: z.boolean().optional(),
  ...withKeys,
};

/** The shape of each kind of `auth`, without the word that names the kind. */
export const authShapes = {
  none: z.strictObject({ ...shared }),
  api_key: z.strictObject({
    in: keyPlace.optional(),
    name: keyName,
    prefix: keyPrefix.optional(),
    ...withKeys,
  }),
  bearer: z.strictObject({ ...withKeys }),
  basic: z.strictObject({ ...withKeys }),
  oauth2: z.strictObject({ ...oauth2, scopes: z.record(line(TEXT.name), oauthScopes).optional() }),
  keys: z.strictObject({ keys: z.array(namedKey).min(1).max(LIST.short), ...shared }),
  local_path: z.strictObject({
    file_extensions: z
      .array(z.string().regex(/^\.[A-Za-z0-9.]{1,16}$/, "an extension such as .sqlite"))
      .max(LIST.short)
      .optional(),
    description: prose(TEXT.description).optional(),
    ...shared,
  }),
} as const;

/** `oauth2` whose scopes are one plain list. */
export const oauth2WithList = z.strictObject({ ...oauth2, scopes: oauthScopes.optional() });

export type AuthKind = keyof typeof authShapes;
export const AUTH_KINDS: readonly AuthKind[] = [
  "none",
  "api_key",
  "bearer",
  "basic",
  "oauth2",
  "keys",
  "local_path",
];
export type RawExtraKey = z.infer<typeof extraKey>;
export type RawNamedKey = z.infer<typeof namedKey>;
export type RawWhoami = z.infer<typeof whoami>;
/** What `auth` says, by kind. */
export type RawAuth =
  | { kind: "none"; body: z.infer<typeof authShapes.none> }
  | { kind: "api_key"; body: z.infer<typeof authShapes.api_key> }
  | { kind: "bearer"; body: z.infer<typeof authShapes.bearer> }
  | { kind: "basic"; body: z.infer<typeof authShapes.basic> }
  | { kind: "oauth2"; body: z.infer<typeof authShapes.oauth2> | z.infer<typeof oauth2WithList> }
  | { kind: "keys"; body: z.infer<typeof authShapes.keys> }
  | { kind: "local_path"; body: z.infer<typeof authShapes.local_path> };
