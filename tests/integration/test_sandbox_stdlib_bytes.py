"""Base64, text encodings and hashes in the sandbox answer as Node and Python do."""

import hashlib
import hmac
import uuid
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import SandboxPool
from tests.hostile.sandboxes import run, running_pool, value
from tests.support.node import assert_agree, in_node, in_sandbox

PATIENT = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


BASE64 = [
    "", " ", "\t\n\f\r ", "\x0b", "a", "ab", "abc", "abcd", "ab==", "ab=", "abc=", "abc==", "abcd=", "abcd==",
    "ab===", "a===", "====", "=", "==", "ab= =", " a b c d ", "ab\n==", "a=b=", "=abc", "ab==ab==", "a-_b",
    "a+/b", "AA/+", "éabc", "abé=", "ab\x00d", "ab", "zz==", "//==", "/x==", "\ud800aaa", "undefined", "null",
    "aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ",
]  # fmt: skip


def test_base64_is_read_forgivingly(pool: SandboxPool) -> None:
    assert_agree(pool, "const judge = (text) => atob(text);", BASE64)


def test_base64_is_written_of_bytes_alone(pool: SandboxPool) -> None:
    texts = [*BASE64, "\xff\x00\x80", "\u0100", "€", "".join(map(chr, range(256)))]
    assert_agree(pool, "const judge = (text) => btoa(text);", texts)


@pytest.mark.parametrize(
    "code",
    [
        "atob()",
        "btoa()",
        "atob(null)",
        "btoa(null)",
        "btoa(undefined)",
        "btoa(12)",
        "atob(12)",
        "atob(Symbol())",
        "btoa({toString() { throw new RangeError() }})",
        "[atob.name, atob.length, btoa.name, btoa.length]",
        """(() => { try { atob('*') } catch (e) {
          return [e instanceof DOMException, e instanceof Error, e.name, e.code, e.constructor.name] } })()""",
        "(() => { const e = new DOMException('m', 'AbortError'); return [e.message, e.name, e.code, `${e}`] })()",
        "(() => { const e = new DOMException(); return [e.message, e.name, e.code, `${e}`] })()",
        "new DOMException('m', 'Mine').code",
        "DOMException('m')",
        "Object.prototype.toString.call(new DOMException())",
        "DOMException.length",
    ],
)
def test_base64_and_its_errors_look_native(pool: SandboxPool, code: str) -> None:
    body = f"return attempt(() => {code})"
    assert in_sandbox(pool, body) == in_node(body)


def test_a_refusal_is_shown_with_its_name_and_line(pool: SandboxPool) -> None:
    result = run(pool, "\natob('*')")
    shown = getattr(result, "message", ""), getattr(result, "line", 0)
    assert shown == ("InvalidCharacterError: The text is not base64.", 2)


MALFORMED = [
    [], [0x41], [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC3, 0xA9], [0xE0, 0x80, 0x80],
    [0xE0, 0x9F, 0xBF], [0xE0, 0xA0], [0xE0, 0xA0, 0x41], [0xE2, 0x82, 0xAC], [0xE2, 0x82], [0xE2, 0x41],
    [0xED, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xED, 0xBF, 0xBF], [0xEF, 0xBB, 0xBF], [0xEF, 0xBB, 0xBF, 0x41],
    [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF], [0xEF, 0xBB], [0xEF, 0xBF, 0xBE], [0xF0, 0x80, 0x80, 0x80],
    [0xF0, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F, 0x98], [0xF0, 0x9F], [0xF0],
    [0xF0, 0x9F, 0x98, 0x41], [0xF0, 0x9F, 0x41], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xFF, 0xFE], [0xFE], [0x41, 0xFF, 0x42], [0xF8, 0x88, 0x80, 0x80, 0x80],
    [0xFF, 0xFE, 0x41, 0x00], [0xFE, 0xFF, 0x00, 0x41], [0x00, 0xD8], [0x00, 0xDC], [0x00, 0xD8, 0x00, 0xDC],
    [0x00, 0xD8, 0x41, 0x00], [0x00, 0xD8, 0x41], [0x3D, 0xD8, 0x00, 0xDE], [0xD8, 0x3D, 0xDE, 0x00],
]  # fmt: skip
DECODE = """
  const judge = ([bytes, label, options]) => {
    const decoder = new TextDecoder(label, options);
    return [decoder.encoding, decoder.fatal, decoder.ignoreBOM, decoder.decode(Uint8Array.from(bytes)),
      decoder.decode(new Uint8Array(bytes).buffer)];
  };
"""


