"""What a pack holds beside its scheme: a sample that it knows, a starter that works on it, types that fit."""

import json
from collections.abc import Iterator, Mapping

import pytest

from sandbox import Limits, SandboxPool
from tests.providers.senders import SENDERS
from tests.providers.sent import URL
from tests.providers.test_vectors import draft_of
from tests.support.payloads import PLACE, real_payloads
from tests.support.typescript import Diagnosis, diagnose
from transformer.delivery import Verdict
from transformer.errors import NotFound
from transformer.event import train_case
from transformer.ids import WorkspaceId
from transformer.ingest.providers import (
    Request,
    facts_of,
    load_pack,
    load_starter,
    pack_names,
    recognise,
)
from transformer.ingest.providers.reader import pack_folder
from transformer.schemas.typescript import wrap, write_types
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer

NAMES = pack_names()
PACKS = [load_pack(name) for name in NAMES]
# Of a way to prove who sends, not of a provider.
GENERAL = {
    "basic-auth",
    "bearer-token",
    "client-certificate",
    "header-token",
    "ip-allow-list",
    "url-token",
}
PROVIDERS = [name for name in NAMES if name not in GENERAL]

each_pack = pytest.mark.parametrize("name", NAMES)
each_provider = pytest.mark.parametrize("name", PROVIDERS)


@pytest.fixture(scope="module")
def preview() -> Iterator[Preview]:
    with SandboxPool(limits=Limits(timeout_ms=5_000, heap_mb=64), max_guests=1) as pool:
        yield Preview(Transformer(pool, Checker()))


def sample_request(name: str) -> Request:
    """Make the sample as the provider sends it, but for what only a signature shows."""
    starter = load_starter(name)
    draft = draft_of(name) if name in SENDERS else None
    headers = {"content-type": "application/json"} | dict(starter.headers)
    return Request(
        method="POST",
        url=URL,
        headers=[(header.encode(), value.encode()) for header, value in headers.items()],
        body=SENDERS[name].send(draft).body if draft else starter.payload,
    )


@each_pack
def test_a_starter_works_on_its_sample(preview: Preview, name: str) -> None:
    starter = load_starter(name)
    outcome = preview.run(
        workspace_id=WorkspaceId("packs"),
        code=starter.code,
        destination=Destination.TRACK,
        payload=starter.payload,
        headers={train_case(header): value for header, value in starter.headers.items()},
        context={"event_id": "evt_" + "0" * 32, "accepted_at": "2025-03-14T09:26:53.589Z"},
    )
    assert outcome.verdict is Verdict.OK, outcome
    assert outcome.operations
    assert outcome.warnings == ()
    assert b"undefined" not in json.dumps(outcome.output).encode()
    assert b"null" not in json.dumps(outcome.output).encode()


# Each pack's types in a namespace, so that all are one program: one for each takes a quarter of a minute.
SPACE = "declare namespace {space} {{\n{types}}}\n"
TYPED = "/** @type {{{space}.Payload}} */ var payload = /** @type {{any}} */ (null);\n"


def compiled(codes: Mapping[str, str]) -> Diagnosis:
    """Compile code for packs, by their names, each with its pack's types."""
    spaces = {name: "of_" + name.replace("-", "_") for name in codes}
    types = [
        SPACE.format(space=space, types=load_starter(name).types) for name, space in spaces.items()
    ]
    files = {
        f"{name}.js": TYPED.format(space=spaces[name]) + wrap(code) for name, code in codes.items()
    }
    [diagnosis] = diagnose([(write_types(Destination.TRACK) + "".join(types), files)])
    return diagnosis


def test_the_compiler_takes_every_starter_with_its_types() -> None:
    diagnosis = compiled({name: load_starter(name).code for name in NAMES})
    assert {name: found for name, found in diagnosis.found.items() if found} == {}


def test_the_compiler_sees_the_types_of_a_sample() -> None:
    diagnosis = compiled({"stripe": "payload.data.objekt; return null;"})
    assert diagnosis.codes("stripe.js") == [18048, 2551]  # may be undefined; did you mean "object"?


@each_pack
def test_a_pack_is_whole(name: str) -> None:
    files = {path.name for path in pack_folder(name).iterdir()}
    needed = {"pack.toml", "payload.json", "payload.d.ts", "transform.js"}
    assert needed <= files <= needed | {"headers.json"}


