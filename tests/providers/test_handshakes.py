"""What each provider asks before it sends is answered, to whom it may be, and nothing is fetched."""

import json
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest

from tests.providers import keys
from tests.providers.asymmetric import sns
from tests.providers.senders import SENDERS
from tests.providers.sent import NOW, URL, Draft, Sent, b64, hexed
from tests.providers.test_vectors import draft_of
from transformer.ingest.providers import (
    Answer,
    PersonNeeded,
    Reason,
    Refused,
    Verifier,
    greet,
    load_pack,
    pack_names,
)
from transformer.ingest.providers.handshake import Greeting

SECRET = keys.text(0)
KEY = SECRET.ours.encode()
CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def asked(
    name: str, sent: Sent, *, secrets: tuple[str, ...] = (), agreed: tuple[str, ...] = ()
) -> Greeting | None:
    verifier = Verifier(load_pack(name), secrets or (SENDERS[name].secret(0).ours,))
    return greet(
        verifier, sent.request(), now=NOW, agreed=agreed, certificate=sent.certificates.get
    )


def get(query: str = "", **headers: str) -> Sent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(named, b"", f"https://hooks.teapots.example/in/3xAmPl3?{query}", "GET")


def signed(name: str, payload: object, number: int = 0, **headers: str) -> Sent:
    draft = replace(draft_of(name, number), body=json.dumps(payload).encode())
    sent = SENDERS[name].send(draft)
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return replace(sent, headers={**sent.headers, **named})


def answered(greeting: Greeting | None) -> Answer:
    assert isinstance(greeting, Answer), greeting
    return greeting


def test_slack_gets_its_challenge_back() -> None:
    question = {"token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": CHALLENGE}
    sent = signed("slack", question | {"type": "url_verification"})
    answer = answered(asked("slack", sent))
    assert (answer.status, answer.body) == (200, CHALLENGE.encode())
    assert (b"content-type", b"text/plain; charset=utf-8") in answer.headers


META = urlencode(
    {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "tea"}
)


@pytest.mark.parametrize("name", ["meta", "whatsapp"])
def test_meta_gets_its_challenge_back_for_the_agreed_word(name: str) -> None:
    assert answered(asked(name, get(META), agreed=("pot", "tea"))).body == b"1158201444"
    for words in ((), ("pot",), ("",)):
        refused = asked(name, get(META), agreed=words)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.CREDENTIAL_WRONG


def test_x_gets_the_signature_of_its_token() -> None:
    token = "MzRlZWEzMTktYjRiYy00NTUwLTljN2YtYTkyODc4Y2Q4NWNi"
    answer = answered(asked("x", get(f"crc_token={token}&nonce=1")))
    expected = "sha256=" + b64("sha256", KEY, token.encode())
    assert json.loads(answer.body) == {"response_token": expected}


def test_linkedin_gets_the_signature_of_its_code() -> None:
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    answer = answered(asked("linkedin", get(f"challengeCode={code}")))
    response = hexed("sha256", KEY, code.encode())
    assert json.loads(answer.body) == {"challengeCode": code, "challengeResponse": response}


@pytest.mark.parametrize(
    "forged",
    ['{"for_user_id":"1"}', "hmacsha256={}", 'hmacsha256={"a":"b"}', "a" * 300, "<script>"],
)
def test_nobody_can_have_a_webhook_signed_as_a_challenge(forged: str) -> None:
    assert asked("x", get(f"crc_token={quote(forged)}")) is None
    assert asked("linkedin", get(f"challengeCode={quote(forged)}")) is None


def test_zoom_gets_its_token_and_the_signature_of_it() -> None:
    question = {"payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}, "event_ts": 1654503849680}
    sent = signed("zoom", question | {"event": "endpoint.url_validation"})
    assert json.loads(answered(asked("zoom", sent)).body) == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": hexed("sha256", KEY, b"qgg8vlvZRS6UYooatFL8Aw"),
    }


def test_zoom_gets_it_of_the_secret_that_it_signed_with() -> None:
    question = {"payload": {"plainToken": "qgg8"}, "event": "endpoint.url_validation"}
    new, old = SENDERS["zoom"].secret(1).ours, SECRET.ours
    answer = answered(asked("zoom", signed("zoom", question), secrets=(new, old)))
    assert json.loads(answer.body)["encryptedToken"] == hexed("sha256", KEY, b"qgg8")


def test_dropbox_sign_gets_its_text() -> None:
    draft = draft_of("dropbox-sign")
    news = {"event": {"event_type": "callback_test", "event_time": "0", "event_hash": ""}}
    sent = SENDERS["dropbox-sign"].send(draft.rewritten({"json": json.dumps(news)}))
    assert answered(asked("dropbox-sign", sent)).body == b"Hello API Event Received"


def test_who_wants_a_text_for_each_webhook_has_it_in_its_pack() -> None:
    wanted = {name: load_pack(name).answer for name in pack_names() if load_pack(name).answer}
    assert wanted == {"adyen": "[accepted]", "dropbox-sign": "Hello API Event Received"}


def test_asana_gets_its_secret_back_and_the_source_keeps_it() -> None:
    sent = Sent(
        {"x-hook-secret": "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"}, b"{}"
    )
    answer = answered(asked("asana", sent))
    assert answer.secret == sent.headers["x-hook-secret"]
    assert answer.headers == ((b"x-hook-secret", answer.secret.encode()),)


def test_microsoft_gets_its_token_back_as_plain_text() -> None:
    url = f"{URL}&validationToken=Validation%3A+Testing+client%3Cb%3E"
    answer = answered(asked("microsoft-graph", Sent({}, b"", url)))
    assert answer.body == b"Validation: Testing client<b>"
    assert (b"content-type", b"text/plain; charset=utf-8") in answer.headers
    assert (b"x-content-type-options", b"nosniff") in answer.headers


