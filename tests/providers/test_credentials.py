"""Secrets that are sent along, certificates that a proxy checked, addresses."""

import base64
from collections.abc import Mapping

import pytest

from tests.providers.sent import Sent
from transformer.ingest.providers import Reason, Refused, Verified

BASIC = {"authorization": "Basic " + base64.b64encode(b"ana:tea:pot").decode()}

ROWS: Mapping[str, tuple[str, Mapping[str, str], str, Reason | None]] = {
    "the password may have a colon": ("basic-auth", BASIC, "ana:tea:pot", None),
    "basic in small letters": (
        "basic-auth",
        {"authorization": BASIC["authorization"].replace("Basic", "basic")},
        "ana:tea:pot",
        None,
    ),
    "another password": ("basic-auth", BASIC, "ana:tea", Reason.CREDENTIAL_WRONG),
    "no base64": ("basic-auth", {"authorization": "Basic ???"}, "a:b", Reason.CREDENTIAL_WRONG),
    "no text": ("basic-auth", {"authorization": "Basic /w=="}, "a:b", Reason.CREDENTIAL_WRONG),
    "a bearer token where a password is due": (
        "basic-auth",
        {"authorization": "Bearer ana:tea:pot"},
        "ana:tea:pot",
        Reason.CREDENTIAL_WRONG,
    ),
    "no credential": ("basic-auth", {}, "a:b", Reason.CREDENTIAL_MISSING),
    "a bearer token": ("bearer-token", {"authorization": "BEARER tea"}, "tea", None),
    "a bearer token without its word": (
        "bearer-token",
        {"authorization": "tea"},
        "tea",
        Reason.CREDENTIAL_WRONG,
    ),
    "a longer token": (
        "bearer-token",
        {"authorization": "Bearer teapot"},
        "tea",
        Reason.CREDENTIAL_WRONG,
    ),
    "an empty token": (
        "bearer-token",
        {"authorization": "Bearer "},
        "tea",
        Reason.CREDENTIAL_WRONG,
    ),
    "a token twice": (
        "gitlab",
        {"x-gitlab-token": "tea,tea"},
        "tea",
        Reason.CREDENTIAL_WRONG,
    ),
    "a space behind a secret that was pasted": (
        "gitlab",
        {"x-gitlab-token": "tea"},
        "tea \n",
        None,
    ),
    "the other header": ("header-token", {"x-api-key": "tea"}, "tea", None),
    "a certificate": (
        "client-certificate",
        {"x-client-certificate-fingerprint": "ab:cd"},
        "ab:cd",
        None,
    ),
    "no certificate": ("client-certificate", {}, "ab:cd", Reason.CREDENTIAL_MISSING),
    "another's certificate": (
        "client-certificate",
        {"x-client-certificate-fingerprint": "ab:ce"},
        "ab:cd",
        Reason.CREDENTIAL_WRONG,
    ),
}


@pytest.mark.parametrize(("pack", "headers", "secret", "reason"), ROWS.values(), ids=ROWS.keys())
def test_a_credential(
    pack: str, headers: Mapping[str, str], secret: str, reason: Reason | None
) -> None:
    verdict = Sent(headers, b"{}").verified_by(pack, secret)
    found = verdict.reason if isinstance(verdict, Refused) else None
    assert found is reason


ADDRESSES: Mapping[str, tuple[str, str, Reason | None]] = {
    "one that is listed": ("192.0.2.7", "192.0.2.7", None),
    "one of a network": ("192.0.2.200", "192.0.2.0/24", None),
    "one beside it": ("192.0.3.1", "192.0.2.0/24", Reason.ADDRESS_NOT_ALLOWED),
    "IPv6": ("2001:db8::1", "2001:db8::/32", None),
    "IPv4 as IPv6 writes it": ("::ffff:192.0.2.7", "192.0.2.7", None),
    "of the other kind": ("2001:db8::1", "0.0.0.0/0", Reason.ADDRESS_NOT_ALLOWED),
    "unknown": ("", "192.0.2.7", Reason.CREDENTIAL_MISSING),
    "a name": ("localhost", "192.0.2.7", Reason.CREDENTIAL_MISSING),
}


@pytest.mark.parametrize(("address", "allowed", "reason"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address(address: str, allowed: str, reason: Reason | None) -> None:
    verdict = Sent({}, b"{}", address=address).verified_by("ip-allow-list", allowed)
    found = verdict.reason if isinstance(verdict, Refused) else None
    assert found is reason


def test_every_notification_of_microsoft_must_have_the_word() -> None:
    both = Sent({}, b'{"value": [{"clientState": "tea"}, {"clientState": "tea"}]}')
    assert isinstance(both.verified_by("microsoft-graph", "tea"), Verified)
    for body in (
        b'{"value": [{"clientState": "tea"}, {"clientState": "pot"}]}',
        b'{"value": [{"clientState": "tea"}, {}]}',
        b'{"value": [{}, {"clientState": "tea"}]}',
        b'{"value": []}',
        b'{"value": "tea"}',
        b"{}",
    ):
        assert isinstance(Sent({}, body).verified_by("microsoft-graph", "tea"), Refused)
