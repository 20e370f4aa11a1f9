import type {
  ApiKey,
  AuthDefinition,
  Connector,
  ConnectorDefinition,
  KeyOptions,
  Keys,
  LocalPath,
  Oauth2,
  ObjectSchema,
  Tool,
  ToolDefinition,
} from "./types.ts";

/** Where `sentinel build` finds what something is and where it was made. The same in every copy of this module. */
const MADE = Symbol.for("connector-sentinel.made");

/** What was made, and the stack of the place. */
interface Made {
  readonly kind: "connector" | "tool";
  readonly stack: string;
}

/** A copy that remembers what it is; code outside can't mistake something else for it. */
function mark<T extends object>(kind: Made["kind"], given: T, below: (...given: never[]) => unknown): T {
  const place = { stack: "" };
  Error.captureStackTrace(place, below);
  return Object.freeze(Object.defineProperty({ ...given }, MADE, { value: { kind, stack: place.stack } }));
}

/**
 * Declares a connector; the file's default export. `sentinel build` makes manifest.yaml and service.ts of it, and judges
 * it: nothing is thrown here.
 */
export function defineConnector(definition: ConnectorDefinition): Connector {
  return mark("connector", definition, defineConnector);
}

/** Declares a tool. A handler's input has the type of the tool's `input`. */
export function tool<const Input extends ObjectSchema, const Output extends ObjectSchema = ObjectSchema>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  return mark("tool", definition, tool);
}

/** How a connection gets its credentials. They name places in the vault, never values. */
export const auth = {
  /** A public system. */
  none: (options: Pick<KeyOptions, "whoami"> = {}): AuthDefinition => ({ none: options }),
  /** A static key in a header, a query field or a cookie; KEY `API_KEY`. */
  apiKey: (options: ApiKey): AuthDefinition => ({ api_key: options }),
  /** `Authorization: Bearer …`; KEY `ACCESS_TOKEN`. */
  bearer: (options: KeyOptions = {}): AuthDefinition => ({ bearer: options }),
  /** HTTP Basic; KEYs `USERNAME` and `PASSWORD`. */
  basic: (options: KeyOptions = {}): AuthDefinition => ({ basic: options }),
  /** OAuth 2: the runtime gets the token, and renews it. */
  oauth2: (options: Oauth2): AuthDefinition => ({ oauth2: options }),
  /** Secrets by name, for handlers: `ctx.secret(NAME)`. */
  keys: (options: Keys): AuthDefinition => ({ keys: options }),
  /** A file of the user's own, such as an SQLite database. */
  localPath: (options: LocalPath = {}): AuthDefinition => ({ local_path: options }),
};

/** What something is that may have been made by these functions, and where; null for anything else. */
export function madeBy(value: unknown): Made | null {
  return typeof value === "object" && value !== null ? (Reflect.get(value, MADE) ?? null) : null;
}