def test_bytes_are_decoded(pool: SandboxPool) -> None:
    options = [{}, {"fatal": True}, {"ignoreBOM": True}, {"fatal": 1, "ignoreBOM": 1}]
    rows = [list(row) for row in product(MALFORMED, ["utf-8", "utf-16le", "utf-16be"], options)]
    assert_agree(pool, DECODE, rows)


def test_windows_1252_is_what_latin1_means(pool: SandboxPool) -> None:
    code = "return new TextDecoder('latin1').decode(Uint8Array.from(payload))"
    high = [byte for byte in range(256) if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}]
    assert in_sandbox(pool, code, high) == bytes(high).decode("cp1252")
    assert in_sandbox(pool, code, [0x81, 0x9D]) == "\x81\x9d"


def test_labels_are_known_in_any_case(pool: SandboxPool) -> None:
    rows = [
        "utf8", "UTF-8", " utf-8\n", "unicode-1-1-utf-8", "ucs-2", "utf-16", "UTF-16LE", "utf-16be", "latin1",
        "ascii", "iso-8859-1", "windows-1252", "us-ascii", "nonsense", "", "utf-8\x00", "utf-9", None,
    ]  # fmt: skip
    code = "const judge = (label) => new TextDecoder(label).encoding;"
    assert_agree(pool, code, rows)


STREAM = """
  const judge = ([label, pieces, fatal]) => {
    const decoder = new TextDecoder(label, { fatal });
    const got = pieces.map((piece) => attempt(() => decoder.decode(Uint8Array.from(piece), { stream: true })));
    return [got.join(''), attempt(() => decoder.decode()), decoder.decode(Uint8Array.of(0x41, 0))];
  };
"""


def test_a_stream_may_be_cut_anywhere(pool: SandboxPool) -> None:
    rows = []
    for text, label in product(
        ["é€😀\ufeffa", "\ufeffaé", "😀", "a"], ["utf-8", "utf-16le", "utf-16be"]
    ):
        data = list(text.encode(label))
        rows += [[label, [data[:at], data[at:]], False] for at in range(len(data) + 1)]
        rows += [[label, [[byte] for byte in data], fatal] for fatal in (True, False)]
        rows += [[label, [data[:-1]], False]]
    assert_agree(pool, STREAM, rows)


@pytest.mark.parametrize(
    "code",
    [
        "[...new TextEncoder().encode('aé€😀')]",
        "[...new TextEncoder().encode('\\ud800a\\udc00')]",
        "[...new TextEncoder().encode()]",
        "[...new TextEncoder().encode(undefined)]",
        "[...new TextEncoder().encode(null)]",
        "new TextEncoder().encode('x') instanceof Uint8Array",
        "new TextEncoder().encode(Symbol())",
        "new TextEncoder().encoding",
        "TextEncoder()",
        "TextDecoder()",
        "new TextDecoder().decode('x')",
        "new TextDecoder().decode(null)",
        "new TextDecoder().decode([1])",
        "new TextDecoder().decode(undefined)",
        "new TextDecoder('utf-8', 1)",
        "new TextDecoder('utf-8', null).fatal",
        "new TextDecoder().decode(new DataView(Uint8Array.of(1, 65, 66).buffer, 1, 1))",
        "new TextDecoder().decode(new Uint16Array([0x4142]))",
        "new TextDecoder().decode(new Uint8Array([65, 66, 67]).subarray(1, 2))",
        "TextDecoder.prototype.decode.call({})",
        "TextEncoder.prototype.encode.call({})",
        "[TextEncoder.length, TextDecoder.length, TextDecoder.prototype.decode.length, TextEncoder.name]",
        "Object.prototype.toString.call(new TextDecoder())",
        "new TextEncoder().encodeInto('a', [])",
        *(
            f"(() => {{ const to = new Uint8Array({room}); const r = new TextEncoder().encodeInto({text!r}, to);"
            " return [r.read, r.written, ...to] })()"
            for room, text in product(range(9), ["aé€😀", "\U0001f600é", ""])
        ),
    ],
)
def test_encoders_look_native(pool: SandboxPool, code: str) -> None:
    body = f"return attempt(() => {code})"
    assert in_sandbox(pool, body) == in_node(body)


