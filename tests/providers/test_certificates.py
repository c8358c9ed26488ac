"""Whose key it is says a certificate, which comes from an allowed host and from nowhere else."""

from dataclasses import replace

import pytest

from tests.providers import keys
from tests.providers.senders import SENDERS
from tests.providers.sent import NOW, Draft
from tests.providers.test_engine import pack_of, refusal
from tests.providers.test_vectors import draft_of
from transformer.ingest.providers import (
    CertificateNeeded,
    Reason,
    Refused,
    Verified,
    Verifier,
    load_pack,
)

SNS = load_pack("amazon-sns")
SNS_SENT = SENDERS["amazon-sns"].send(draft_of("amazon-sns"))
ARN = keys.arn(0).ours


def test_a_certificate_that_is_not_at_hand_is_asked_for() -> None:
    verdict = Verifier(SNS, [ARN]).verify(SNS_SENT.request(), now=NOW)
    assert verdict == CertificateNeeded(
        "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0000.pem"
    )


ELSEWHERE = {
    "another host": "https://evil.example/a.pem",
    "a host that ends so": "https://sns.eu-west-3.amazonaws.com.evil.example/a.pem",
    "a host that begins so": "https://evilsns.eu-west-3.amazonaws.com/a.pem",
    "more labels": "https://sns.a.b.amazonaws.com/a.pem",
    "plain http": "http://sns.eu-west-3.amazonaws.com/a.pem",
    "a user": "https://sns.eu-west-3.amazonaws.com@evil.example/a.pem",
    "a user before the host": "https://evil@sns.eu-west-3.amazonaws.com/a.pem",
    "a port": "https://sns.eu-west-3.amazonaws.com:22/a.pem",
    "a port that is none": "https://sns.eu-west-3.amazonaws.com:port/a.pem",
    "a query": "https://sns.eu-west-3.amazonaws.com/a.pem?Action=x",
    "no certificate's name": "https://sns.eu-west-3.amazonaws.com/a",
    "a backslash": "https://evil.example\\@sns.eu-west-3.amazonaws.com/a.pem",
    "a line break": "https://sns.eu-west-3.amazonaws.com/\na.pem",
    "a file": "file:///etc/passwd.pem",
    "a bracket": "https://[sns.eu-west-3.amazonaws.com/a.pem",
    "letters that look so": "https://sns.eu-west-3.amazonaws.c\u043em/a.pem",
}


@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_no_certificate_is_fetched_from_elsewhere(url: str) -> None:
    draft = draft_of("amazon-sns")
    payload = Draft(SNS_SENT.body, draft.content_type, draft.secret).payload
    sent = replace(SNS_SENT, body=draft.rewritten(payload | {"SigningCertURL": url}).body)
    asked: list[str] = []

    def fetch(wanted: str) -> bytes | None:
        asked.append(wanted)
        return keys.certificate()

    verdict = Verifier(SNS, [ARN]).verify(sent.request(), now=NOW, certificate=fetch)
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.CERTIFICATE_UNTRUSTED
    assert asked == []


def test_a_certificate_must_be_in_force_and_one() -> None:
    for pem, now in (
        (keys.certificate(), keys.END.replace(year=2045)),
        (keys.certificate(), keys.BEGIN.replace(year=2023)),
        (b"no certificate", NOW),
        (b"", NOW),
    ):
        verdict = Verifier(SNS, [ARN]).verify(
            SNS_SENT.request(), now=now, certificate={SENT_URL: pem}.get
        )
        assert isinstance(verdict, Refused)
        assert verdict.reason is Reason.CERTIFICATE_UNTRUSTED


SENT_URL = next(iter(SNS_SENT.certificates))


def test_a_certificate_must_be_of_the_subject() -> None:
    table = {
        "scheme": "public-key",
        "algorithms": {"rsa": "rsa-sha256"},
        "signature": ["path:Signature"],
        "encoding": "base64",
        "signed": "{named_lines}",
        "certificate": {
            "url": "path:SigningCertURL",
            "hosts": ["sns.*.amazonaws.com"],
            "subject": "sns.amazonaws.com",
        },
    }
    for subject, verified in (("sns.amazonaws.com", True), ("evil.example", False)):
        pem = {SENT_URL: keys.certificate(subject)}
        verdict = Verifier(pack_of(table), [ARN]).verify(
            SNS_SENT.request(), now=NOW, certificate=pem.get
        )
        assert isinstance(verdict, Verified) is verified


def test_another_topic_of_amazon_is_refused_though_its_signature_is_right() -> None:
    other = SENDERS["amazon-sns"].send(draft_of("amazon-sns", 1))
    assert refusal(other, "amazon-sns", ARN).reason is Reason.CREDENTIAL_WRONG