# What an event's type can be told by is the sample's; where it has none, the provider says none.
WITHOUT_TYPE = {"braintree", "telegram", "x"}


@each_provider
def test_the_type_of_the_sample_is_found(name: str) -> None:
    facts = facts_of(load_pack(name), sample_request(name))
    assert (facts.event_type is None) == (name in WITHOUT_TYPE)


@each_provider
def test_id_and_time_of_the_sample_are_found_where_the_pack_says(name: str) -> None:
    pack = load_pack(name)
    request = SENDERS[name].send(draft_of(name))
    headers = dict(load_starter(name).headers) | dict(request.headers)
    facts = facts_of(
        pack,
        Request(
            method="POST",
            url=URL,
            headers=[(header.encode(), value.encode()) for header, value in headers.items()],
            body=request.body,
        ),
    )
    absent = {"twilio"}  # sends its token with calls again alone
    assert (facts.event_id is not None) == (bool(pack.event_id) and name not in absent)
    if pack.event_time and name != "amplitude":
        assert facts.event_time is not None
        assert facts.event_time.year == 2025


# Nothing in their requests but a signature that others have too, or nothing at all, tells them apart.
UNTOLD = {"salesforce"}


@each_provider
def test_the_sample_of_a_provider_is_recognised(name: str) -> None:
    sent = SENDERS[name].send(draft_of(name))
    headers = dict(load_starter(name).headers) | dict(sent.headers)
    request = Request(
        method="POST",
        url=URL,
        headers=[(header.encode(), value.encode()) for header, value in headers.items()],
        body=sent.body,
    )
    found = [likeness.pack.name for likeness in recognise(request, PACKS)]
    assert found[:1] == ([] if name in UNTOLD else [name])


def test_what_is_of_nobody_is_not_recognised() -> None:
    for body in (b"", b"{}", b"[]", b"tea", b'{"id": 1, "email": "ana@example.com"}', b"\xff"):
        request = Request(method="POST", url=URL, headers=[], body=body)
        assert recognise(request, PACKS) == []


# How the folders of recorded webhooks are called here; the others have no pack.
FOLDERS = {
    "bitbucket": "bitbucket",
    "calendly": "calendly",
    "chargebee": "chargebee",
    "elevenlabs": "elevenlabs",
    "github": "github",
    "intercom": "intercom",
    "mailersend": "mailersend",
    "mailgun": "mailgun",
    "mandrill": "mandrill",
    "mparticle": "mparticle",
    "paypal": "paypal",
    "pipedrive": "pipedrive",
    "postmark": "postmark",
    "resend": "resend",
    "segment": "segment",
    "sendgrid": "sendgrid",
    "shopify": "shopify",
    "slack": "slack",
    "sparkpost": "sparkpost",
    "square": "square",
    "stripe": "stripe",
    "typeform": "typeform",
    "webflow": "webflow",
}


def recorded_headers() -> dict[str, dict[str, str]]:
    """Read what was kept of the requests' headers: none has a signature any more."""
    rows = (PLACE / "HEADERS.jsonl").read_text().splitlines()
    return {row["file"]: row["headers"] for row in map(json.loads, rows)}


def test_recorded_webhooks_are_recognised() -> None:
    """None is taken for another's; of most providers all are known by what was recorded of them."""
    files = real_payloads()
    headers = recorded_headers()
    mistaken, missed, count = [], [], 0
    for file in files:
        relative = str(file.relative_to(PLACE))
        expected = FOLDERS.get(file.parent.name)
        named = headers.get(relative, {})
        request = Request(
            method="POST",
            url=URL,
            headers=[(name.encode(), value.encode()) for name, value in named.items()],
            body=file.read_bytes(),
        )
        found = recognise(request, PACKS)
        best = found[0].pack.name if found else None
        if file.parent.name == "synthetic":
            continue  # several providers' in one folder
        if best is not None and best != expected:
            mistaken.append((relative, best))
        if expected is not None:
            count += 1
            if best is None:
                missed.append(relative)
    assert mistaken == []
    assert len(missed) <= count * 0.25, missed


def test_a_pack_that_is_not_there_is_said_so() -> None:
    with pytest.raises(NotFound, match="no provider pack 'teapots'") as caught:
        load_pack("teapots")
    assert "stripe" in caught.value.hint
