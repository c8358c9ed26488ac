"""What providers publish as an example is verified, and not a byte of it can be changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.providers.published import PUBLISHED, Published
from transformer.ingest.providers import Refused, Verified

each_example = pytest.mark.parametrize(("name", "example"), PUBLISHED.items(), ids=PUBLISHED.keys())


@each_example
def test_a_published_example_is_verified(name: str, example: Published) -> None:
    verdict = example.sent.verified_by(name, example.secret, now=example.now)
    assert isinstance(verdict, Verified)


@each_example
def test_a_changed_example_is_refused(name: str, example: Published) -> None:
    body = example.sent.body
    for old, new in ((b"1", b"2"), (b"Hello", b"Hallo"), (b"true", b"false")):
        if old in body:
            sent = replace(example.sent, body=body.replace(old, new))
            assert isinstance(sent.verified_by(name, example.secret, now=example.now), Refused)


@pytest.mark.parametrize("name", [name for name, one in PUBLISHED.items() if one.at_s])
def test_a_published_example_is_too_old_today(name: str) -> None:
    example = PUBLISHED[name]
    later = example.now + timedelta(days=1)
    assert isinstance(example.sent.verified_by(name, example.secret, now=later), Refused)
