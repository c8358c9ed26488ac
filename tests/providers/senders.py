"""How each provider sends a webhook, by its documentation: the other side of every pack.

Nothing here uses the engine or the packs; ``judges.py`` holds these against the providers' own libraries.
"""

import base64
import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tests.providers import asymmetric, keys
from tests.providers.sent import Draft, Sender, Sent, b64, hexed, sha1_key


def _timed(draft: Draft, time: str, between: str = ".") -> bytes:
    return f"{time}{between}".encode() + draft.body


def _body_hex(header: str, *, algorithm: str = "sha256", prefix: str = "") -> Sender:
    return Sender(
        lambda draft: {header: prefix + hexed(algorithm, draft.key, draft.body)}, keys.text
    )


def _body_b64(header: str, *, prefix: str = "") -> Sender:
    return Sender(lambda draft: {header: prefix + b64("sha256", draft.key, draft.body)}, keys.text)


def _stripe_like(
    header: str, *, scheme: str = "v1", time: str = "s", between: str = ",", clock: str = "t"
) -> Sender:
    def sign(draft: Draft) -> Mapping[str, str]:
        at = str(getattr(draft, time))
        signature = hexed("sha256", draft.key, _timed(draft, at))
        return {header: f"{clock}={at}{between}{scheme}={signature}"}

    return Sender(sign, keys.text)


def _standard(prefix: str) -> Sender:
    def sign(draft: Draft) -> Mapping[str, str]:
        signed = f"{draft.id}.{draft.s}.".encode() + draft.body
        signature = b64("sha256", draft.secret.theirs, signed)
        return {
            f"{prefix}-id": draft.id,
            f"{prefix}-timestamp": draft.s,
            f"{prefix}-signature": f"v1a,AAAA v1,{signature}",
        }

    return Sender(sign, keys.whsec)


def _bigcommerce(draft: Draft) -> Mapping[str, str]:
    signature = b64("sha256", draft.key, f"{draft.id}.{draft.s}.".encode() + draft.body)
    return {
        "webhook-id": draft.id,
        "webhook-timestamp": draft.s,
        "webhook-signature": f"v1,{signature}",
    }


def _form_url(draft: Draft, fields: Mapping[str, list[str]]) -> bytes:
    return (draft.url + "".join(name + fields[name][0] for name in sorted(fields))).encode()


def _fields(draft: Draft) -> Mapping[str, list[str]]:
    return parse_qs(draft.body.decode(), keep_blank_values=True)


def _flat(draft: Draft) -> dict[str, str]:
    return {name: values[0] for name, values in _fields(draft).items()}


def _twilio(draft: Draft) -> Mapping[str, str]:
    return {"x-twilio-signature": b64("sha1", draft.key, _form_url(draft, _fields(draft)))}


def _mandrill(draft: Draft) -> Mapping[str, str]:
    return {"x-mandrill-signature": b64("sha1", draft.key, _form_url(draft, _fields(draft)))}


def _mailgun(draft: Draft) -> Sent:
    payload = draft.payload
    token = payload["signature"]["token"]
    signature = hexed("sha256", draft.key, (draft.s + token).encode())
    payload["signature"] = {"timestamp": draft.s, "token": token, "signature": signature}
    return Sent({}, draft.rewritten(payload).body, draft.url)


def _square(draft: Draft) -> Mapping[str, str]:
    signature = b64("sha256", draft.key, draft.url.encode() + draft.body)
    return {"x-square-hmacsha256-signature": signature}


def _adyen(draft: Draft) -> Sent:
    payload = draft.payload
    for item in payload["notificationItems"]:
        news = item["NotificationRequestItem"]
        names = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
        values = [str(news.get(name, "")) for name in names]
        values += [str(news["amount"]["value"]), news["amount"]["currency"]]
        values += [news["eventCode"], news["success"]]
        signature = b64("sha256", draft.secret.theirs, ":".join(values).encode())
        news["additionalData"] = {"hmacSignature": signature}
    return Sent({}, draft.rewritten(payload).body, draft.url)


