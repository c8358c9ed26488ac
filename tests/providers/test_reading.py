"""What stands in a request is found where a pack says, and what cannot be read is not there."""

import pytest

from transformer.ingest.providers import Request
from transformer.ingest.providers.keys import is_allowed_url
from transformer.ingest.providers.pack import Unit
from transformer.ingest.providers.reader import place_of
from transformer.ingest.providers.times import seconds_of

TIMES = {
    ("1741944413", Unit.SECONDS): 1741944413,
    ("1741944413.25", Unit.SECONDS): 1741944413.25,
    ("1741944413589", Unit.MILLISECONDS): 1741944413.589,
    ("2025-03-14T09:26:53Z", Unit.ISO): 1741944413,
    ("2025-03-14T10:26:53+01:00", Unit.ISO): 1741944413,
    ("2025-03-14T09:26:53.589793238Z", Unit.ISO): 1741944413.589793,
    ("2025-03-14 09:26:53", Unit.ISO): 1741944413,
    ("soon", Unit.ISO): None,
    ("1e9", Unit.SECONDS): None,
    ("\u0661\u0662\u0663", Unit.SECONDS): None,
    ("", Unit.MILLISECONDS): None,
}


@pytest.mark.parametrize(("written", "expected"), TIMES.items(), ids=str)
def test_times_are_read_as_they_are_written(
    written: tuple[str, Unit], expected: float | None
) -> None:
    found = seconds_of(*written)
    assert found == (None if expected is None else pytest.approx(expected))


def request(
    body: bytes, content_type: str = "application/json", url: str = "https://a.b"
) -> Request:
    headers = [(b"content-type", content_type.encode()), (b"x-twice", b"1"), (b"x-twice", b"2")]
    return Request(method="POST", url=url, headers=headers, body=body)


PLACES = {
    "a key": ("path:a.b", b'{"a": {"b": "c"}}', "c"),
    "a number in a list": ("path:a.1", b'{"a": ["b", "c"]}', "c"),
    "each element": ("path:a.*.b", b'{"a": [{"b": "c"}, {"b": "d"}]}', "c"),
    "JSON in a text": ("path:a:json.b.0", b'{"a": "{\\"b\\": [\\"c\\"]}"}', "c"),
    "a number": ("path:a", b'{"a": 17}', "17"),
    "true": ("path:a", b'{"a": true}', "true"),
    "an object is no text": ("path:a", b'{"a": {"b": 1}}', None),
    "null is nothing": ("path:a", b'{"a": null}', None),
    "a key of a list": ("path:a.b", b'{"a": []}', None),
    "behind the end": ("path:a.9", b'{"a": [1]}', None),
    "a number that is none": ("path:a.\u00b2", b'{"a": [1, 2, 3]}', None),
    "no JSON": ("path:a", b"tea", None),
    "a text that is no JSON": ("path:a:json.b", b'{"a": "{"}', None),
    "a header twice": ("header:x-twice", b"", "1,2"),
    "a parameter": ("query:b", b"", "2"),
}


@pytest.mark.parametrize(("place", "body", "expected"), PLACES.values(), ids=PLACES.keys())
def test_a_place_leads_to_a_value(place: str, body: bytes, expected: str | None) -> None:
    assert place_of(place).value(request(body, url="https://a.b/c?a=1&b=2")) == expected


def test_a_url_that_is_none_has_no_parameters() -> None:
    assert request(b"", url="http://[").query("a") is None


def test_fields_of_a_multipart_body_are_read_and_files_are_not() -> None:
    body = (
        b'--x"y\r\nContent-Disposition: form-data; name="json"\r\n\r\n{"a":\r\n1}\r\n'
        b'--x"y\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\nzzz\r\n--x"y--\r\n'
    )
    found = request(body, 'multipart/form-data; boundary="x\\"y"')
    assert found.payload == {"json": '{"a":\r\n1}'}
    assert request(body, "multipart/form-data").payload == {}


HOSTS = ("api.paypal.com", "sns.*.amazonaws.com")


def test_a_host_is_allowed_whatever_the_case_of_its_letters() -> None:
    assert is_allowed_url("https://API.PayPal.com/v1/certs", HOSTS)
    assert is_allowed_url("https://sns.us-east-1.amazonaws.com:443/", HOSTS)
    assert not is_allowed_url("https://sns..amazonaws.com/", HOSTS)
