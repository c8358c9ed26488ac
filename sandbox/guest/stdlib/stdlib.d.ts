/**
 * What a transformation sees beside the language itself (ECMAScript, `--lib es2024`).
 *
 * There are no timers, no network, no modules and no clock: the code computes. `Date` and
 * `Math.random()` are there and depend on the event alone.
 */

/**
 * The webhook's body, parsed from JSON. Give it a type of your own where you use it.
 *
 * @example
 * const order: { id: string; total: number } = payload;
 */
declare const payload: any;

/**
 * The webhook's headers. Names match in any case; a header that was not sent is `undefined`.
 *
 * @example
 * if (headers["x-shopify-topic"] === "orders/paid") console.log("paid");
 */
declare const headers: Readonly<Record<string, string | undefined>>;

/**
 * Where the event comes from and what is transforming it.
 *
 * @example
 * return { attributes: [{ external_id: payload.id, last_event: context.event_id }] };
 */
declare const context: {
  /** The event's id, the same in each attempt and each replay. */
  readonly event_id: string;
  /** When the event was accepted, in UTC: `2026-01-02T03:04:05.678Z`. `Date.now()` is this time. */
  readonly accepted_at: string;
  /** The source that took the webhook in; its id is `null` in a run from the command line. */
  readonly source: { readonly id: string | null; readonly name: string };
  /** This transformation; the revision is `null` while a draft is being tried. */
  readonly transformation: {
    readonly id: string | null;
    readonly name: string;
    readonly revision: number | null;
  };
};

/**
 * Writes lines that are shown beside the event. Objects are shown as JSON.
 *
 * @example
 * console.log("order", payload.id, { items: payload.items.length });
 */
declare const console: {
  /** Writes a line at the level "debug". */
  debug(...values: unknown[]): void;
  /** Writes a line at the level "log". */
  log(...values: unknown[]): void;
  /** Writes a line at the level "info". */
  info(...values: unknown[]): void;
  /** Writes a line at the level "warn". */
  warn(...values: unknown[]): void;
  /** Writes a line at the level "error". */
  error(...values: unknown[]): void;
  /** Writes a line at the level "error" if the condition does not hold. */
  assert(condition?: unknown, ...values: unknown[]): void;
  /** Writes one value, as `log` does. */
  dir(value?: unknown): void;
  /** Writes a line at the level "debug", with the calls that led here. */
  trace(...values: unknown[]): void;
};

/**
 * Gives the SHA-256 of a text (its UTF-8) or of bytes, in hexadecimal.
 *
 * @example
 * const external_id = sha256(payload.customer.email.trim().toLowerCase());
 */
declare function sha256(data: string | ArrayBuffer | ArrayBufferView): string;

/**
 * Gives the HMAC-SHA-256 of a text or of bytes under a key, in hexadecimal.
 *
 * @example
 * const pseudonym = hmac("a key of your own", payload.customer.id);
 */
declare function hmac(
  key: string | ArrayBuffer | ArrayBufferView,
  data: string | ArrayBuffer | ArrayBufferView,
): string;

/**
 * Gives the UUID that a name has in a namespace (RFC 9562, version 5): the same for ever.
 *
 * @param namespace - a UUID; the namespace of URLs (`6ba7b811-9dad-11d1-80b4-00c04fd430c8`) if it is
 * not given.
 * @example
 * const id = uuid5(`https://shop.example.com/orders/${payload.id}`);
 */
declare function uuid5(name: string | ArrayBuffer | ArrayBufferView, namespace?: string): string;

/**
 * Decodes base64 into a text of which each character is one byte.
 *
 * @throws DOMException named `InvalidCharacterError` if the text is not base64.
 * @example
 * const bytes = Uint8Array.from(atob(payload.data), (byte) => byte.charCodeAt(0));
 */
declare function atob(data: string): string;

/**
 * Encodes a text of which each character is one byte (up to U+00FF) as base64.
 *
 * @throws DOMException named `InvalidCharacterError` if a character is beyond U+00FF.
 * @example
 * const credentials = btoa("user:secret");
 */
declare function btoa(data: string): string;

/**
 * Copies a value deeply: cycles, maps, sets, dates, errors and typed arrays are kept.
 *
 * @throws DOMException named `DataCloneError` for functions, symbols, promises and the like.
 * @example
 * const changed = structuredClone(payload);
 * changed.total = 0;
 */
declare function structuredClone<T>(value: T, options?: { transfer?: Iterable<ArrayBuffer> }): T;

/**
 * A URL, read and changed in its parts.
 *
 * @example
 * const url = new URL("/orders?page=2", "https://shop.example.com");
 * url.searchParams.set("page", "3");
 * console.log(url.href); // https://shop.example.com/orders?page=3
 */