def test_okta_gets_its_challenge_back() -> None:
    answer = answered(asked("okta", get(x_okta_verification_challenge="my-challenge")))
    assert json.loads(answer.body) == {"verification": "my-challenge"}


def test_twitch_gets_its_challenge_back() -> None:
    sent = signed(
        "twitch",
        {"challenge": "pogchamp-kappa-360noscope-vohiyo", "subscription": {}},
        twitch_eventsub_message_type="webhook_callback_verification",
    )
    assert answered(asked("twitch", sent)).body == b"pogchamp-kappa-360noscope-vohiyo"


def test_front_gets_its_challenge_back() -> None:
    sent = signed("front", {"type": "sync", "authorization": {"id": "c"}}, x_front_challenge="ab")
    assert json.loads(answered(asked("front", sent)).body) == {"challenge": "ab"}


def test_discord_gets_its_pings_answered() -> None:
    ping = signed("discord", {"version": 1, "type": 0})
    assert answered(asked("discord", ping)).status == 204
    interaction = signed("discord", {"id": "1", "token": "t", "type": 1})
    assert json.loads(answered(asked("discord", interaction)).body) == {"type": 1}


@pytest.mark.parametrize("name", ["trello", "mandrill", "mailchimp", "intercom"])
def test_who_only_looks_whether_we_are_there_finds_us(name: str) -> None:
    answer = answered(asked(name, Sent({}, b"", URL, "HEAD")))
    assert (answer.status, answer.body) == (200, b"")


SUBSCRIBE = "https://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription&TopicArn=a&Token=2336"


def confirmation(url: str = SUBSCRIBE, **changes: str) -> Sent:
    payload = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37f",
        "Message": "You have chosen to subscribe to the topic.",
        "SubscribeURL": url,
        "SignatureVersion": "1",
    }
    draft = Draft(b"", "text/plain; charset=UTF-8", keys.arn(0)).rewritten(payload | changes)
    return sns(draft)


def test_sns_waits_for_a_person() -> None:
    greeting = asked("amazon-sns", confirmation())
    assert isinstance(greeting, PersonNeeded)
    assert (greeting.value, greeting.is_url) == (SUBSCRIBE, True)
    assert greeting.why


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-3.amazonaws.com.evil.example/?Action=ConfirmSubscription",
        "https://evil.example/sns.eu-west-3.amazonaws.com",
        "http://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription",
        "https://ana@sns.eu-west-3.amazonaws.com/",
        "https://sns.eu-west-3.amazonaws.com:8443/",
        "https://sns.eu-west-3.amazonaws.com/ \r\nx: y",
        "https://sns.a.b.amazonaws.com/",
        "javascript:alert(1)",
    ],
)
def test_a_person_is_not_sent_elsewhere(url: str) -> None:
    greeting = asked("amazon-sns", confirmation(url))
    assert isinstance(greeting, Refused)


def test_a_person_is_not_asked_for_what_is_not_signed() -> None:
    sent = confirmation()
    forged = sent.body.replace(b"2336412f37f", b"2336412f37e")
    assert isinstance(asked("amazon-sns", replace(sent, body=forged)), Refused)
    assert isinstance(asked("amazon-sns", sent, secrets=(keys.arn(1).ours,)), Refused)


def test_notion_and_marketing_cloud_wait_for_a_person() -> None:
    notion = Sent(
        {}, b'{"verification_token": "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}'
    )
    greeting = asked("notion", notion)
    assert isinstance(greeting, PersonNeeded)
    assert (greeting.value[:7], greeting.is_url) == ("secret_", False)
    callback = Sent({}, b'{"callbackId": "c1", "verificationKey": "8f43"}')
    assert isinstance(asked("salesforce-marketing-cloud", callback), PersonNeeded)


SIGNED = {"slack", "zoom", "twitch", "front", "discord", "dropbox-sign", "amazon-sns"}
QUESTIONS = {
    "slack": signed("slack", {"type": "url_verification", "challenge": "c"}),
    "zoom": signed("zoom", {"event": "endpoint.url_validation", "payload": {"plainToken": "t"}}),
    "discord": signed("discord", {"type": 0}),
    "twitch": signed(
        "twitch", {"challenge": "c"}, twitch_eventsub_message_type="webhook_callback_verification"
    ),
    "front": signed("front", {"type": "sync"}, x_front_challenge="ab"),
}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_what_the_provider_signs_is_answered_to_the_provider_alone(name: str) -> None:
    other = (SENDERS[name].secret(1).ours,)
    assert isinstance(asked(name, QUESTIONS[name], secrets=other), Refused)
    assert isinstance(asked(name, QUESTIONS[name]), Answer)


def test_the_packs_say_which_handshakes_are_signed() -> None:
    signing = {
        name
        for name in pack_names()
        if any(handshake.is_signed for handshake in load_pack(name).handshakes)
    }
    assert signing == SIGNED


@pytest.mark.parametrize("name", sorted(SENDERS))
def test_an_event_is_no_handshake(name: str) -> None:
    sent = SENDERS[name].send(draft_of(name))
    assert asked(name, sent) is None


def test_what_cannot_stand_in_a_header_is_not_sent_back() -> None:
    for value in ("a\tb", "é", "a" * 2001, ""):
        greeting = asked("asana", Sent({"x-hook-secret": value}, b"{}"))
        assert not isinstance(greeting, Answer)


def test_an_answer_that_needs_a_secret_is_refused_without_one() -> None:
    verifier = Verifier(load_pack("x"), ())
    greeting = greet(verifier, get("crc_token=abc").request(), now=NOW)
    assert isinstance(greeting, Refused)
    assert greeting.reason is Reason.NO_SECRET
