"""What providers themselves publish as an example: secret, request and signature, as it stands there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.providers.sent import FORM, Sent


@dataclass(frozen=True, slots=True)
class Published:
    """An example, where it is published, and when it would have been fresh."""

    where: str
    secret: str
    sent: Sent
    at_s: float = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, tz=UTC)


_SLACK_BODY = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
_SENDGRID_BODY = (
    json.dumps(
        [
            {
                "email": "hello@world.com",
                "event": "dropped",
                "reason": "Bounced Address",
                "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
                "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
                "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
                "timestamp": 1600112492,
            }
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    + "\r\n"
)
_ADYEN_ITEM = {
    "pspReference": "7914073381342284",
    "merchantAccountCode": "TestMerchant",
    "merchantReference": "TestPayment-1407325143704",
    "amount": {"value": 1130, "currency": "EUR"},
    "eventCode": "AUTHORISATION",
    "success": "true",
    "eventDate": "2019-05-06T17:15:34.121+02:00",
    "additionalData": {"hmacSignature": "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},
}

PUBLISHED: Mapping[str, Published] = {
    "adyen": Published(
        "the tests of Adyen's libraries",
        "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
        Sent(
            {"content-type": "application/json"},
            json.dumps({"notificationItems": [{"NotificationRequestItem": _ADYEN_ITEM}]}).encode(),
        ),
    ),
    "github": Published(
        "docs.github.com, Validating webhook deliveries",
        "It's a Secret to Everybody",
        Sent(
            {
                "x-hub-signature-256": "sha256="
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            },
            b"Hello, World!",
        ),
    ),
    "sendgrid": Published(
        "the tests of SendGrid's libraries",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
        "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        Sent(
            {
                "x-twilio-email-event-webhook-signature": "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOV"
                "mxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
                "x-twilio-email-event-webhook-timestamp": "1600112502",
            },
            _SENDGRID_BODY.encode(),
        ),
        at_s=1600112502,
    ),
    "slack": Published(
        "docs.slack.dev, Verifying requests from Slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        Sent(
            {
                "content-type": FORM,
                "x-slack-request-timestamp": "1531420618",
                "x-slack-signature": "v0="
                "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            },
            _SLACK_BODY.encode(),
        ),
        at_s=1531420618,
    ),
    "standard-webhooks": Published(
        "the tests of the Standard Webhooks libraries",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        Sent(
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            b'{"test": 2432232314}',
        ),
        at_s=1614265330,
    ),
    "svix": Published(
        "docs.svix.com, Verifying webhooks manually",
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        Sent(
            {
                "svix-id": "msg_loFOjxBNrRLzqYUf",
                "svix-timestamp": "1731705121",
                "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
            },
            b'{"event_type":"ping","data":{"success":true}}',
        ),
        at_s=1731705121,
    ),
    "twilio": Published(
        "twilio.com/docs, Security",
        "12345",
        Sent(
            {
                "content-type": FORM,
                "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            },
            b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
            b"&From=%2B14158675309&To=%2B18005551212",
            url="https://mycompany.com/myapp.php?foo=1&bar=2",
        ),
    ),
}
