"""The providers' own libraries believe what the engine believes, and neither what was changed.

They look at the real clock, so these requests are signed now.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.providers.judges import NPM, PYTHON, Asked, Judge, believed_in_node, believes
from tests.providers.senders import SENDERS
from tests.providers.sent import Secret
from tests.providers.test_vectors import draft_of
from transformer.ingest.providers import Verified

# Some libraries take secrets of their provider's form alone.
FORMS = {"contentful": "c" * 64, "notion": "secret_" + "n" * 40}


CHANGES = (
    (
        b"request_signed",
        b"request_viewed",
    ),  # of Dropbox Sign's callbacks only type and time are signed
    (b"bt_payload=PG", b"bt_payload=PH"),
    (b'"token": "a8ce', b'"token": "b8ce'),  # of Mailgun's webhooks a token and the time
    (b"%22open%22", b"%22shut%22"),
    (b"3900", b"9900"),
    (b"ana@", b"bob@"),
    (b"a", b"b"),
)


def asked_of(name: str) -> Asked:
    draft = replace(draft_of(name), at=datetime.now(UTC))
    if name in FORMS:
        draft = replace(draft, secret=Secret(FORMS[name], FORMS[name]))
    return Asked(name, draft, SENDERS[name].send(draft))


def changed(asked: Asked) -> Asked:
    """Change what is signed: the body, or in it what the provider signs of it."""
    body = asked.sent.body
    old, new = next(change for change in CHANGES if change[0] in body)
    return replace(asked, sent=replace(asked.sent, body=body.replace(old, new)))


def other_secret(asked: Asked) -> Asked:
    secret = SENDERS[asked.name].secret(1)
    return replace(asked, draft=replace(asked.draft, secret=secret))


@pytest.mark.filterwarnings("ignore")  # not ours: what the libraries do when they are imported
@pytest.mark.parametrize(
    ("name", "judge"),
    [
        pytest.param(name, judge, id=f"{name} by {package}")
        for name, judges in PYTHON.items()
        for package, judge in judges.items()
    ],
)
def test_a_library_agrees(name: str, judge: Judge) -> None:
    asked = asked_of(name)
    verdict = asked.sent.verified_by(name, asked.secret, now=asked.draft.at)
    assert isinstance(verdict, Verified)
    assert believes(judge, asked)
    assert not believes(judge, other_secret(asked))
    assert not believes(judge, changed(asked))


def test_the_libraries_of_npm_agree() -> None:
    rows = [(judge, asked_of(name)) for name, judges in NPM.items() for judge in judges.values()]
    believed = believed_in_node(rows)
    assert [asked.name for (_, asked), one in zip(rows, believed, strict=True) if not one] == []
    tokens = {"gitlab"}  # their secret is sent along, so the body is not covered
    forged = [(judge, changed(asked)) for judge, asked in rows if asked.name not in tokens]
    believed = believed_in_node(forged)
    assert [asked.name for (_, asked), one in zip(forged, believed, strict=True) if one] == []
    for _, asked in rows:
        verdict = asked.sent.verified_by(asked.name, asked.secret, now=asked.draft.at)
        assert isinstance(verdict, Verified), asked.name
