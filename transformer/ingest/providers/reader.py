"""Reads packs: the folders in ``packs/``, and packs that somebody wrote for a sender of their own.

``pack.schema.json`` says what a pack may hold; what it cannot say (templates, networks) is checked here.
A pack that is wrong is an :class:`InvalidRequest` with its place.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeAlias

import orjson
from jsonschema_rs import Draft202012Validator

from transformer.errors import InvalidRequest, NotFound
from transformer.ingest.providers.pack import (
    Addresses,
    Algorithm,
    Basic,
    Certificate,
    ClientCertificate,
    Condition,
    Encoding,
    EventTime,
    Handshake,
    Hmac,
    KeyForm,
    Pack,
    PublicKey,
    Scheme,
    SignatureForm,
    Signs,
    Timestamp,
    Token,
    Unit,
    Value,
)
from transformer.ingest.providers.place import Home, Place
from transformer.ingest.providers.signed import Signed, compile_signed
from transformer.schemas.explanation import explain
from transformer.schemas.reader import Schema
from transformer.schemas.validators import error_validator, verdict_validator

Table: TypeAlias = Mapping[str, Any]

_PACKS = files("transformer.ingest.providers") / "packs"
_PACK_FILE = "pack.toml"


@cache
def pack_names() -> tuple[str, ...]:
    """Name the packs that come with the product, sorted."""
    folders = (folder for folder in _PACKS.iterdir() if (folder / _PACK_FILE).is_file())
    return tuple(sorted(folder.name for folder in folders))


@cache
def load_pack(name: str) -> Pack:
    """Read a pack that comes with the product.

    Raises:
        NotFound: there is none of this name.
    """
    if name not in pack_names():
        raise NotFound(
            f"There is no provider pack {name!r}.",
            hint=f"There are {', '.join(pack_names())}.",
        )
    return read_pack(name, tomllib.loads((pack_folder(name) / _PACK_FILE).read_text("utf-8")))


def pack_folder(name: str) -> Traversable:
    """Give the folder of a pack: ``pack.toml``, ``payload.json``, ``transform.js``, ``payload.d.ts``."""
    return _PACKS / name


def read_pack(name: str, table: Table) -> Pack:
    """Make a pack from what a file or a request holds.

    Args:
        name: what it is called.
        table: the parsed TOML or JSON.

    Raises:
        InvalidRequest: it is no pack; the message says what was found and what was expected, the pointer
            where.
    """
    if not _validator().is_valid(table):
        problem = explain(error_validator(load_schema()).iter_errors(table), whole="The pack")[0]
        raise InvalidRequest(
            f"The pack {name!r}: {problem.message}", hint=problem.hint, pointer=problem.pointer
        )
    event = table.get("event", {})
    return Pack(
        name=name,
        title=table["title"],
        docs=table["docs"],
        secret=table["secret"],
        answer=table.get("answer", ""),
        note=table.get("note", ""),
        scheme=_scheme(table["verify"]),
        signs=_signs(table.get("recognise", {})),
        event_type=_places(event.get("type", ())),
        event_id=_places(event.get("id", ())),
        event_time=tuple(
            EventTime(place_of(time["at"]), Unit(time["unit"])) for time in event.get("time", ())
        ),
        handshakes=tuple(map(_handshake, table.get("handshake", ()))),
    )


@cache
def load_schema() -> Schema:
    """Read the JSON Schema of packs."""
    document: Schema = orjson.loads(
        (files("transformer.ingest.providers") / "pack.schema.json").read_bytes()
    )
    return document


@cache
def _validator() -> Draft202012Validator:
    return verdict_validator(load_schema())


def place_of(text: str) -> Place:
    """Read a place: ``header:NAME``, ``query:NAME``, ``path:STEPS``."""
    home, _, name = text.partition(":")
    return Place(Home(home), name)


def _places(texts: Any) -> tuple[Place, ...]:
    return tuple(map(place_of, texts))


def _place(text: str | None) -> Place | None:
    return None if text is None else place_of(text)


def _scheme(table: Table) -> Scheme:
    return _SCHEMES[table["scheme"]](table)


def _hmac(table: Table) -> Hmac:
    return Hmac(
        hash=table["hash"],
        signature=_signature(table),
        signed=_signed(table["signed"]),
        key=KeyForm(table.get("key", "text")),
        key_prefix=table.get("key_prefix", ""),
        id=_place(table.get("id")),
        timestamp=_timestamp(table.get("timestamp")),
        each=table.get("each", ""),
    )


def _public_key(table: Table) -> PublicKey:
    return PublicKey(
        algorithms=tuple((name, Algorithm(named)) for name, named in table["algorithms"].items()),
        signature=_signature(table),
        signed=_signed(table["signed"]),
        choice=_place(table.get("choice")),
        id=_place(table.get("id")),
        timestamp=_timestamp(table.get("timestamp")),
        certificate=_certificate(table.get("certificate")),
        claim=_place(table.get("claim")),
    )


_SCHEMES: Mapping[str, Callable[[Table], Scheme]] = {
    "hmac": _hmac,
    "public-key": _public_key,
    "token": lambda table: Token(_places(table["at"]), table.get("prefix", "")),
    "bearer": lambda _: Token((Place(Home.HEADER, "authorization"),), "Bearer "),
    "basic": lambda _: Basic(),
    "client-certificate": lambda table: ClientCertificate(table["header"]),
    "addresses": lambda table: Addresses(tuple(map(_network, table.get("networks", ())))),
}


def _signature(table: Table) -> SignatureForm:
    return SignatureForm(
        places=_places(table["signature"]),
        encoding=Encoding(table["encoding"]),
        separator=table.get("separator", ""),
        prefix=table.get("prefix", ""),
        after=table.get("after", ""),
    )


def _signed(template: str) -> Signed:
    try:
        return compile_signed(template)
    except ValueError as error:
        raise InvalidRequest(
            f"The pack's template is wrong: {error}.",
            hint="Write the names of what is signed in braces, and everything else as it is.",
            pointer="/verify/signed",
        ) from error


def _timestamp(table: Table | None) -> Timestamp | None:
    if table is None:
        return None
    return Timestamp(
        place=_place(table.get("at")),
        part=table.get("part", ""),
        unit=Unit(table["unit"]),
        tolerance_s=table["tolerance_s"],
    )


def _certificate(table: Table | None) -> Certificate | None:
    if table is None:
        return None
    return Certificate(
        place=place_of(table["url"]),
        hosts=tuple(table["hosts"]),
        suffix=table.get("suffix", ""),
        subject=table.get("subject", ""),
    )


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise InvalidRequest(
            f"{text!r} is no IP address and no network.",
            hint="Write 192.0.2.7, or a network such as 192.0.2.0/24.",
            pointer="/verify/networks",
        ) from error


def _signs(table: Table) -> Signs:
    return Signs(
        headers=tuple(table.get("headers", ())),
        values=tuple((place_of(at), text) for at, text in table.get("values", {}).items()),
        paths=tuple(table.get("paths", ())),
    )


def _handshake(table: Table) -> Handshake:
    confirm = table.get("confirm", {})
    text = table.get("text")
    return Handshake(
        methods=tuple(table["methods"]),
        when=tuple(
            Condition(
                place_of(one["at"]),
                text=one.get("is", ""),
                pattern=one.get("pattern", ""),
                is_agreed=one.get("agreed", False),
            )
            for one in table.get("when", ())
        ),
        is_signed=table.get("signed", False),
        status=table.get("status", 200),
        text=None if text is None else _value(text),
        json=_values(table.get("json", {})),
        headers=_values(table.get("headers", {})),
        learn=_place(table.get("learn")),
        confirm=_place(confirm.get("at")),
        confirm_hosts=tuple(confirm.get("hosts", ())),
        why=confirm.get("why", ""),
    )


def _values(table: Table) -> tuple[tuple[str, Value], ...]:
    return tuple((name, _value(value)) for name, value in table.items())


def _value(table: Table) -> Value:
    return Value(
        place=_place(table.get("at")),
        text=table.get("text", ""),
        hmac=table.get("hmac", ""),
        encoding=Encoding(table.get("encoding", "hex")),
        prefix=table.get("prefix", ""),
    )
