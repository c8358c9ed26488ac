// The URL Standard's parser and serialiser, on records:
//
//   {scheme, username, password, host, port, path, query, fragment}
//
// host, port, query and fragment may be null; path is a list of segments, or a text where it is
// opaque (mailto:…). The standard describes a state machine that walks over code points. Without a
// compiler that is slow, so that here builtins find the delimiters and each state is a function of the
// piece of text it would have walked over. No function changes a record before it is sure.
(function urlParser(library) {
  "use strict";

  const { parseHost, percentEncode } = library;
  const { C0_CONTROLS, FRAGMENT, QUERY, SPECIAL_QUERY, PATH, USERINFO } = library;

  const DEFAULT_PORTS = { __proto__: null, http: 80, https: 443, ws: 80, wss: 443, ftp: 21, file: null };

  const isSpecial = (url) => url.scheme in DEFAULT_PORTS;
  const isOpaque = (url) => typeof url.path === "string";
  const isSlash = (text, at, special) => text[at] === "/" || (special && text[at] === "\\");

  const trimmed = (text) => text.replace(/^[\x00-\x20]+|[\x00-\x20]+$/g, "");
  const withoutBreaks = (text) => text.replace(/[\t\n\r]+/g, "");

  const DRIVE = /^[a-z][:|]$/i;
  const NORMAL_DRIVE = /^[a-z]:$/i;
  const startsWithDrive = (text) => /^[a-z][:|](?:[/\\]|$)/i.test(text);

  // ---- parts -------------------------------------------------------------------------------------

  const encodeQuery = (url, text) => percentEncode(text, isSpecial(url) ? SPECIAL_QUERY : QUERY);
  const encodeFragment = (text) => percentEncode(text, FRAGMENT);

  // Gives the number, null for the scheme's own port, or undefined if there is no such port.
  function parsePort(scheme, digits) {
    const port = Number(digits);
    if (port > 65535) return undefined;
    return port === DEFAULT_PORTS[scheme] ? null : port;
  }

  // Takes the last segment away, but never a drive letter at the front.
  function shorten(url) {
    const { path } = url;
    if (url.scheme === "file" && path.length === 1 && NORMAL_DRIVE.test(path[0])) return;
    path.pop();
  }

  const DOUBLE_DOT = /^(?:\.|%2e){2}$/i;
  const SINGLE_DOT = /^(?:\.|%2e)$/i;

  // The path state: the text follows the slash that separates it from what url.path holds already.
  function addPath(url, text) {
    const special = isSpecial(url);
    const segments = percentEncode(text, PATH).split(special ? /[/\\]/ : "/");
    const last = segments.length - 1;
    for (let i = 0; i <= last; i++) {
      let segment = segments[i];
      if (DOUBLE_DOT.test(segment)) {
        shorten(url);
        if (i === last) url.path.push("");
      } else if (SINGLE_DOT.test(segment)) {
        if (i === last) url.path.push("");
      } else {
        if (url.scheme === "file" && url.path.length === 0 && DRIVE.test(segment)) {
          segment = `${segment[0]}:`;
        }
        url.path.push(segment);
      }
    }
  }

  // The path start state: a special URL always has a path.
  function startPath(url, text) {
    const special = isSpecial(url);
    if (isSlash(text, 0, special)) addPath(url, text.slice(1));
    else if (text !== "" || special) addPath(url, text);
  }

  // Where does the authority end that begins here?
  function endOfAuthority(text, from, special) {
    const found = text.slice(from).search(special ? /[/\\]/ : /\//);
    return found < 0 ? text.length : from + found;
  }

  // Where does the colon stand that is not within brackets? −1 if nowhere.
  function colonOf(text) {
    let isInside = false;
    for (let i = 0; i < text.length; i++) {
      if (text[i] === "[") isInside = true;
      else if (text[i] === "]") isInside = false;
      else if (text[i] === ":" && !isInside) return i;
    }
    return -1;
  }

  function parseAuthority(url, authority) {
    const special = isSpecial(url);
    const at = authority.lastIndexOf("@");
    const place = authority.slice(at + 1);
    if (at >= 0) {
      if (place === "") return false;
      const credentials = authority.slice(0, at);
      const colon = credentials.indexOf(":");
      url.username = percentEncode(colon < 0 ? credentials : credentials.slice(0, colon), USERINFO);
      if (colon >= 0) url.password = percentEncode(credentials.slice(colon + 1), USERINFO);
    }
    const colon = colonOf(place);
    const name = colon < 0 ? place : place.slice(0, colon);
    if (name === "" && (special || colon >= 0)) return false;
    url.host = parseHost(name, special);
    if (url.host === null) return false;
    const digits = colon < 0 ? "" : place.slice(colon + 1);
    if (digits === "") return true;
    if (!/^[0-9]+$/.test(digits)) return false;
    url.port = parsePort(url.scheme, digits);
    return url.port !== undefined;
  }

  // ---- the whole ---------------------------------------------------------------------------------

  function inherit(url, base, { withQuery }) {
    url.username = base.username;
    url.password = base.password;
    url.host = base.host;
    url.port = base.port;
    url.path = [...base.path];
    if (withQuery && url.query === null) url.query = base.query;
  }

  // What follows two slashes.
  function parseFromAuthority(url, text, from) {
    const end = endOfAuthority(text, from, isSpecial(url));
    if (!parseAuthority(url, text.slice(from, end))) return false;
    startPath(url, text.slice(end));
    return true;
  }

  function parseFile(url, text, base) {
    url.host = "";
    const isRelated = base !== null && base.scheme === "file";
    if (!isSlash(text, 0, true)) {
      if (!isRelated) {
        addPath(url, text);
        return true;
      }
      inherit(url, base, { withQuery: text === "" });
      if (text === "") return true;
      if (startsWithDrive(text)) url.path = [];
      else shorten(url);
      addPath(url, text);
      return true;
    }
    if (!isSlash(text, 1, true)) {
      const rest = text.slice(1);
      if (isRelated) {
        url.host = base.host;
        const hasDrive = base.path.length > 0 && NORMAL_DRIVE.test(base.path[0]);
        if (!startsWithDrive(rest) && hasDrive) url.path.push(base.path[0]);
      }
      addPath(url, rest);
      return true;
    }
    const end = endOfAuthority(text, 2, true);
    const name = text.slice(2, end);
    if (DRIVE.test(name)) {
      addPath(url, text.slice(2));
      return true;
    }
    if (!setFileHost(url, name)) return false;
    startPath(url, text.slice(end));
    return true;
  }

  function setFileHost(url, name) {
    const host = name === "" ? "" : parseHost(name, true);
    if (host === null) return false;
    url.host = host === "localhost" ? "" : host;
    return true;
  }

  // What follows the scheme, or a text without one.
  function parseRelative(url, text, base) {
    const special = isSpecial(url);
    if (isSlash(text, 0, special)) {
      if (isSlash(text, 1, special)) {
        let from = 2;
        while (special && isSlash(text, from, true)) from += 1;
        return parseFromAuthority(url, text, from);
      }
      inherit(url, base, { withQuery: false });
      url.path = [];
      addPath(url, text.slice(1));
      return true;
    }
    inherit(url, base, { withQuery: text === "" });
    if (text === "") return true;
    shorten(url);
    addPath(url, text);
    return true;
  }

  function parseAbsolute(url, text, base) {
    if (url.scheme === "file") return parseFile(url, text, base);
    if (isSpecial(url)) {
      const isRelated = base !== null && base.scheme === url.scheme;
      if (isRelated && !text.startsWith("//")) return parseRelative(url, text, base);
      let from = 0;
      while (isSlash(text, from, true)) from += 1;
      return parseFromAuthority(url, text, from);
    }
    if (text.startsWith("//")) return parseFromAuthority(url, text, 2);
    if (text.startsWith("/")) addPath(url, text.slice(1));
    else url.path = opaquePath(text, url);
    return true;
  }

  function opaquePath(text, url) {
    const isFollowed = url.query !== null || url.fragment !== null;
    const path = percentEncode(text, C0_CONTROLS);
    return isFollowed && path.endsWith(" ") ? `${path.slice(0, -1)}%20` : path;
  }

  // Gives the record; null if the text is no URL. The text must be well-formed.
  function parseUrl(given, base) {
    let text = withoutBreaks(trimmed(given));
    const url = {
      scheme: "", username: "", password: "", host: null, port: null, path: [], query: null,
      fragment: null,
    };
    const hash = text.indexOf("#");
    if (hash >= 0) {
      url.fragment = encodeFragment(text.slice(hash + 1));
      text = text.slice(0, hash);
    }
    // Which characters of a query are encoded depends on the scheme.
    let query = null;
    const mark = text.indexOf("?");
    if (mark >= 0) {
      query = text.slice(mark + 1);
      text = text.slice(0, mark);
      url.query = "";
    }
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text);
    let isUrl;
    if (scheme !== null) {
      url.scheme = scheme[0].slice(0, -1).toLowerCase();
      isUrl = parseAbsolute(url, text.slice(scheme[0].length), base);
    } else if (base === null) {
      isUrl = false;
    } else {
      url.scheme = base.scheme;
      if (isOpaque(base)) {
        isUrl = text === "" && query === null && url.fragment !== null;
        url.path = base.path;
        url.query = base.query;
      } else {
        isUrl = url.scheme === "file" ? parseFile(url, text, base) : parseRelative(url, text, base);
      }
    }
    if (!isUrl) return null;
    if (query !== null) url.query = encodeQuery(url, query);
    return url;
  }

  function showPath(url) {
    return isOpaque(url) ? url.path : url.path.map((segment) => `/${segment}`).join("");
  }

  function showUrl(url) {
    let text = `${url.scheme}:`;
    if (url.host !== null) {
      text += "//";
      if (url.username !== "" || url.password !== "") {
        text += `${url.username}${url.password === "" ? "" : `:${url.password}`}@`;
      }
      text += url.host;
      if (url.port !== null) text += `:${url.port}`;
    } else if (!isOpaque(url) && url.path.length > 1 && url.path[0] === "") {
      // Else the path would be read as an authority.
      text += "/.";
    }
    text += showPath(url);
    if (url.query !== null) text += `?${url.query}`;
    if (url.fragment !== null) text += `#${url.fragment}`;
    return text;
  }

  function originOf(url) {
    if (url.scheme === "blob") {
      const inner = parseUrl(showPath(url), null);
      return inner !== null && /^https?$/.test(inner.scheme) ? originOf(inner) : "null";
    }
    if (!isSpecial(url) || url.scheme === "file") return "null";
    return `${url.scheme}://${url.host}${url.port === null ? "" : `:${url.port}`}`;
  }

  // ---- setters: each changes the record, or leaves it -----------------------------------------------

  const hasNoAuthority = (url) => url.host === null || url.host === "" || url.scheme === "file";

  function setScheme(url, given) {
    const found = /^([a-z][a-z0-9+.-]*)(?::|$)/i.exec(withoutBreaks(given));
    if (found === null) return;
    const scheme = found[1].toLowerCase();
    if (scheme in DEFAULT_PORTS !== isSpecial(url)) return;
    const hasMore = url.username !== "" || url.password !== "" || url.port !== null;
    if ((scheme === "file" && hasMore) || (url.scheme === "file" && url.host === "")) return;
    url.scheme = scheme;
    if (url.port === DEFAULT_PORTS[scheme]) url.port = null;
  }

  function setUsername(url, given) {
    if (!hasNoAuthority(url)) url.username = percentEncode(given, USERINFO);
  }

  function setPassword(url, given) {
    if (!hasNoAuthority(url)) url.password = percentEncode(given, USERINFO);
  }

  function setHost(url, given, { withPort }) {
    if (isOpaque(url)) return;
    const text = withoutBreaks(given);
    const special = isSpecial(url);
    const end = text.search(special ? /[/\\?#]/ : /[/?#]/);
    const place = end < 0 ? text : text.slice(0, end);
    if (url.scheme === "file") {
      setFileHost(url, place);
      return;
    }
    const colon = colonOf(place);
    if (colon >= 0 && (colon === 0 || !withPort)) return;
    const name = colon < 0 ? place : place.slice(0, colon);
    if (name === "") {
      const hasMore = url.username !== "" || url.password !== "" || url.port !== null;
      if (special || hasMore) return;
    }
    const host = parseHost(name, special);
    if (host === null) return;
    url.host = host;
    if (colon >= 0) setDigits(url, place.slice(colon + 1));
  }

  function setDigits(url, text) {
    const digits = /^[0-9]+/.exec(text);
    if (digits === null) return;
    const port = parsePort(url.scheme, digits[0]);
    if (port !== undefined) url.port = port;
  }

  function setPort(url, given) {
    if (hasNoAuthority(url)) return;
    if (given === "") url.port = null;
    else setDigits(url, withoutBreaks(given));
  }

  function setPath(url, given) {
    if (isOpaque(url)) return;
    const text = withoutBreaks(given);
    url.path = [];
    startPath(url, text);
    if (text === "" && url.host === null && url.path.length === 0) url.path.push("");
  }

  function setQuery(url, given) {
    // A leading "?" is taken off before line breaks are: one behind a break is part of the query.
    const text = withoutBreaks(given[0] === "?" ? given.slice(1) : given);
    url.query = given === "" ? null : encodeQuery(url, text);
  }

  function setFragment(url, given) {
    const text = withoutBreaks(given[0] === "#" ? given.slice(1) : given);
    url.fragment = given === "" ? null : encodeFragment(text);
  }

  Object.assign(library, {
    parseUrl,
    showUrl,
    showPath,
    originOf,
    setScheme,
    setUsername,
    setPassword,
    setHost,
    setPort,
    setPath,
    setQuery,
    setFragment,
  });
})
