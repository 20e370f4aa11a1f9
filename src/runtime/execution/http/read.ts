import { promisify } from "node:util";
import zlib from "node:zlib";
import { errno } from "../../../base/index.ts";
import { failure, messageOf, shown } from "../failure.ts";

const gunzip = promisify(zlib.gunzip);
const inflate = promisify(zlib.inflate);
const inflateRaw = promisify(zlib.inflateRaw);
const brotli = promisify(zlib.brotliDecompress);
const zstd = promisify(zlib.zstdDecompress);

type Decompress = (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** What zlib says when there would be more than `maxOutputLength`. */
const TOO_LARGE = "ERR_BUFFER_TOO_LARGE";

const CODINGS: Readonly<Record<string, Decompress>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  br: brotli,
  zstd,
  // Some servers leave out the frame that RFC 9110 wants.
  deflate: async (data, options) => {
    try {
      return await inflate(data, options);
    } catch (error) {
      if (errno(error) === TOO_LARGE) throw error;
      return inflateRaw(data, options);
    }
  },
};

/** What a request says that it can read. */
export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

/** More than one layer is unusual, more than two an attack. */
const MAX_CODINGS = 2;

/**
 * Takes the compression off an answer's body.
 * @param coding the value of `content-encoding`
 * @param max bytes, decompressed
 * @throws ToolFailure `api.too_large`, `api.bad_response`
 */
export async function decoded(raw: Buffer, coding: string, max: number): Promise<Buffer> {
  if (raw.length === 0) return raw;
  const names = coding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > MAX_CODINGS) throw failure("api.bad_response", "The answer is compressed too often.");
  let data = raw;
  for (const name of names.reverse()) {
    const decompress = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined;
    if (decompress === undefined)
      throw failure("api.bad_response", `The answer has the unknown coding ${shown(name)}.`);
    try {
      data = await decompress(data, { maxOutputLength: max });
    } catch (error) {
      if (errno(error) === TOO_LARGE) throw tooLarge(max);
      throw failure("api.bad_response", `The answer is not ${name}: ${messageOf(error)}.`, { cause: error });
    }
  }
  return data;
}

/** What a call fails with whose answer has more than `max` bytes. */
export function tooLarge(max: number): Error {
  return failure("api.too_large", `The answer has more than ${max} bytes.`);
}
