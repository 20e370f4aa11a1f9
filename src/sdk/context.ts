/** What JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What a function of `service.ts` gets besides its input. */
export interface HandlerContext {
  /** The values of the account's fields. */
  readonly account: Readonly<Record<string, string>>;
  /**
   * Stands for a secret that `auth: keys` names, in headers, query and body of a request: the value itself takes its place
   * when the request is sent. Null for a name that the manifest does not have, or an optional one that the account lacks.
   */
  secret(name: string): string | null;
  /** Requests to the hosts that the manifest names, with the account's credential where `auth` says. */
  readonly http: HttpCalls;
}

/** An answer with a status from 200 to 299; any other is thrown as an error with a `code`, such as `api.status`. */
export interface HttpAnswer<Data = unknown> {
  readonly status: number;
  /** Names in small letters; cookies are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as it is, text as a text, nothing as null, everything else as `{content_type, base64}`. */
  readonly data: Data;
}

/** What a request has besides method and address. */
export interface HttpOptions {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** User name and password of HTTP Basic, either of which may be a secret. */
  readonly basic?: readonly [user: string, password: string];
  readonly body?: unknown;
  /** Default json. */
  readonly encoding?: "json" | "form" | "text" | "binary";
}

/**
 * Requests; an address is a path below `base_url`, or a full URL of a host that the manifest names. Values are put into it
 * with `encodeURIComponent`; fields go as `query`. What `data` is, the caller says: `http.get<Order[]>("/orders")`; nobody
 * checks it.
 */
export interface HttpCalls {
  request<Data = unknown>(method: string, address: string, options?: HttpOptions): Promise<HttpAnswer<Data>>;
  get<Data = unknown>(address: string, options?: HttpOptions): Promise<HttpAnswer<Data>>;
  post<Data = unknown>(address: string, body?: unknown, options?: HttpOptions): Promise<HttpAnswer<Data>>;
  put<Data = unknown>(address: string, body?: unknown, options?: HttpOptions): Promise<HttpAnswer<Data>>;
  patch<Data = unknown>(address: string, body?: unknown, options?: HttpOptions): Promise<HttpAnswer<Data>>;
  delete<Data = unknown>(address: string, options?: HttpOptions): Promise<HttpAnswer<Data>>;
}
