// sha256, hmac and uuid5: what ids and signatures are made with. FIPS 180-4, RFC 2104, RFC 9562.
//
// All words are int32: without a compiler V8 still keeps small integers off the heap, and `| 0` is
// what makes sums wrap.
(function hashing(library) {
  "use strict";

  const { exposeFunctions, bytesOf, encodeUtf8 } = library;

  const BLOCK_BYTES = 64;

  function bytesToHash(data, what) {
    const bytes = typeof data === "string" ? encodeUtf8(data) : bytesOf(data);
    if (bytes === null) throw new TypeError(`${what} is neither a text nor bytes.`);
    return bytes;
  }

  // Gives the message as big-endian words: padded, with its length in bits at the end.
  function padded(bytes) {
    const { length } = bytes;
    const total = (length + 9 + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    const message = new Uint8Array(total);
    message.set(bytes);
    message[length] = 0x80;
    const words = new Int32Array(total / 4);
    for (let i = 0, at = 0; i < words.length; i++, at += 4) {
      words[i] =
        (message[at] << 24) | (message[at + 1] << 16) | (message[at + 2] << 8) | message[at + 3];
    }
    words[words.length - 2] = length / 0x20000000;
    words[words.length - 1] = length << 3;
    return words;
  }

  function bigEndian(words) {
    const bytes = new Uint8Array(4 * words.length);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < words.length; i++) view.setInt32(4 * i, words[i]);
    return bytes;
  }

  // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  const K = Int32Array.of(
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  );

  function sha256OfBytes(data) {
    const words = padded(data);
    const w = new Int32Array(64);
    const state = Int32Array.of(
      0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    );
    for (let at = 0; at < words.length; at += 16) {
      for (let i = 0; i < 16; i++) w[i] = words[at + i];
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15];
        const y = w[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
      state[5] += f;
      state[6] += g;
      state[7] += h;
    }
    return bigEndian(state);
  }

  function sha1OfBytes(data) {
    const words = padded(data);
    const w = new Int32Array(80);
    const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
    for (let at = 0; at < words.length; at += 16) {
      for (let i = 0; i < 16; i++) w[i] = words[at + i];
      for (let i = 16; i < 80; i++) {
        const x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
        w[i] = (x << 1) | (x >>> 31);
      }
      let [a, b, c, d, e] = state;
      for (let i = 0; i < 80; i++) {
        let mixed;
        if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
        else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
        else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
        else mixed = (b ^ c ^ d) + 0xca62c1d6;
        const t = (((a << 5) | (a >>> 27)) + mixed + e + w[i]) | 0;
        e = d;
        d = c;
        c = (b << 30) | (b >>> 2);
        b = a;
        a = t;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
    }
    return bigEndian(state);
  }

  function concatenated(first, second) {
    const bytes = new Uint8Array(first.length + second.length);
    bytes.set(first);
    bytes.set(second, first.length);
    return bytes;
  }

  function hmacOfBytes(key, data) {
    const short = key.length > BLOCK_BYTES ? sha256OfBytes(key) : key;
    const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
    const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
    for (let i = 0; i < short.length; i++) {
      inner[i] ^= short[i];
      outer[i] ^= short[i];
    }
    return sha256OfBytes(concatenated(outer, sha256OfBytes(concatenated(inner, data))));
  }

  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  const URL_NAMESPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

  exposeFunctions({
    sha256(data) {
      return sha256OfBytes(bytesToHash(data, "What sha256 is given")).toHex();
    },

    hmac(key, data) {
      const keyBytes = bytesToHash(key, "The key that hmac is given");
      return hmacOfBytes(keyBytes, bytesToHash(data, "The data that hmac is given")).toHex();
    },

    uuid5(name, namespace = URL_NAMESPACE) {
      const nameBytes = bytesToHash(name, "The name that uuid5 is given");
      if (typeof namespace !== "string" || !UUID.test(namespace)) {
        throw new TypeError("The namespace that uuid5 is given is no UUID.");
      }
      const space = Uint8Array.fromHex(namespace.replaceAll("-", ""));
      const bytes = sha1OfBytes(concatenated(space, nameBytes));
      bytes[6] = (bytes[6] & 0x0f) | 0x50;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = bytes.toHex();
      const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
      return `${parts.join("-")}-${hex.slice(20, 32)}`;
    },
  });
})