declare class URL {
  /** @throws TypeError if it is no URL. */
  constructor(url: string | URL, base?: string | URL);
  /** Says whether the constructor would take it. */
  static canParse(url: string | URL, base?: string | URL): boolean;
  /** Gives a URL, or `null` where the constructor would throw. */
  static parse(url: string | URL, base?: string | URL): URL | null;
  /** The whole URL; to assign what is no URL throws a TypeError. */
  href: string;
  /** Scheme, host and port; `"null"` where there is no such thing. */
  readonly origin: string;
  /** The scheme with its colon: `https:`. */
  protocol: string;
  /** The user's name, percent-encoded. */
  username: string;
  /** The password, percent-encoded. */
  password: string;
  /** Host and port: `example.com:8080`. */
  host: string;
  /** The host alone. */
  hostname: string;
  /** The port; empty if it is the scheme's own. */
  port: string;
  /** The path. */
  pathname: string;
  /** The query with its question mark; empty if there is none. */
  search: string;
  /** The query's pairs; what is changed there is changed in the URL. */
  readonly searchParams: URLSearchParams;
  /** The fragment with its number sign; empty if there is none. */
  hash: string;
  /** Gives `href`. */
  toString(): string;
  /** Gives `href`. */
  toJSON(): string;
}

/**
 * The pairs of a query or of a form.
 *
 * @example
 * const form = new URLSearchParams("a=1&b=2&b=3");
 * console.log(form.get("a"), form.getAll("b")); // 1 ["2","3"]
 */
declare class URLSearchParams {
  constructor(init?: string | Iterable<readonly [string, string]> | Record<string, string>);
  /** How many pairs there are. */
  readonly size: number;
  /** Adds a pair at the end. */
  append(name: string, value: string): void;
  /** Removes the pairs of that name, or only those that have that value too. */
  delete(name: string, value?: string): void;
  /** Gives the first value of that name. */
  get(name: string): string | null;
  /** Gives all values of that name. */
  getAll(name: string): string[];
  /** Says whether there is a pair of that name, and of that value if one is given. */
  has(name: string, value?: string): boolean;
  /** Makes the value the only one of that name. */
  set(name: string, value: string): void;
  /** Sorts the pairs by name; those of one name stay in order. */
  sort(): void;
  /** Calls a function with each value and name. */
  forEach(
    callback: (value: string, name: string, parent: URLSearchParams) => void,
    thisArgument?: unknown,
  ): void;
  /** Iterates over pairs. */
  entries(): IterableIterator<[string, string]>;
  /** Iterates over names. */
  keys(): IterableIterator<string>;
  /** Iterates over values. */
  values(): IterableIterator<string>;
  /** Gives the query, without a question mark. */
  toString(): string;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

/**
 * Writes text as UTF-8.
 *
 * @example
 * const bytes = new TextEncoder().encode("é").length; // 2
 */
declare class TextEncoder {
  constructor();
  /** Always `utf-8`. */
  readonly encoding: string;
  /** Gives the text's bytes; half a surrogate pair becomes U+FFFD. */
  encode(input?: string): Uint8Array<ArrayBuffer>;
  /** Writes what fits of the text, and says how many units of it were read, how many bytes written. */
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

/**
 * Reads text from bytes.
 *
 * @example
 * const text = new TextDecoder().decode(Uint8Array.of(0xc3, 0xa9)); // é
 */
declare class TextDecoder {
  /**
   * @param label - `utf-8` (if none is given), `utf-16le`, `utf-16be`, `latin1` (windows-1252).
   * @throws RangeError for any other encoding.
   */
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  /** The encoding's name. */
  readonly encoding: string;
  /** Whether malformed bytes throw; they become U+FFFD otherwise. */
  readonly fatal: boolean;
  /** Whether a byte order mark is kept as a character. */
  readonly ignoreBOM: boolean;
  /**
   * Gives the text; with `stream`, bytes that only want their rest are kept for the next call.
   *
   * @throws TypeError if the decoder is fatal and the bytes are malformed.
   */
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

/**
 * What `atob`, `btoa` and `structuredClone` throw.
 *
 * @example
 * try { atob(payload.data) } catch (error) {
 *   if (error instanceof DOMException) console.warn(error.name); // InvalidCharacterError
 * }
 */
declare class DOMException extends Error {
  constructor(message?: string, name?: string);
  /** The kind of error: `InvalidCharacterError`, `DataCloneError` … */
  readonly name: string;
  /** The number that some kinds had once; 0 for others. */
  readonly code: number;
}
