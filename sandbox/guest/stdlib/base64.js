// atob and btoa, as the HTML Standard has them ("forgiving base64").
(function base64(library) {
  "use strict";

  const { exposeFunctions, requireArguments, unitsToBytes, unitsToText, DOMException } = library;

  const WHITESPACE = /[\t\n\f\r ]+/g;
  const NOT_BASE64 = /[^A-Za-z0-9+/]/;
  const NOT_LATIN1 = /[^\x00-\xff]/;

  function refuse(message) {
    throw new DOMException(message, "InvalidCharacterError");
  }

  exposeFunctions({
    atob(data) {
      requireArguments(arguments, 1, "atob");
      let text = `${data}`.replace(WHITESPACE, "");
      if (text.length % 4 === 0) text = text.replace(/={1,2}$/, "");
      if (text.length % 4 === 1 || NOT_BASE64.test(text)) refuse("The text is not base64.");
      return unitsToText(Uint8Array.fromBase64(text));
    },

    btoa(data) {
      requireArguments(arguments, 1, "btoa");
      const text = `${data}`;
      if (NOT_LATIN1.test(text)) {
        refuse("The text has characters beyond U+00FF: encode it with TextEncoder first.");
      }
      return unitsToBytes(text).toBase64();
    },
  });
})