def _braintree(draft: Draft) -> Sent:
    fields = _flat(draft)
    key = sha1_key(str(draft.secret.theirs))
    signature = hexed("sha1", key, fields["bt_payload"].encode())
    fields["bt_signature"] = f"other_key|00&integration_public_key|{signature}"
    return Sent({}, draft.rewritten(fields).body, draft.url)


def _recurly(draft: Draft) -> Mapping[str, str]:
    signature = hexed("sha256", draft.key, _timed(draft, draft.ms))
    return {"recurly-signature": f"{draft.ms},{'0' * 64},{signature}"}


def _hubspot(draft: Draft) -> Mapping[str, str]:
    # Of the URL's escapes HubSpot signs %2F and its like as the characters that they stand for.
    url = draft.url.replace("%2F", "/")
    signed = b"POST" + url.encode() + draft.body + draft.ms.encode()
    return {
        "x-hubspot-signature-v3": b64("sha256", draft.key, signed),
        "x-hubspot-request-timestamp": draft.ms,
    }


def _sfmc(draft: Draft) -> Mapping[str, str]:
    return {"x-sfmc-ens-signature": b64("sha256", draft.secret.theirs, draft.body)}


def _zendesk(draft: Draft) -> Mapping[str, str]:
    return {
        "x-zendesk-webhook-signature": b64("sha256", draft.key, _timed(draft, draft.iso, "")),
        "x-zendesk-webhook-signature-timestamp": draft.iso,
    }


def _front(draft: Draft) -> Mapping[str, str]:
    return {
        "x-front-signature": b64("sha256", draft.key, _timed(draft, draft.ms, ":")),
        "x-front-request-timestamp": draft.ms,
    }


def _v0(signature: str, timestamp: str, *, prefix: str = "v0=") -> Sender:
    def sign(draft: Draft) -> Mapping[str, str]:
        signed = f"v0:{draft.s}:".encode() + draft.body
        return {signature: prefix + hexed("sha256", draft.key, signed), timestamp: draft.s}

    return Sender(sign, keys.text)


def _docusign(draft: Draft) -> Mapping[str, str]:
    return {"x-docusign-signature-1": b64("sha256", draft.key, draft.body)}


def _dropbox_sign(draft: Draft) -> Sent:
    news = json.loads(draft.payload["json"])
    event = news["event"] | {"event_time": draft.s}
    signed = (event["event_time"] + event["event_type"]).encode()
    news["event"] = event | {"event_hash": hexed("sha256", draft.key, signed)}
    lines = ("--teapot", 'content-disposition: form-data; name="json"', "", json.dumps(news))
    return Sent({}, "\r\n".join([*lines, "--teapot--", ""]).encode(), draft.url)


def _linear(draft: Draft) -> Sent:
    body = draft.rewritten(draft.payload | {"webhookTimestamp": int(draft.ms)}).body
    return Sent({"linear-signature": hexed("sha256", draft.key, body)}, body, draft.url)


def _trello(draft: Draft) -> Mapping[str, str]:
    return {"x-trello-webhook": b64("sha1", draft.key, draft.body + draft.url.encode())}


def _linkedin(draft: Draft) -> Mapping[str, str]:
    return {"x-li-signature": hexed("sha256", draft.key, b"hmacsha256=" + draft.body)}


def _twitch(draft: Draft) -> Mapping[str, str]:
    signed = (draft.id + draft.iso).encode() + draft.body
    return {
        "twitch-eventsub-message-id": draft.id,
        "twitch-eventsub-message-timestamp": draft.iso,
        "twitch-eventsub-message-signature": "sha256=" + hexed("sha256", draft.key, signed),
    }


def _klaviyo(draft: Draft) -> Mapping[str, str]:
    signature = hexed("sha256", draft.key, draft.body + draft.iso.encode())
    return {"klaviyo-signature": signature, "klaviyo-timestamp": draft.iso}


