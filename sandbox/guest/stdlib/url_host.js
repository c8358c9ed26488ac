// Hosts of URLs, read and written as the URL Standard lays down: domains, IPv4, IPv6, opaque ones.
// A host is kept as the text it is shown as.
(function urlHost(library) {
  "use strict";

  const { domainToAscii, percentDecode, percentEncode, C0_CONTROLS } = library;

  // Names that are read as they stand: the last label begins with a letter, so it is no number.
  const PLAIN = /^(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*$/;
  const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
  const FORBIDDEN_IN_DOMAIN = /[\x00-\x20#%/:<>?@[\\\]^|\x7f]/;

  // Gives the host; null if the text is none.
  function parseHost(text, isSpecial) {
    if (text[0] === "[") {
      if (text[text.length - 1] !== "]") return null;
      const pieces = parseIpv6(text.slice(1, -1));
      return pieces === null ? null : `[${showIpv6(pieces)}]`;
    }
    if (!isSpecial) return FORBIDDEN.test(text) ? null : percentEncode(text, C0_CONTROLS);
    if (PLAIN.test(text) && !text.includes("xn--")) return text;
    const domain = domainToAscii(percentDecode(text));
    if (domain === null || domain === "" || FORBIDDEN_IN_DOMAIN.test(domain)) return null;
    return endsInNumber(domain) ? parseIpv4(domain) : domain;
  }

  // ---- IPv4 --------------------------------------------------------------------------------------

  function endsInNumber(domain) {
    const parts = domain.split(".");
    if (parts[parts.length - 1] === "") {
      if (parts.length === 1) return false;
      parts.pop();
    }
    return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(parts[parts.length - 1]);
  }

  // Gives NaN if the part is no number.
  function parsePart(part) {
    if (/^0x[0-9a-f]*$/.test(part)) return part === "0x" ? 0 : parseInt(part, 16);
    if (/^0[0-7]+$/.test(part)) return parseInt(part, 8);
    return /^(?:0|[1-9][0-9]*)$/.test(part) ? parseInt(part, 10) : NaN;
  }

  function parseIpv4(domain) {
    const parts = domain.split(".");
    if (parts[parts.length - 1] === "") parts.pop();
    if (parts.length > 4) return null;
    const numbers = parts.map(parsePart);
    const last = numbers.pop();
    if (!(last < 256 ** (4 - numbers.length)) || !numbers.every((number) => number <= 255)) return null;
    let address = last;
    for (let i = 0; i < numbers.length; i++) address += numbers[i] * 256 ** (3 - i);
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
  }

  // ---- IPv6 --------------------------------------------------------------------------------------

  const IPV4_TAIL = /^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/;

  // Gives the eight pieces; null if the text is no address.
  function parseIpv6(text) {
    const halves = text.split("::");
    if (halves.length > 2) return null;
    const [before, after] = halves.map((half, at) => parsePieces(half, at === halves.length - 1));
    if (before === null || after === null) return null;
    if (after === undefined) return before.length === 8 ? before : null;
    const missing = 8 - before.length - after.length;
    return missing < 1 ? null : [...before, ...Array(missing).fill(0), ...after];
  }

  function parsePieces(text, isLast) {
    if (text === "") return [];
    const parts = text.split(":");
    const pieces = [];
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (/^[0-9a-f]{1,4}$/i.test(part)) {
        pieces.push(parseInt(part, 16));
      } else if (isLast && i === parts.length - 1 && IPV4_TAIL.test(part)) {
        const [a, b, c, d] = part.split(".").map(Number);
        if (a > 255 || b > 255 || c > 255 || d > 255) return null;
        pieces.push(a * 256 + b, c * 256 + d);
      } else {
        return null;
      }
    }
    return pieces;
  }

  function showIpv6(pieces) {
    let longest = 1;
    let start = -1;
    for (let i = 0; i < 8; i++) {
      let end = i;
      while (end < 8 && pieces[end] === 0) end++;
      if (end - i > longest) {
        longest = end - i;
        start = i;
      }
      i = end;
    }
    const hex = pieces.map((piece) => piece.toString(16));
    if (start < 0) return hex.join(":");
    return `${hex.slice(0, start).join(":")}::${hex.slice(start + longest).join(":")}`;
  }

  library.parseHost = parseHost;
})
