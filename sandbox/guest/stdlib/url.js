// URL: a record of url_parser.js, and the list of its query's pairs once somebody asks for it.
(function url(library) {
  "use strict";

  const { exposeClass, requireArguments, parseForm, makeLinked, replacePairs } = library;
  const { parseUrl, showUrl, showPath, originOf } = library;
  const { setScheme, setUsername, setPassword, setHost, setPort } = library;
  const { setPath, setQuery, setFragment } = library;

  const textOf = (value) => `${value}`.toWellFormed();

  // Gives null if it is no URL.
  function read(given, base) {
    const text = textOf(given);
    if (base === undefined) return parseUrl(text, null);
    const record = parseUrl(textOf(base), null);
    return record === null ? null : parseUrl(text, record);
  }

  class URL {
    #record;
    #params = null;

    constructor(given, base = undefined) {
      requireArguments(arguments, 1, "URL");
      this.#record = read(given, base);
      if (this.#record === null) throw new TypeError(`Invalid URL: ${given}`);
    }

    static canParse(given, base = undefined) {
      requireArguments(arguments, 1, "canParse");
      return read(given, base) !== null;
    }

    static parse(given, base = undefined) {
      requireArguments(arguments, 1, "parse");
      const record = read(given, base);
      return record === null ? null : new URL(showUrl(record));
    }

    // The list follows the query, however that was changed.
    #renewParams() {
      if (this.#params !== null) replacePairs(this.#params, parseForm(this.#record.query ?? ""));
    }

    get href() {
      return showUrl(this.#record);
    }

    set href(given) {
      void this.#record;
      const record = parseUrl(textOf(given), null);
      if (record === null) throw new TypeError(`Invalid URL: ${given}`);
      this.#record = record;
      this.#renewParams();
    }

    get origin() {
      return originOf(this.#record);
    }

    get protocol() {
      return `${this.#record.scheme}:`;
    }

    set protocol(given) {
      setScheme(this.#record, textOf(given));
    }

    get username() {
      return this.#record.username;
    }

    set username(given) {
      setUsername(this.#record, textOf(given));
    }

    get password() {
      return this.#record.password;
    }

    set password(given) {
      setPassword(this.#record, textOf(given));
    }

    get host() {
      const { host, port } = this.#record;
      return port === null ? (host ?? "") : `${host}:${port}`;
    }

    set host(given) {
      setHost(this.#record, textOf(given), { withPort: true });
    }

    get hostname() {
      return this.#record.host ?? "";
    }

    set hostname(given) {
      setHost(this.#record, textOf(given), { withPort: false });
    }

    get port() {
      const { port } = this.#record;
      return port === null ? "" : `${port}`;
    }

    set port(given) {
      setPort(this.#record, textOf(given));
    }

    get pathname() {
      return showPath(this.#record);
    }

    set pathname(given) {
      setPath(this.#record, textOf(given));
    }

    get search() {
      const { query } = this.#record;
      return query === null || query === "" ? "" : `?${query}`;
    }

    set search(given) {
      setQuery(this.#record, textOf(given));
      this.#renewParams();
    }

    get searchParams() {
      if (this.#params === null) {
        const pairs = parseForm(this.#record.query ?? "");
        this.#params = makeLinked(pairs, (query) => {
          this.#record.query = query === "" ? null : query;
        });
      }
      return this.#params;
    }

    get hash() {
      const { fragment } = this.#record;
      return fragment === null || fragment === "" ? "" : `#${fragment}`;
    }

    set hash(given) {
      setFragment(this.#record, textOf(given));
    }

    toString() {
      return showUrl(this.#record);
    }

    toJSON() {
      return showUrl(this.#record);
    }
  }

  exposeClass(URL);
})
