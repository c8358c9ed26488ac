"""How those sign who have a private key: by their documentation, as in ``senders.py``."""

import base64
import zlib
from collections.abc import Mapping
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.providers import keys
from tests.providers.sent import Draft, Sent

PAYPAL_CERTIFICATE = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42"
SNS_CERTIFICATE = "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0000.pem"


def sendgrid(draft: Draft) -> Mapping[str, str]:
    signature = draft.secret.theirs.sign(draft.s.encode() + draft.body, ec.ECDSA(hashes.SHA256()))
    return {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": draft.s,
    }


def paddle_classic(draft: Draft) -> Sent:
    fields = {
        name: value
        for name, value in dict(parse_qsl(draft.body.decode())).items()
        if name != "p_signature"
    }
    lines = "".join(
        f's:{len(text.encode())}:"{text}";'
        for name in sorted(fields)
        for text in (name, fields[name])
    )
    signed = f"a:{len(fields)}:{{{lines}}}".encode()
    signature = draft.secret.theirs.sign(signed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the vendor's rule
    fields["p_signature"] = base64.b64encode(signature).decode()
    return Sent({}, draft.rewritten(fields).body, draft.url)


def paypal(draft: Draft) -> Sent:
    crc = zlib.crc32(draft.body)
    signed = f"{draft.id}|{draft.iso}|{draft.secret.ours}|{crc}".encode()
    signature = keys.rsa_key(0).sign(signed, padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "paypal-transmission-id": draft.id,
        "paypal-transmission-time": draft.iso,
        "paypal-transmission-sig": base64.b64encode(signature).decode(),
        "paypal-cert-url": PAYPAL_CERTIFICATE,
        "paypal-auth-algo": "SHA256withRSA",
    }
    return Sent(
        headers, draft.body, draft.url, certificates={PAYPAL_CERTIFICATE: keys.certificate()}
    )


def sns(draft: Draft) -> Sent:
    payload = draft.payload | {"TopicArn": draft.secret.ours, "Timestamp": draft.iso}
    names = ["Message", "MessageId"]
    if payload["Type"] == "Notification":
        names += ["Subject"] * ("Subject" in payload) + ["Timestamp", "TopicArn", "Type"]
    else:
        names += ["SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{payload[name]}\n" for name in names).encode()
    algorithm = hashes.SHA256() if payload["SignatureVersion"] == "2" else hashes.SHA1()  # noqa: S303 - the vendor's rule
    signature = keys.rsa_key(0).sign(signed, padding.PKCS1v15(), algorithm)
    payload["Signature"] = base64.b64encode(signature).decode()
    payload["SigningCertURL"] = SNS_CERTIFICATE
    return Sent(
        {"x-amz-sns-message-type": payload["Type"]},
        draft.rewritten(payload).body,
        draft.url,
        certificates={SNS_CERTIFICATE: keys.certificate()},
    )


def discord(draft: Draft) -> Mapping[str, str]:
    signature = draft.secret.theirs.sign(draft.s.encode() + draft.body)
    return {"x-signature-ed25519": signature.hex(), "x-signature-timestamp": draft.s}