@PATIENT
@given(st.lists(st.binary(max_size=12).map(list), min_size=150))
def test_any_bytes_are_decoded(pool: SandboxPool, texts: list[list[int]]) -> None:
    rows = [[bytes_, label, {}] for bytes_, label in product(texts, ["utf-8", "utf-16le"])]
    assert_agree(pool, DECODE, rows)


LENGTHS = [*range(70), 111, 112, 119, 120, 127, 128, 129, 1000]


def test_hashes_of_every_length(pool: SandboxPool) -> None:
    texts = ["aé€"[i % 3] * length for i, length in enumerate(LENGTHS)]
    code = """return payload.map((text) => [sha256(text), hmac(text, 'data'), hmac('key', text),
      uuid5(text), uuid5(text, '6BA7B810-9dad-11d1-80b4-00c04fd430c8')])"""
    assert in_sandbox(pool, code, texts) == [
        [
            hashlib.sha256(text.encode()).hexdigest(),
            hmac.new(text.encode(), b"data", "sha256").hexdigest(),
            hmac.new(b"key", text.encode(), "sha256").hexdigest(),
            str(uuid.uuid5(uuid.NAMESPACE_URL, text)),
            str(uuid.uuid5(uuid.NAMESPACE_DNS, text)),
        ]
        for text in texts
    ]


@PATIENT
@given(st.lists(st.tuples(st.text(), st.text()), min_size=30))
def test_hashes_of_any_text_are_nodes(pool: SandboxPool, pairs: list[tuple[str, str]]) -> None:
    code = "const judge = ([key, text]) => [sha256(text), hmac(key, text)];"
    assert_agree(pool, code, [list(pair) for pair in pairs])


def test_bytes_are_hashed_as_they_are(pool: SandboxPool) -> None:
    code = """
      const bytes = Uint8Array.of(0, 1, 255, 128, 2);
      return [sha256(bytes), sha256(bytes.buffer), sha256(new DataView(bytes.buffer, 1, 3)),
        sha256(new Uint16Array([258])), hmac(bytes, bytes), sha256('\\ud800'), [...bytes]]"""
    data = bytes([0, 1, 255, 128, 2])
    assert in_sandbox(pool, code) == [
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(data[1:4]).hexdigest(),
        hashlib.sha256(b"\x02\x01").hexdigest(),
        hmac.new(data, data, "sha256").hexdigest(),
        hashlib.sha256("\ufffd".encode()).hexdigest(),
        list(data),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "sha256()", "sha256(1)", "sha256(null)", "sha256({})", "sha256([1])", "hmac('k')", "hmac(undefined, 'd')",
        "uuid5()", "uuid5('n', 'x')", "uuid5('n', null)", "uuid5('n', '6ba7b8109dad11d180b400c04fd430c8')",
        "uuid5('n', {toString: () => '6ba7b810-9dad-11d1-80b4-00c04fd430c8'})",
    ],
)  # fmt: skip
def test_what_is_neither_text_nor_bytes_is_not_hashed(pool: SandboxPool, code: str) -> None:
    assert in_sandbox(pool, f"return attempt(() => {code})") == "throws TypeError"


def test_a_name_may_be_bytes(pool: SandboxPool) -> None:
    code = "return uuid5(new TextEncoder().encode('é')) === uuid5('é')"
    assert in_sandbox(pool, code) is True


def test_hashes_look_native(pool: SandboxPool) -> None:
    code = "return [sha256, hmac, uuid5].map((f) => [f.name, f.length, 'prototype' in f])"
    found = value(run(pool, code))
    assert found == [["sha256", 1, False], ["hmac", 2, False], ["uuid5", 1, False]]
