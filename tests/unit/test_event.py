"""How a body becomes a payload."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.errors import BodyUnreadable
from transformer.event import payload_text, train_case

READABLE = [
    ("json object", b'{"a": 1}', "application/json", {"a": 1}),
    ("json without a content type", b"[1, 2]", "", [1, 2]),
    ("json with parameters", b'"x"', "application/json; charset=utf-8", "x"),
    ("json of a vendor", b'{"a":1}', "application/vnd.acme+json", {"a": 1}),
    ("json behind a byte order mark", b'\xef\xbb\xbf{"a":1}', "application/json", {"a": 1}),
    ("json under an unknown type", b"{}", "application/octet-stream", {}),
    ("json mislabelled as text", b'{"a":1}', "text/plain", {"a": 1}),
    ("form fields", b"a=1&b=x+y", "application/x-www-form-urlencoded", {"a": "1", "b": "x y"}),
    (
        "form field given twice",
        b"a=1&a=2&a=3",
        "application/x-www-form-urlencoded",
        {"a": ["1", "2", "3"]},
    ),
    (
        "form field that is blank",
        b"a=&b=1",
        "application/x-www-form-urlencoded",
        {"a": "", "b": "1"},
    ),
    ("form of nothing", b"", "application/x-www-form-urlencoded", {}),
    ("form in UTF-8", b"n=caf%C3%A9", "application/x-www-form-urlencoded", {"n": "café"}),
    ("text", b"hello", "text/plain", "hello"),
    ("text in Latin-1", b"caf\xe9", "text/plain; charset=iso-8859-1", "café"),
]

UNREADABLE = [
    ("an empty body", b"", "application/json", "The body is empty"),
    ("cut off json", b'{"a": ', "application/json", "is not JSON"),
    ("json with a remark", b"{} // x", "application/json", "line 1, column"),
    ("a form without a name", b"abc", "application/x-www-form-urlencoded", "not form-encoded"),
    ("text that is not UTF-8", b"\xff\xfe", "text/plain", "not text in utf-8"),
    ("text in an unknown encoding", b"x", "text/plain; charset=klingon", "klingon"),
    (
        "text in a codec that is no encoding",
        b"x",
        "text/plain; charset=punycode",
        "none that is read",
    ),
    ("text in half a character", b"+2AA-", "text/plain; charset=utf-7", "none that is read"),
    ("text that is cut", b"\x00\xd8x", "text/plain; charset=utf-16le", "not text in utf-16le"),
    ("xml", b"<a/>", "application/xml", "is not JSON"),
]


@pytest.mark.parametrize(
    ("body", "content_type", "payload"), [row[1:] for row in READABLE], ids=[r[0] for r in READABLE]
)
def test_a_body_becomes_the_payload_that_its_type_says(
    body: bytes, content_type: str, payload: object
) -> None:
    assert orjson.loads(payload_text(body, content_type)) == payload


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [row[1:] for row in UNREADABLE],
    ids=[row[0] for row in UNREADABLE],
)
def test_a_body_that_is_no_payload_is_refused_with_the_reason(
    body: bytes, content_type: str, told: str
) -> None:
    with pytest.raises(BodyUnreadable) as refusal:
        payload_text(body, content_type)
    assert told in refusal.value.message
    assert refusal.value.hint


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "application/json", "text/plain", "application/x-www-form-urlencoded"]),
)
def test_any_body_gives_valid_json_or_a_refusal(body: bytes, content_type: str) -> None:
    try:
        text = payload_text(body, content_type)
    except BodyUnreadable:
        return
    orjson.loads(text)


def test_a_json_payload_is_the_body_byte_for_byte() -> None:
    body = b'{ "a" :1.0,"a":2 }'
    assert payload_text(body, "application/json") == body


@pytest.mark.parametrize(
    ("wire", "shown"),
    [("x-github-event", "X-Github-Event"), ("etag", "Etag"), ("x--y", "X--Y"), ("", "")],
)
def test_header_names_are_shown_in_train_case(wire: str, shown: str) -> None:
    assert train_case(wire) == shown
