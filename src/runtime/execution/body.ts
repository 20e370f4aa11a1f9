import type { Json, JsonObject } from "../../base/index.ts";
import type { Rest } from "../../manifest/index.ts";
import { failure, shown } from "./failure.ts";
import { formFields } from "./fields.ts";
import { plainText } from "./templates.ts";

/** A body as bytes, and its type unless the manifest names another. */
export interface EncodedBody {
  readonly bytes: Uint8Array;
  readonly type: string;
}

type Encoding = Pick<Rest, "encoding" | "body_styles" | "files">;

/**
 * Encodes a body whose templates are filled in.
 * @param max bytes
 * @throws ToolFailure `firewall.query`, `input.bad_value`, `input.too_large`
 */
export async function encodeBody(body: Json, rest: Encoding, max: number): Promise<EncodedBody> {
  const encoded = await encoders[rest.encoding](body, rest);
  if (encoded.bytes.length > max) throw failure("input.too_large", `The body has more than ${max} bytes.`);
  return encoded;
}

const encoders: Readonly<
  Record<Rest["encoding"], (body: Json, rest: Encoding) => EncodedBody | Promise<EncodedBody>>
> = {
  json: (body) => ({ bytes: Buffer.from(JSON.stringify(body)), type: "application/json" }),
  form: (body, rest) => {
    const fields = formFields(mapOf(body), rest.body_styles);
    const text = new URLSearchParams(fields).toString();
    return { bytes: Buffer.from(text), type: "application/x-www-form-urlencoded" };
  },
  multipart,
  text: (body) => ({ bytes: Buffer.from(plainText(body)), type: "text/plain; charset=utf-8" }),
  binary: (body) => ({ bytes: base64("The body", body), type: "application/octet-stream" }),
};

async function multipart(body: Json, { files, body_styles }: Encoding): Promise<EncodedBody> {
  const form = new FormData();
  const fields = mapOf(body);
  const plain = Object.entries(fields).filter(([name]) => !files.includes(name));
  for (const [name, value] of formFields(Object.fromEntries(plain), body_styles, files))
    form.append(name, value);
  for (const name of files) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    for (const file of Array.isArray(value) ? value : [value]) {
      form.append(name, new Blob([base64(name, file)]), name);
    }
  }
  // The platform's own writer of multipart, with a boundary that no part contains.
  const response = new Response(form);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, type: response.headers.get("content-type") ?? "multipart/form-data" };
}

function mapOf(body: Json): JsonObject {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw failure("input.bad_value", `The body is a map of fields, not ${shown(plainText(body))}.`);
}

/** RFC 4648, with or without padding, in either alphabet; line breaks as tools put them in. */
function base64(name: string, value: Json): Buffer<ArrayBuffer> {
  const text = typeof value === "string" ? value.replace(/[\r\n]/g, "") : null;
  if (text === null || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, "").length % 4 === 1) {
    throw failure("input.bad_value", `${name} is not base64.`);
  }
  return Buffer.from(text, "base64");
}
