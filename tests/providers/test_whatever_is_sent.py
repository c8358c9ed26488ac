"""Whatever is sent, every pack comes to a verdict: nothing raises, and nothing random is verified."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.senders import SENDERS
from tests.providers.sent import NOW, Sent
from tests.providers.test_vectors import draft_of
from transformer.ingest.providers import (
    CertificateNeeded,
    Refused,
    Request,
    Verified,
    Verifier,
    facts_of,
    greet,
    load_pack,
    pack_names,
    recognise,
)
from transformer.ingest.providers.handshake import Answer, PersonNeeded

PACKS = [load_pack(name) for name in pack_names()]
# A source of each pack, and one whose secret is anything.
SOURCES = [Verifier(load_pack(name), [sender.secret(0).ours]) for name, sender in SENDERS.items()]
HEADERS = sorted(
    {header for name in SENDERS for header in SENDERS[name].send(draft_of(name)).headers}
    | {"x-amz-sns-message-type", "x-hook-secret", "content-type", "authorization"}
)
KEYS = ["type", "event", "signature", "value", "notificationItems", "Type", "0", "json", "payload"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | json_values.map(repr).map(str.encode)
values = (
    st.binary(max_size=60)
    | st.sampled_from(["v1=", "t=1,v1=00", "sha256=00", "v0=", "Basic ", "Bearer ", "ts=;h1="]).map(
        str.encode
    )
    | st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]).map(
        str.encode
    )
)
requests = st.builds(
    Request,
    method=st.sampled_from(["POST", "GET", "HEAD"]),
    url=st.text(max_size=60) | st.just("https://a.b/in/t?hub.mode=subscribe&hub.challenge=1"),
    headers=st.lists(
        st.tuples(st.sampled_from(HEADERS).map(str.encode) | st.binary(max_size=9), values),
        max_size=6,
    ),
    body=bodies,
    address=st.text(max_size=20),
)


@settings(max_examples=150, deadline=None)
@given(requests)
def test_a_random_request_is_refused_by_every_pack(request: Request) -> None:
    for verifier in SOURCES:
        verdict = verifier.verify(request, now=NOW)
        assert isinstance(verdict, Refused | CertificateNeeded)
        facts_of(verifier.pack, request)
        greeting = greet(verifier, request, now=NOW, agreed=["tea"])
        assert greeting is None or isinstance(greeting, Answer | PersonNeeded | Refused)
    recognise(request, PACKS)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(SENDERS)),
    secret=st.text(max_size=60),
    now=st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    ),
)
def test_a_random_secret_or_clock_verifies_nothing(name: str, secret: str, now: datetime) -> None:
    sent: Sent = SENDERS[name].send(draft_of(name))
    assert not isinstance(sent.verified_by(name, secret, now=now), Verified)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(SENDERS)), data=st.data())
def test_a_header_cut_or_changed_at_random_is_refused_or_the_same(
    name: str, data: st.DataObject
) -> None:
    sent = SENDERS[name].send(draft_of(name))
    signing = sorted(set(sent.headers) - {"content-type", "x-amz-sns-message-type"})
    if not signing:
        return
    header = data.draw(st.sampled_from(signing))
    value = sent.headers[header]
    end = data.draw(st.integers(0, len(value) - 1))
    cut = Sent(dict(sent.headers) | {header: value[:end]}, sent.body, sent.url)
    verdict = cut.verified_by(name, SENDERS[name].secret(0).ours)
    assert not isinstance(verdict, Verified) or value[end:] in {"=", "=="}
