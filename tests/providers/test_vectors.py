"""Every pack takes what its provider sends, and nothing that was changed on the way.

The rows come from the packs themselves, so a pack without a sender, or one that says that it covers the
body and does not, fails here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.providers.coverage import covered, has_signature, tolerance_s
from tests.providers.senders import SENDERS
from tests.providers.sent import NOW, Draft, Sent, sample
from transformer.ingest.providers import Reason, Refused, Verified, load_pack, pack_names

OTHERS_SCHEME = "ip-allow-list"  # it has no secret that a sender sends: see test_credentials.py
NAMES = [name for name in pack_names() if name != OTHERS_SCHEME]
TIMED = [name for name in NAMES if tolerance_s(name) is not None]

each_pack = pytest.mark.parametrize("name", NAMES)
WRONG = {Reason.SIGNATURE_WRONG, Reason.CREDENTIAL_WRONG}


def draft_of(name: str, number: int = 0) -> Draft:
    payload, headers = sample(name)
    content_type = headers.get("content-type", "application/json")
    draft = Draft(b"", content_type, SENDERS[name].secret(number))
    return draft.rewritten(payload)


def send(name: str, draft: Draft | None = None) -> Sent:
    return SENDERS[name].send(draft or draft_of(name))


def ours(name: str, number: int = 0) -> str:
    return SENDERS[name].secret(number).ours


def test_every_pack_has_a_sender() -> None:
    assert sorted(SENDERS) == NAMES


def test_there_are_enough_providers() -> None:
    assert len(NAMES) >= 60


@each_pack
def test_what_the_provider_sends_is_verified(name: str) -> None:
    assert isinstance(send(name).verified_by(name, ours(name)), Verified)


@each_pack
def test_a_wrong_secret_is_refused(name: str) -> None:
    verdict = send(name).verified_by(name, ours(name, 1))
    assert isinstance(verdict, Refused)
    assert verdict.reason in WRONG


@each_pack
def test_a_source_without_a_secret_takes_nothing(name: str) -> None:
    for secrets in ((), ("",), (" ",)):
        verdict = send(name).verified_by(name, *secrets)
        assert isinstance(verdict, Refused)
        assert verdict.reason is Reason.NO_SECRET


@each_pack
def test_while_a_secret_is_rotated_both_do(name: str) -> None:
    both = (ours(name, 1), ours(name, 0))
    new, old = send(name, draft_of(name, 1)), send(name, draft_of(name, 0))
    first, second = new.verified_by(name, *both), old.verified_by(name, *both)
    assert isinstance(first, Verified)
    assert isinstance(second, Verified)
    assert (first.secret, second.secret) == (0, 1)


@pytest.mark.parametrize("name", [name for name in NAMES if covered(name)])
def test_a_tampered_body_is_refused(name: str) -> None:
    sent = send(name)
    for body in tampered(sent, exactly=covered(name) == "the body"):
        verdict = replace(sent, body=body).verified_by(name, ours(name))
        assert isinstance(verdict, Refused), body


def tampered(sent: Sent, *, exactly: bool) -> Iterator[bytes]:
    """Change the body; where only its values are signed, so that they are others."""
    body = sent.body
    yield b""
    yield b"{}"
    if b"ana" in body:
        yield body.replace(b"ana", b"bob")
    if exactly or b"ana" not in body:
        yield body + b" "
        yield body[:-1] + b" " + body[-1:]


@each_pack
def test_each_header_that_the_sender_signs_with_is_needed(name: str) -> None:
    sent = send(name)
    needed = {header: value for header, value in sent.headers.items() if header in signing(name)}
    for header, value in needed.items():
        rest = {other: text for other, text in sent.headers.items() if other != header}
        for headers in (rest, rest | {header: ""}, rest | {header: changed(value)}):
            verdict = replace(sent, headers=headers).verified_by(name, ours(name))
            assert not isinstance(verdict, Verified), headers


def signing(name: str) -> set[str]:
    """Name the headers that the sender adds, but for those that only tell what kind of news it is."""
    added = set(send(name).headers) - {"content-type"}
    return added - {"x-amz-sns-message-type"}


def changed(value: str) -> str:
    """Change the last character that is no padding."""
    bare = value.rstrip("=")
    flipped = {"0": "1", "A": "B", "a": "b"}.get(bare[-5], "0" if bare[-5].isdigit() else "A")
    return bare[:-5] + flipped + bare[-4:] + value[len(bare) :]


@pytest.mark.parametrize("name", TIMED)
def test_an_old_signature_is_refused(name: str) -> None:
    tolerance = tolerance_s(name)
    assert tolerance is not None
    for seconds in (tolerance + 60, -tolerance - 60):
        verdict = send(name, draft_of(name).earlier(seconds)).verified_by(name, ours(name), now=NOW)
        assert isinstance(verdict, Refused)
        assert verdict.reason is Reason.STALE
    fresh = send(name, draft_of(name).earlier(tolerance - 2)).verified_by(name, ours(name), now=NOW)
    assert isinstance(fresh, Verified)
    assert fresh.sent_at == pytest.approx(NOW.timestamp() - tolerance + 2, abs=1)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TIMED])
def test_without_a_time_the_signature_does_not_age(name: str) -> None:
    later = send(name).verified_by(name, ours(name), now=NOW + timedelta(days=300))
    assert isinstance(later, Verified)
    assert later.sent_at is None


@each_pack
def test_a_refusal_gives_away_no_secret(name: str) -> None:
    sent = send(name)
    for secrets in ((ours(name, 1),), ()):
        verdict = replace(sent, body=sent.body + b" ").verified_by(name, *secrets)
        if isinstance(verdict, Refused):
            told = f"{verdict.message} {verdict.expected} {verdict.hint}"
            assert ours(name, 0) not in told
            assert ours(name, 1) not in told
            assert all(value not in told for value in sent.headers.values() if len(value) > 40)


@pytest.mark.parametrize("name", [name for name in NAMES if has_signature(name)])
def test_no_signature_at_all_is_told_as_such(name: str) -> None:
    payload, headers = sample(name)
    bare = Sent(headers, b"{}" if payload else b"")
    verdict = bare.verified_by(name, ours(name))
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.SIGNATURE_MISSING
    assert load_pack(name).title
