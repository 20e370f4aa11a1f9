import * as z from "zod";
import type { JsonObject } from "../base/index.ts";
import { AUTH_KINDS, authShapes, oauth2WithList } from "./shape/auth.ts";
import { tool } from "./shape/execution.ts";
import { manifest } from "./shape/manifest.ts";

const kinds = z.enum(AUTH_KINDS);
const [none, apiKey, bearer, basic, oauth2, localPath] = [
  authShapes.none,
  authShapes.api_key,
  authShapes.bearer,
  authShapes.basic,
  z.union([authShapes.oauth2, oauth2WithList]),
  authShapes.local_path,
];

/** `auth` in all its spellings, as an editor may know them; the reader itself says better what is wrong. */
const auth = z.union([
  kinds,
  authShapes.none.extend({ type: z.literal("none") }),
  authShapes.api_key.extend({ type: z.literal("api_key") }),
  authShapes.bearer.extend({ type: z.literal("bearer") }),
  authShapes.basic.extend({ type: z.literal("basic") }),
  authShapes.oauth2.extend({ type: z.literal("oauth2") }),
  oauth2WithList.extend({ type: z.literal("oauth2") }),
  authShapes.local_path.extend({ type: z.literal("local_path") }),
  ...Object.entries({ none, api_key: apiKey, bearer, basic, oauth2, local_path: localPath }).map(
    ([kind, body]) => z.strictObject({ [kind]: body.or(z.null()), whoami: none.shape.whoami }),
  ),
]);

/** The JSON Schema (draft-07) of manifest.yaml, for editors; kept in the repo as connectors/manifest.schema.json. */
export function jsonSchema(): JsonObject {
  const shape = manifest.extend({ auth: auth.optional(), tools: z.array(tool).optional() });
  const schema = z.toJSONSchema(shape, { target: "draft-7", io: "input", reused: "ref" });
  const { $schema, ...rest } = schema;
  const whole = { $schema, title: "Connector manifest", ...rest };
  // Through text: what is left is plain JSON, without zod's own fields.
  return JSON.parse(JSON.stringify(whole));
}
