// Text to UTF-8 and back. Without a compiler a loop costs 25 ns a turn and a builtin next to nothing,
// so builtins do what they can: encodeURIComponent writes UTF-8, decodeURIComponent reads it.
(function utf8(library) {
  "use strict";

  const { apply } = Reflect;
  const { fromCharCode, fromCodePoint } = String;

  const NOT_ASCII = /[^\x00-\x7f]/;
  // More arguments than this might not fit on the stack.
  const MOST_ARGUMENTS = 8192;

  // Gives the text whose code units are these bytes (or these code units).
  function unitsToText(units) {
    if (units.length <= MOST_ARGUMENTS) return apply(fromCharCode, null, units);
    let text = "";
    for (let i = 0; i < units.length; i += MOST_ARGUMENTS) {
      text += apply(fromCharCode, null, units.subarray(i, i + MOST_ARGUMENTS));
    }
    return text;
  }

  // Gives the bytes that are these code units, each below 256.
  function unitsToBytes(text) {
    const { length } = text;
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  function encodeUtf8(text) {
    if (!NOT_ASCII.test(text)) return unitsToBytes(text);
    return unitsToBytes(unescape(encodeURIComponent(text.toWellFormed())));
  }

  // Gives null if the bytes are no UTF-8. A byte order mark is a character like others.
  function decodeStrictly(bytes) {
    const units = unitsToText(bytes);
    if (!NOT_ASCII.test(units)) return units;
    try {
      return decodeURIComponent(escape(units));
    } catch {
      return null;
    }
  }

  const REPLACEMENT = "\ufffd";

  // How long is the sequence that begins with this byte? 0 if none does.
  function lengthBy(first) {
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  }

  // May this byte be the second of a sequence? The bounds shut out overlong forms, surrogates, and
  // what lies beyond Unicode.
  function isSecond(first, byte) {
    const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    return byte >= lowest && byte <= highest;
  }

  // The Encoding Standard's way: each longest beginning of a sequence is replaced by one U+FFFD.
  function decodeReplacing(bytes) {
    const { length } = bytes;
    let text = "";
    let i = 0;
    while (i < length) {
      const start = i;
      while (i < length && bytes[i] < 0x80) i++;
      if (i > start) {
        text += unitsToText(bytes.subarray(start, i));
        continue;
      }
      const first = bytes[i++];
      let missing = lengthBy(first) - 1;
      if (missing < 0 || i >= length || !isSecond(first, bytes[i])) {
        text += REPLACEMENT;
        continue;
      }
      let point = first & (0x3f >> missing);
      while (missing > 0 && i < length && (bytes[i] & 0xc0) === 0x80) {
        point = (point << 6) | (bytes[i++] & 0x3f);
        missing -= 1;
      }
      text += missing === 0 ? fromCodePoint(point) : REPLACEMENT;
    }
    return text;
  }

  function decodeUtf8(bytes) {
    return decodeStrictly(bytes) ?? decodeReplacing(bytes);
  }

  // How many bytes at the end are a sequence that only wants its rest?
  function unfinishedUtf8(bytes) {
    const { length } = bytes;
    for (let back = 1; back <= 3 && back <= length; back++) {
      const byte = bytes[length - back];
      if ((byte & 0xc0) === 0x80) continue;
      if (lengthBy(byte) <= back) return 0;
      return back === 1 || isSecond(byte, bytes[length - back + 1]) ? back : 0;
    }
    return 0;
  }

  Object.assign(library, {
    unitsToText,
    unitsToBytes,
    encodeUtf8,
    decodeStrictly,
    decodeUtf8,
    unfinishedUtf8,
  });
})
