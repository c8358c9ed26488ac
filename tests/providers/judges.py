"""The providers' own libraries, and others', asked whether a request is theirs.

Each is imported when it is asked: together they take seconds. Those of npm are asked in one process.
"""

import base64
import json
import subprocess
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from tests.providers.sent import Draft, Sent
from tests.support import npm_tools

_RUN_S = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the secret that it is to be judged by."""

    name: str
    draft: Draft
    sent: Sent

    @property
    def secret(self) -> str:
        return self.draft.secret.ours

    @property
    def text(self) -> str:
        return self.sent.body.decode()

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.text, keep_blank_values=True))

    def header(self, name: str) -> str:
        return self.sent.headers[name]


Judge = Callable[[Asked], bool]


def _stripe(asked: Asked) -> bool:
    import_module("stripe").WebhookSignature.verify_header(
        asked.text, asked.header("stripe-signature"), asked.secret, 300
    )
    return True


def _twilio(asked: Asked) -> bool:
    validator = import_module("twilio.request_validator").RequestValidator(asked.secret)
    signature = asked.header("x-twilio-signature")
    return bool(validator.validate(asked.sent.url, asked.form, signature))


def _slack(asked: Asked) -> bool:
    verifier = import_module("slack_sdk.signature").SignatureVerifier(asked.secret)
    return bool(verifier.is_valid_request(asked.sent.body, dict(asked.sent.headers)))


def _svix(asked: Asked) -> bool:
    webhook = import_module("svix.webhooks").Webhook(asked.secret)
    webhook.verify(asked.sent.body, dict(asked.sent.headers))
    return True


def _standard_webhooks(asked: Asked) -> bool:
    webhook = import_module("standardwebhooks.webhooks").Webhook(asked.secret)
    webhook.verify(asked.sent.body, dict(asked.sent.headers))
    return True


def _bigcommerce(asked: Asked) -> bool:
    # As BigCommerce documents it: the client secret in base64 is the key.
    key = base64.b64encode(asked.secret.encode()).decode()
    webhook = import_module("standardwebhooks.webhooks").Webhook(key)
    webhook.verify(asked.sent.body, dict(asked.sent.headers))
    return True


def _paddle(asked: Asked) -> bool:
    notifications = import_module("paddle_billing.Notifications")
    headers = {"Paddle-Signature": asked.header("paddle-signature")}
    request = types.SimpleNamespace(headers=headers, body=asked.sent.body)
    secret = notifications.Secret(asked.secret)
    return bool(notifications.Verifier(300).verify(request, secret))


def _sendgrid(asked: Asked) -> bool:
    verifier = import_module("sendgrid.helpers.eventwebhook").EventWebhook(asked.secret)
    header = "x-twilio-email-event-webhook-"
    signature, timestamp = asked.header(f"{header}signature"), asked.header(f"{header}timestamp")
    return bool(verifier.verify_signature(asked.text, signature, timestamp))


def _dropbox_sign(asked: Asked) -> bool:
    library = import_module("dropbox_sign")
    news = json.loads(asked.text.split("\r\n\r\n")[1].split("\r\n--")[0])
    callback = library.EventCallbackRequest.init(news)
    return bool(library.EventCallbackHelper.is_valid(asked.secret, callback))


def _adyen(asked: Asked) -> bool:
    utility = import_module("Adyen.util")
    return bool(utility.is_valid_hmac_notification(json.loads(asked.sent.body), asked.secret))


def _braintree(asked: Asked) -> bool:
    library = import_module("braintree")
    gateway = library.BraintreeGateway(
        library.Configuration(
            library.Environment.Sandbox, "merchant", "integration_public_key", asked.secret
        )
    )
    gateway.webhook_notification.parse(asked.form["bt_signature"], asked.form["bt_payload"])
    return True


def _square(asked: Asked) -> bool:
    helper = import_module("square.utils.webhooks_helper")
    return bool(
        helper.verify_signature(
            request_body=asked.text,
            signature_header=asked.header("x-square-hmacsha256-signature"),
            signature_key=asked.secret,
            notification_url=asked.sent.url,
        )
    )


def _hubspot(asked: Asked) -> bool:
    # The library signs the URL as it is given, so it is given the one with readable escapes.
    signature = import_module("hubspot.utils.signature").Signature
    return bool(
        signature.is_valid(
            signature=asked.header("x-hubspot-signature-v3"),
            client_secret=asked.secret,
            request_body=asked.text,
            http_uri=asked.sent.url.replace("%2F", "/"),
            signature_version="v3",
            timestamp=asked.header("x-hubspot-request-timestamp"),
        )
    )


def _discord(asked: Asked) -> bool:
    return bool(
        import_module("discord_interactions").verify_key(
            asked.sent.body,
            asked.header("x-signature-ed25519"),
            asked.header("x-signature-timestamp"),
            asked.secret,
        )
    )


def _workos(asked: Asked) -> bool:
    import_module("workos.webhooks._verification").verify_header(
        event_body=asked.sent.body,
        event_signature=asked.header("workos-signature"),
        secret=asked.secret,
    )
    return True


def _gidgethub(asked: Asked) -> bool:
    import_module("gidgethub.sansio").validate_event(
        asked.sent.body, signature=asked.header("x-hub-signature-256"), secret=asked.secret
    )
    return True


def _razorpay(asked: Asked) -> bool:
    utility = import_module("razorpay.utility.utility").Utility()
    signature = asked.header("x-razorpay-signature")
    return bool(utility.verify_webhook_signature(asked.text, signature, asked.secret))


def _gocardless(asked: Asked) -> bool:
    webhooks = import_module("gocardless_pro.webhooks")
    return bool(webhooks.parse(asked.text, asked.secret, asked.header("webhook-signature")))


def _pywa(asked: Asked) -> bool:
    utilities = import_module("pywa.utils")
    signature = asked.header("x-hub-signature-256")
    return bool(utilities.webhook_updates_validator(asked.secret, asked.sent.body, signature))


def _anymail(module: str, view: str, secret: str, *, url: str = "") -> Judge:
    """Ask a view of django-anymail, by the names that it has for the secret and the URL."""

    def judge(asked: Asked) -> bool:
        settings = import_module("django.conf").settings
        if not settings.configured:
            settings.configure()
        request = (
            import_module("django.test")
            .RequestFactory()
            .generic(
                "POST",
                "/",
                asked.sent.body,
                content_type=asked.header("content-type"),
                headers=dict(asked.sent.headers),
            )
        )
        given = {secret: asked.secret} | ({url: asked.sent.url} if url else {})
        made = getattr(import_module(f"anymail.webhooks.{module}"), view)(**given)
        made.validate_request(request)
        return True

    return judge


PYTHON: Mapping[str, Mapping[str, Judge]] = {
    "adyen": {"Adyen": _adyen},
    "bigcommerce": {"standardwebhooks": _bigcommerce},
    "braintree": {"braintree": _braintree},
    "clerk": {"svix": _svix},
    "discord": {"discord-interactions": _discord},
    "dropbox-sign": {"dropbox-sign": _dropbox_sign},
    "github": {"gidgethub": _gidgethub},
    "gocardless": {"gocardless_pro": _gocardless},
    "hubspot": {"hubspot-api-client": _hubspot},
    "mailersend": {
        "django-anymail": _anymail("mailersend", "MailerSendTrackingWebhookView", "signing_secret")
    },
    "mailgun": {
        "django-anymail": _anymail("mailgun", "MailgunTrackingWebhookView", "webhook_signing_key")
    },
    "mandrill": {
        "django-anymail": _anymail(
            "mandrill", "MandrillCombinedWebhookView", "webhook_key", url="webhook_url"
        )
    },
    "paddle": {"paddle-python-sdk": _paddle},
    "razorpay": {"razorpay": _razorpay},
    "resend": {"svix": _svix},
    "sendgrid": {"sendgrid": _sendgrid},
    "slack": {"slack-sdk": _slack},
    "square": {"squareup": _square},
    "standard-webhooks": {"standardwebhooks": _standard_webhooks},
    "stripe": {"stripe": _stripe},
    "svix": {"svix": _svix},
    "twilio": {"twilio": _twilio},
    "whatsapp": {"pywa": _pywa},
    "workos": {"workos": _workos},
}

# For each pack the packages of npm, and what judge.js calls them.
NPM: Mapping[str, Mapping[str, str]] = {
    "amazon-sns": {"sns-validator": "sns"},
    "clerk": {"@hookflo/tern": "tern"},
    "contentful": {"@contentful/node-apps-toolkit": "contentful"},
    "github": {"@octokit/webhooks-methods": "octokit", "@hookflo/tern": "tern"},
    "gitlab": {"@hookflo/tern": "tern"},
    "lemonsqueezy": {"@hookflo/tern": "tern"},
    "linear": {"@linear/sdk": "linear"},
    "notion": {"@notionhq/client": "notion"},
    "paddle": {"@hookflo/tern": "tern"},
    "razorpay": {"@hookflo/tern": "tern"},
    "sanity": {"@sanity/webhook": "sanity"},
    "sentry": {"@hookflo/tern": "tern"},
    "shopify": {"@hookflo/tern": "tern"},
    "stripe": {"@hookflo/tern": "tern"},
    "woocommerce": {"@hookflo/tern": "tern"},
    "workos": {"@hookflo/tern": "tern"},
}


def believes(judge: Judge, asked: Asked) -> bool:
    """Ask a library; what it does not believe, it may say or throw."""
    try:
        return judge(asked)
    except Exception:  # noqa: BLE001 - each library has errors of its own
        return False


def believed_in_node(rows: Sequence[tuple[str, Asked]]) -> list[bool]:
    """Ask the packages of npm, each by the name that judge.js has for it."""
    question: list[dict[str, Any]] = [
        {
            "judge": judge,
            "name": asked.name,
            "method": asked.sent.method,
            "url": asked.sent.url,
            "headers": dict(asked.sent.headers),
            "body": asked.text,
            "secret": asked.secret,
            "certificate": next(iter(asked.sent.certificates.values()), b"").decode(),
        }
        for judge, asked in rows
    ]
    done = subprocess.run(
        ["node", "judge.js"],  # noqa: S607
        cwd=npm_tools.install(),
        input=json.dumps(question).encode(),
        capture_output=True,
        check=False,
        timeout=_RUN_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts
