// Domain names in other scripts than ASCII: Punycode (RFC 3492), and an approximation to UTS 46.
//
// UTS 46 is a table of 140 kB. Nearly all of it follows from what V8 has anyway: compatibility
// normalisation, case, general categories and scripts. README.md says where the two differ.
(function urlIdna(library) {
  "use strict";

  const { fromCodePoint } = String;
  const { floor } = Math;

  // ---- Punycode --------------------------------------------------------------------------------

  const BASE = 36;
  const LOWEST = 1;
  const HIGHEST = 26;
  const FIRST_POINT = 128;
  const FIRST_BIAS = 72;
  const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

  function adapted(delta, count, isFirst) {
    let left = isFirst ? floor(delta / 700) : delta >> 1;
    left += floor(left / count);
    let k = 0;
    for (; left > ((BASE - LOWEST) * HIGHEST) >> 1; k += BASE) left = floor(left / (BASE - LOWEST));
    return k + floor(((BASE - LOWEST + 1) * left) / (left + 38));
  }

  function threshold(k, bias) {
    return k <= bias ? LOWEST : k >= bias + HIGHEST ? HIGHEST : k - bias;
  }

  function toPunycode(label) {
    const points = [...label].map((character) => character.codePointAt(0));
    let text = label.replace(/[^\x00-\x7f]/g, "");
    const basic = text.length;
    if (basic > 0) text += "-";
    let point = FIRST_POINT;
    let delta = 0;
    let bias = FIRST_BIAS;
    for (let handled = basic; handled < points.length; ) {
      let next = Infinity;
      for (const each of points) if (each >= point && each < next) next = each;
      delta += (next - point) * (handled + 1);
      point = next;
      for (const each of points) {
        if (each < point) delta += 1;
        if (each !== point) continue;
        let left = delta;
        for (let k = BASE; ; k += BASE) {
          const t = threshold(k, bias);
          if (left < t) break;
          text += DIGITS[t + ((left - t) % (BASE - t))];
          left = floor((left - t) / (BASE - t));
        }
        text += DIGITS[left];
        bias = adapted(delta, handled + 1, handled === basic);
        delta = 0;
        handled += 1;
      }
      delta += 1;
      point += 1;
    }
    return text;
  }

  // Gives null if the text is no Punycode.
  function fromPunycode(text) {
    const end = text.lastIndexOf("-");
    const points = [...text.slice(0, end < 0 ? 0 : end)].map((character) => character.codePointAt(0));
    let point = FIRST_POINT;
    let index = 0;
    let bias = FIRST_BIAS;
    for (let at = end > 0 ? end + 1 : 0; at < text.length; ) {
      const before = index;
      let weight = 1;
      for (let k = BASE; ; k += BASE) {
        const digit = at < text.length ? DIGITS.indexOf(text[at++]) : -1;
        if (digit < 0) return null;
        index += digit * weight;
        const t = threshold(k, bias);
        if (digit < t) break;
        weight *= BASE - t;
        if (index > 0x7fffffff || weight > 0x7fffffff) return null;
      }
      const count = points.length + 1;
      bias = adapted(index - before, count, before === 0);
      point += floor(index / count);
      index %= count;
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return null;
      points.splice(index, 0, point);
      index += 1;
    }
    return fromCodePoint(...points);
  }

  // ---- mapping and validity ----------------------------------------------------------------------
  // V8 gathers the characters of each \p{…} when it makes the expression, which takes it two
  // milliseconds in all: they are made when the first such name comes, not in every isolate.

  function makeRules() {
    const viramas =
      "\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba\\u0f84" +
      "\\u1039\\u103a\\u1714\\u1734\\u17d2\\u1a60\\u1b44\\u1baa\\u1bab\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua8c4\\ua953" +
      "\\ua9c0\\uaaf6\\uabed";
    const joining = "[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}]";
    const rtl =
      "\\p{sc=Hebr}\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Thaa}\\p{sc=Nkoo}\\p{sc=Samr}\\p{sc=Mand}\\p{sc=Adlm}\\p{sc=Rohg}";
    const arabicDigits = "\\u0660-\\u0669\\u066b\\u066c";
    const otherDigits = "0-9\\u06f0-\\u06f9";
    return {
      ignored: new RegExp(
        "[\\xad\\u034f\\u180b-\\u180d\\u180f\\u200b\\u2060\\u2064\\ufe00-\\ufe0f\\ufeff" +
          "\\u{1bca0}-\\u{1bca3}\\u{e0100}-\\u{e01ef}]",
        "gu",
      ),
      disallowed: new RegExp(
        "[\\p{Cc}\\p{Cn}\\p{Co}\\p{Cs}\\p{Z}\\u115f\\u1160\\u17b4\\u17b5\\u1806\\u2ff0-\\u2fff\\u31e3\\u3164" +
          "\\uffa0\\ufffc\\ufffd]|(?![\\u200c\\u200d])\\p{Cf}",
        "u",
      ),
      mark: new RegExp("^\\p{M}", "u"),
      // Joiners stand after a virama; the non-joiner also between two letters of a joining script.
      joined: new RegExp(
        `(?<=[${viramas}])[\\u200c\\u200d]|(?<=${joining}\\p{M}*)\\u200c(?=\\p{M}*${joining})`,
        "gu",
      ),
      rtl: new RegExp(`(?!\\p{M})[${rtl}${arabicDigits}]`, "u"),
      rtlStart: new RegExp(`^(?![${arabicDigits}\\p{M}])[${rtl}]`, "u"),
      rtlEnd: new RegExp(`[${rtl}${arabicDigits}${otherDigits}]\\p{M}*$`, "u"),
      ltr: new RegExp(`(?![${rtl}])\\p{L}`, "u"),
      ltrStart: new RegExp(`^(?![${rtl}])\\p{L}`, "u"),
      ltrEnd: new RegExp("[\\p{L}\\p{N}]\\p{M}*$", "u"),
      arabicDigits: new RegExp(`[${arabicDigits}]`),
      otherDigits: new RegExp(`[${otherDigits}]`),
    };
  }

  const DOTS = /[\u3002\uff0e\uff61]/g;
  // Cherokee folds to its capitals.
  const CHEROKEE = /[\u13f8-\u13fd\uab70-\uabbf]/g;

  function mapped(text, rules) {
    const folded = text
      .replace(DOTS, ".")
      .normalize("NFKC")
      .replace(rules.ignored, "")
      // A final sigma is a letter of its own here, so that case must not depend on what is around.
      .replaceAll("\u03a3", "\u03c3")
      .toLowerCase()
      .replace(CHEROKEE, (letter) => letter.toUpperCase());
    // The iota below a Greek letter folds to a letter.
    return folded.normalize("NFKD").replaceAll("\u0345", "\u03b9").normalize("NFKC");
  }

  const JOINER = /[\u200c\u200d]/;

  function isValid(label, rules) {
    if (rules.mark.test(label) || rules.disallowed.test(label)) return false;
    return !JOINER.test(label) || !JOINER.test(label.replace(rules.joined, ""));
  }

  // RFC 5893, for the labels of a name that has a letter written from right to left.
  function isDirected(label, rules) {
    if (label === "") return true;
    if (rules.ltrStart.test(label)) return !rules.rtl.test(label) && rules.ltrEnd.test(label);
    if (!rules.rtlStart.test(label) || rules.ltr.test(label) || !rules.rtlEnd.test(label)) return false;
    return !(rules.otherDigits.test(label) && rules.arabicDigits.test(label));
  }

  const BEYOND_ASCII = /[\x80-\uffff]/;
  const MAYBE_PUNYCODE = /(?:^|\.)xn--/i;

  // Gives the ASCII form of a domain name; null if it is none.
  function domainToAscii(domain) {
    if (!BEYOND_ASCII.test(domain) && !MAYBE_PUNYCODE.test(domain)) return domain.toLowerCase();
    const rules = makeRules();
    const labels = mapped(domain, rules).split(".");
    const shown = [];
    for (let i = 0; i < labels.length; i++) {
      let label = labels[i];
      if (label.startsWith("xn--")) {
        label = BEYOND_ASCII.test(label) ? null : fromPunycode(label.slice(4));
        if (label === null || !BEYOND_ASCII.test(label) || mapped(label, rules) !== label) return null;
        if (!isValid(label, rules)) return null;
      } else if (BEYOND_ASCII.test(label)) {
        if (!isValid(label, rules)) return null;
        labels[i] = `xn--${toPunycode(label)}`;
      }
      shown.push(label);
    }
    if (rules.rtl.test(shown.join("."))) {
      if (!shown.every((label) => isDirected(label, rules))) return null;
    }
    const text = labels.join(".");
    return text === "" ? null : text;
  }

  library.domainToAscii = domainToAscii;
})