def _contentful(draft: Draft) -> Mapping[str, str]:
    parts = urlsplit(draft.url)
    names = "content-type,x-contentful-signed-headers,x-contentful-timestamp"
    values = [draft.content_type, names, draft.ms]
    written = ";".join(
        f"{name}:{value}" for name, value in zip(names.split(","), values, strict=True)
    )
    query = parts.query.replace("%", "%2525").replace("=", "%253D").replace("&", "%2526")
    head = f"POST\n{parts.path}?{query}\n{written}\n"
    return {
        "x-contentful-signature": hexed("sha256", draft.key, head.encode() + draft.body),
        "x-contentful-signed-headers": names,
        "x-contentful-timestamp": draft.ms,
    }


def _sanity(draft: Draft) -> Mapping[str, str]:
    signature = b64("sha256", draft.key, _timed(draft, draft.ms))
    written = signature.replace("+", "-").replace("/", "_").rstrip("=")
    return {"sanity-webhook-signature": f"t={draft.ms},v1={written}"}


def _webflow(draft: Draft) -> Mapping[str, str]:
    return {
        "x-webflow-signature": hexed("sha256", draft.key, _timed(draft, draft.ms, ":")),
        "x-webflow-timestamp": draft.ms,
    }


def _paddle(draft: Draft) -> Mapping[str, str]:
    signature = hexed("sha256", draft.key, _timed(draft, draft.s, ":"))
    return {"paddle-signature": f"ts={draft.s};h1={signature}"}


def _graph(draft: Draft) -> Sent:
    news = [one | {"clientState": draft.secret.ours} for one in draft.payload["value"]]
    return Sent({}, draft.rewritten({"value": news}).body, draft.url)


def _header(name: str, prefix: str = "") -> Sender:
    return Sender(lambda draft: {name: prefix + draft.secret.ours}, keys.text)


def _query(name: str) -> Sender:
    def sign(draft: Draft) -> Sent:
        return Sent({}, draft.body, f"{draft.url}&{name}={draft.secret.ours.replace(' ', '+')}")

    return Sender(sign, keys.text)


def _basic(draft: Draft) -> Mapping[str, str]:
    written = base64.b64encode(draft.secret.ours.encode()).decode()
    return {"authorization": f"Basic {written}"}


BASIC = Sender(_basic, keys.password)

