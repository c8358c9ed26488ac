// TextEncoder and TextDecoder, for UTF-8, UTF-16 and windows-1252 (which "latin1" and "ascii" mean on
// the web). What a decoder keeps between two pieces of a stream, it keeps in itself.
(function encoding(library) {
  "use strict";

  const { exposeClass, optionsOf, bytesOf, typedArrayName } = library;
  const { unitsToText, encodeUtf8, decodeStrictly, decodeUtf8, unfinishedUtf8 } = library;

  const { apply } = Reflect;
  const { set } = Object.getPrototypeOf(Int8Array.prototype);

  class TextEncoder {
    #branded;

    get encoding() {
      void this.#branded;
      return "utf-8";
    }

    encode(input = "") {
      void this.#branded;
      return encodeUtf8(`${input}`);
    }

    encodeInto(source, destination) {
      void this.#branded;
      const text = `${source}`;
      if (typeof destination !== "object" || typedArrayName(destination) !== "Uint8Array") {
        throw new TypeError("The destination of encodeInto is no Uint8Array.");
      }
      const room = bytesOf(destination).length;
      let bytes = encodeUtf8(text);
      let read = text.length;
      if (bytes.length > room) {
        bytes = bytes.subarray(0, room);
        bytes = bytes.subarray(0, room - unfinishedUtf8(bytes));
        read = decodeUtf8(bytes).length;
      }
      apply(set, destination, [bytes]);
      return { read, written: bytes.length };
    }
  }

  const UTF_8 = "utf-8";
  const UTF_16LE = "utf-16le";
  const UTF_16BE = "utf-16be";
  const WINDOWS_1252 = "windows-1252";

  const LABELS = new Map();
  for (const [name, labels] of [
    [UTF_8, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"],
    [UTF_16LE, "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"],
    [UTF_16BE, "unicodefffe utf-16be"],
    [
      WINDOWS_1252,
      "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 " +
        "iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
    ],
  ]) {
    for (const label of labels.split(" ")) LABELS.set(label, name);
  }

  // 0x80 to 0x9f of windows-1252; the five it leaves out are the control characters themselves.
  const C1 =
    "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
    "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

  const NONE = new Uint8Array(0);

  function joined(first, second) {
    if (first.length === 0) return second;
    const bytes = new Uint8Array(first.length + second.length);
    bytes.set(first);
    bytes.set(second, first.length);
    return bytes;
  }

  function unitsOf(bytes, bigEndian) {
    const units = new Uint16Array(bytes.length >> 1);
    const low = bigEndian ? 1 : 0;
    for (let i = 0; i < units.length; i++) {
      units[i] = bytes[2 * i + low] | (bytes[2 * i + 1 - low] << 8);
    }
    return units;
  }

  const isLead = (unit) => (unit & 0xfc00) === 0xd800;

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBom;
    #streaming = false;
    #begun = false;
    #rest = NONE;

    constructor(label = UTF_8, options = undefined) {
      const name = `${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
      const { fatal, ignoreBOM } = optionsOf(options, "TextDecoder");
      const found = LABELS.get(name);
      if (found === undefined) {
        throw new RangeError(`There is no encoding "${label}" here: utf-8, utf-16le, utf-16be, latin1.`);
      }
      this.#encoding = found;
      this.#fatal = !!fatal;
      this.#ignoreBom = !!ignoreBOM;
    }

    get encoding() {
      return this.#encoding;
    }

    get fatal() {
      return this.#fatal;
    }

    get ignoreBOM() {
      return this.#ignoreBom;
    }

    decode(input = undefined, options = undefined) {
      void this.#encoding;
      const more = input === undefined ? NONE : bytesOf(input);
      if (more === null) throw new TypeError("What is to be decoded is no buffer and no view of one.");
      const stream = !!optionsOf(options, "decode").stream;
      if (!this.#streaming) {
        this.#rest = NONE;
        this.#begun = false;
      }
      this.#streaming = stream;
      const bytes = joined(this.#rest, more);
      this.#rest = NONE;
      if (this.#encoding === UTF_8) return this.#withoutBom(this.#utf8(bytes, stream));
      if (this.#encoding === WINDOWS_1252) {
        return unitsToText(bytes).replace(/[\x80-\x9f]/g, (byte) => C1[byte.charCodeAt(0) - 0x80]);
      }
      return this.#withoutBom(this.#utf16(bytes, stream));
    }

    #utf8(bytes, stream) {
      let whole = bytes;
      if (stream) {
        const end = bytes.length - unfinishedUtf8(bytes);
        this.#rest = bytes.slice(end);
        whole = bytes.subarray(0, end);
      }
      return this.#fatal ? decodeStrictly(whole) ?? this.#fail() : decodeUtf8(whole);
    }

    #utf16(bytes, stream) {
      let units = unitsOf(bytes, this.#encoding === UTF_16BE);
      const leads = units.length > 0 && isLead(units[units.length - 1]);
      const isOdd = bytes.length % 2 === 1;
      let text;
      if (stream) {
        if (leads) units = units.subarray(0, -1);
        this.#rest = bytes.slice(2 * units.length);
        text = unitsToText(units);
      } else if (isOdd) {
        // Half a unit, with or without half a pair before it, is one error.
        text = `${unitsToText(leads ? units.subarray(0, -1) : units)}\udfff`;
      } else {
        text = unitsToText(units);
      }
      if (this.#fatal && !text.isWellFormed()) this.#fail();
      return text.toWellFormed();
    }

    #withoutBom(text) {
      if (this.#begun || text === "") return text;
      this.#begun = true;
      return !this.#ignoreBom && text[0] === "\ufeff" ? text.slice(1) : text;
    }

    #fail() {
      this.#rest = NONE;
      throw new TypeError(`The bytes are not ${this.#encoding}.`);
    }
  }

  exposeClass(TextEncoder);
  exposeClass(TextDecoder);
})
