// Percent-encoding, and the application/x-www-form-urlencoded that is built on it.
(function urlPercent(library) {
  "use strict";

  const { decodeUtf8 } = library;

  // What is encoded in which part of a URL: always controls and everything beyond ASCII.
  const C0_CONTROLS = /[\x00-\x1f\x7f]|[^\x00-\x7f]+/g;
  const FRAGMENT = /[\x00-\x20"<>`\x7f]|[^\x00-\x7f]+/g;
  const QUERY = /[\x00-\x20"#<>\x7f]|[^\x00-\x7f]+/g;
  const SPECIAL_QUERY = /[\x00-\x20"#'<>\x7f]|[^\x00-\x7f]+/g;
  const PATH = /[\x00-\x20"#<>?^`{}\x7f]|[^\x00-\x7f]+/g;
  const USERINFO = /[\x00-\x20"#/:;<=>?@[\\\]^`{|}\x7f]|[^\x00-\x7f]+/g;

  function escaped(code) {
    return `%${code < 16 ? "0" : ""}${code.toString(16).toUpperCase()}`;
  }

  function encodeRun(run) {
    const code = run.charCodeAt(0);
    return code < 0x80 ? escaped(code) : encodeURIComponent(run);
  }

  // The text must be well-formed.
  function percentEncode(text, set) {
    return text.replace(set, encodeRun);
  }

  function decodeRun(run) {
    return decodeUtf8(Uint8Array.fromHex(run.replaceAll("%", "")));
  }

  // Gives the bytes' text; what is no UTF-8 is replaced, what only looks encoded stays.
  function percentDecode(text) {
    if (!text.includes("%")) return text;
    try {
      return decodeURIComponent(text);
    } catch {
      return text.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun);
    }
  }

  // ---- forms -------------------------------------------------------------------------------------

  // Gives pairs of name and value.
  function parseForm(text) {
    const pairs = [];
    if (text === "") return pairs;
    const parts = text.replaceAll("+", " ").split("&");
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === "") continue;
      const at = part.indexOf("=");
      if (at < 0) pairs.push([percentDecode(part), ""]);
      else pairs.push([percentDecode(part.slice(0, at)), percentDecode(part.slice(at + 1))]);
    }
    return pairs;
  }

  function encodeWord(text) {
    return encodeURIComponent(text).replace(/%20|[!'()~]/g, (found) =>
      found === "%20" ? "+" : escaped(found.charCodeAt(0)),
    );
  }

  function showForm(pairs) {
    let text = "";
    for (let i = 0; i < pairs.length; i++) {
      text += `${i === 0 ? "" : "&"}${encodeWord(pairs[i][0])}=${encodeWord(pairs[i][1])}`;
    }
    return text;
  }

  Object.assign(library, {
    C0_CONTROLS,
    FRAGMENT,
    QUERY,
    SPECIAL_QUERY,
    PATH,
    USERINFO,
    percentEncode,
    percentDecode,
    parseForm,
    showForm,
  });
})