SENDERS: Mapping[str, Sender] = {
    "adjust": _query("secret"),
    "adyen": Sender(_adyen, keys.hexadecimal),
    "amazon-sns": Sender(asymmetric.sns, keys.arn),
    "amplitude": _header("authorization", "Bearer "),
    "appsflyer": _query("secret"),
    "asana": _body_hex("x-hook-signature"),
    "auth0": _header("authorization"),
    "basic-auth": BASIC,
    "bearer-token": _header("authorization", "bearer "),
    "bigcommerce": Sender(_bigcommerce, keys.text),
    "bitbucket": _body_hex("x-hub-signature", prefix="sha256="),
    "braintree": Sender(_braintree, keys.text),
    "branch": _query("secret"),
    "cal-com": _body_hex("x-cal-signature-256"),
    "calendly": _stripe_like("calendly-webhook-signature"),
    "chargebee": BASIC,
    "checkout-com": _body_hex("cko-signature"),
    "clerk": _standard("svix"),
    "client-certificate": _header("x-client-certificate-fingerprint"),
    "commercelayer": _body_b64("x-commercelayer-signature"),
    "contentful": Sender(_contentful, keys.text),
    "customerio": _v0("x-cio-signature", "x-cio-timestamp", prefix=""),
    "discord": Sender(asymmetric.discord, keys.edwards),
    "docusign": Sender(_docusign, keys.text),
    "dropbox-sign": Sender(_dropbox_sign, keys.text),
    "elevenlabs": _stripe_like("elevenlabs-signature", scheme="v0"),
    "front": Sender(_front, keys.text),
    "github": _body_hex("x-hub-signature-256", prefix="sha256="),
    "gitlab": _header("x-gitlab-token"),
    "gocardless": _body_hex("webhook-signature"),
    "header-token": _header("x-webhook-token"),
    "hubspot": Sender(_hubspot, keys.text),
    "intercom": _body_hex("x-hub-signature", algorithm="sha1", prefix="sha1="),
    "iterable": BASIC,
    "jira": _body_hex("x-hub-signature", prefix="sha256="),
    "klaviyo": Sender(_klaviyo, keys.text),
    "lemonsqueezy": _body_hex("x-signature"),
    "line": _body_b64("x-line-signature"),
    "linear": Sender(_linear, keys.text),
    "linkedin": Sender(_linkedin, keys.text),
    "mailchimp": _query("secret"),
    "mailersend": _body_hex("signature"),
    "mailgun": Sender(_mailgun, keys.text),
    "mandrill": Sender(_mandrill, keys.text),
    "meta": _body_hex("x-hub-signature-256", prefix="sha256="),
    "microsoft-graph": Sender(_graph, keys.text),
    "mixpanel": BASIC,
    "mparticle": _query("secret"),
    "notion": _body_hex("x-notion-signature", prefix="sha256="),
    "okta": _header("authorization"),
    "paddle": Sender(_paddle, keys.text),
    "paddle-classic": Sender(asymmetric.paddle_classic, keys.rsa_pem),
    "pagerduty": Sender(
        lambda draft: {
            "x-pagerduty-signature": f"v1={'0' * 64},v1={hexed('sha256', draft.key, draft.body)}"
        },
        keys.text,
    ),
    "paypal": Sender(asymmetric.paypal, keys.webhook_id),
    "pipedrive": BASIC,
    "postmark": BASIC,
    "razorpay": _body_hex("x-razorpay-signature"),
    "recurly": Sender(_recurly, keys.text),
    "resend": _standard("svix"),
    "revenuecat": _header("authorization"),
    "rudderstack": _header("authorization", "Bearer "),
    "salesforce": _header("authorization", "Bearer "),
    "salesforce-marketing-cloud": Sender(_sfmc, keys.plain_base64),
    "sanity": Sender(_sanity, keys.text),
    "segment": _body_hex("x-signature", algorithm="sha1"),
    "sendgrid": Sender(asymmetric.sendgrid, keys.elliptic),
    "sentry": _body_hex("sentry-hook-signature"),
    "shopify": _body_b64("x-shopify-hmac-sha256"),
    "slack": _v0("x-slack-signature", "x-slack-request-timestamp"),
    "sparkpost": BASIC,
    "square": Sender(_square, keys.text),
    "standard-webhooks": _standard("webhook"),
    "stripe": _stripe_like("stripe-signature"),
    "svix": _standard("svix"),
    "tealium": BASIC,
    "telegram": _header("x-telegram-bot-api-secret-token"),
    "tiktok": _stripe_like("tiktok-signature", scheme="s"),
    "trello": Sender(_trello, keys.text),
    "twilio": Sender(_twilio, keys.text),
    "twitch": Sender(_twitch, keys.text),
    "typeform": _body_b64("typeform-signature", prefix="sha256="),
    "url-token": _query("token"),
    "vercel": _body_hex("x-vercel-signature", algorithm="sha1"),
    "webflow": Sender(_webflow, keys.text),
    "whatsapp": _body_hex("x-hub-signature-256", prefix="sha256="),
    "woocommerce": _body_b64("x-wc-webhook-signature"),
    "workos": _stripe_like("workos-signature", time="ms", between=", "),
    "x": _body_b64("x-twitter-webhooks-signature", prefix="sha256="),
    "xero": _body_b64("x-xero-signature"),
    "zendesk": Sender(_zendesk, keys.text),
    "zoom": _v0("x-zm-signature", "x-zm-request-timestamp"),
}
