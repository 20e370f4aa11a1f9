import * as z from "zod";
import type { JsonObject } from "../base/index.ts";
import { AUTH_KINDS, authShapes, oauth2WithList } from "./shape/auth.ts";
import { manifest } from "./shape/manifest.ts";

/**
 * The JSON Schema (draft-07) of manifest.yaml, for editors; kept in the repo as connectors/manifest.schema.json.
 * It accepts every manifest that we accept; rules that look at more than one place are ours alone.
 */
export function jsonSchema(): JsonObject {
  const { none, api_key, bearer, basic, oauth2, keys, local_path } = authShapes;
  const bodies = {
    none,
    api_key,
    bearer,
    basic,
    oauth2: z.union([oauth2, oauth2WithList]),
    keys,
    local_path,
  };

  // `auth` in all its spellings, as an editor may know them; the reader itself says better what is wrong.
  const auth = z.union([
    z.enum(AUTH_KINDS),
    none.extend({ type: z.literal("none") }),
    api_key.extend({ type: z.literal("api_key") }),
    bearer.extend({ type: z.literal("bearer") }),
    basic.extend({ type: z.literal("basic") }),
    oauth2.extend({ type: z.literal("oauth2") }),
    oauth2WithList.extend({ type: z.literal("oauth2") }),
    keys.extend({ type: z.literal("keys") }),
    local_path.extend({ type: z.literal("local_path") }),
    ...Object.entries(bodies).map(([kind, body]) =>
      z.strictObject({ [kind]: body.nullable(), whoami: none.shape.whoami }),
    ),
  ]);
  const shape = manifest.extend({ auth: auth.optional() });
  const { $schema, ...rest } = z.toJSONSchema(shape, { target: "draft-7", io: "input", reused: "ref" });
  const whole = { $schema, $id: "manifest.schema.json", title: "The manifest of a connector", ...rest };
  // Through text: what is left is plain JSON, without zod's own fields.
  return JSON.parse(JSON.stringify(whole));
}
