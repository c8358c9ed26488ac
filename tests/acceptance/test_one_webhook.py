"""One webhook, all the way: from HTTP to a changed profile."""

import httpx
import orjson

from tests.support.system import System
from tests.support.waiting import wait_until

SIGN_UP = """
return {
  attributes: [{ external_id: payload.id, first_name: payload.name, _update_existing_only: false }],
  events: [{ external_id: payload.id, name: "signed_up", time: context.accepted_at,
             _update_existing_only: false }],
};
"""


def test_a_webhook_changes_a_profile(system: System) -> None:
    made = system.make("Sign-ups", SIGN_UP)
    event_id = system.post(made.url, {"id": "ada-1", "name": "Ada"})
    delivery = system.delivery_of(event_id)
    assert delivery["outcome"] == "applied"
    profile = system.profile("ada-1")
    assert profile["first_name"] == "Ada"
    assert [event["name"] for event in profile["custom_events"]] == ["signed_up"]


def test_a_webhook_changes_a_catalog_item(system: System) -> None:
    fields = [{"name": "id", "type": "string"}, {"name": "price", "type": "number"}]
    system.call("POST", "/api/catalogs", json={"name": "shop", "fields": fields})
    code = 'return { catalog_name: "shop", items: [{ id: payload.sku, price: payload.price }] };'
    made = system.make("Prices", code, destination="catalog.put")
    system.delivery_of(system.post(made.url, {"sku": "mug", "price": 9.5}))
    items = system.call("GET", "/api/catalogs/shop/items")["items"]
    assert items == [{"id": "mug", "price": 9.5}]


def test_a_webhook_before_the_first_publish_is_captured_and_can_be_replayed(
    system: System,
) -> None:
    made = system.make("Early", SIGN_UP, publish=False)
    event_id = system.post(made.url, {"id": "early-1", "name": "Early"})
    captured = system.delivery_of(event_id)
    assert captured["outcome"] == "captured"
    system.call("POST", f"/api/transformations/{made.id}/publish", json={})
    system.call("POST", "/api/replays", json={"delivery_ids": [captured["id"]]})
    wait_until("the replay is applied", lambda: system.count(made) == 2)
    assert system.profile("early-1")["first_name"] == "Early"


def test_a_replay_does_not_count_an_event_twice(system: System) -> None:
    code = """return { attributes: [{ external_id: payload.id, visits: { inc: 1 } }],
                       events: [{ external_id: payload.id, name: "visit", time: context.accepted_at }] };"""
    made = system.make("Visits", code)
    delivery = system.delivery_of(system.post(made.url, {"id": "visitor"}))
    system.call("POST", "/api/replays", json={"delivery_ids": [delivery["id"]]})
    wait_until("the replay is applied", lambda: system.count(made) == 2)
    profile = system.profile("visitor")
    assert profile["custom_attributes"]["visits"] == 1
    assert profile["custom_events"][0]["count"] == 1


def test_a_publish_is_in_force_for_the_very_next_webhook(system: System) -> None:
    made = system.make("Changing", "return;")
    for number in range(5):
        code = f"return {{ attributes: [{{ external_id: payload.id, seen: {number} }}] }};"
        system.call("PUT", f"/api/transformations/{made.id}/draft", json={"code": code})
        system.call("POST", f"/api/transformations/{made.id}/publish", json={})
        system.delivery_of(system.post(made.url, {"id": f"changing-{number}"}))
        assert system.profile(f"changing-{number}")["custom_attributes"]["seen"] == number


def test_code_that_throws_fails_its_own_webhook_with_line_and_column(system: System) -> None:
    made = system.make("Throws", "const person = payload.person;\nreturn person.name.first;")
    delivery = system.delivery_of(system.post(made.url, {"person": {}}))
    assert delivery["outcome"] == "failed"
    (error,) = delivery["errors"]
    assert (error["code"], error["line"], error["column"]) == ("threw", 2, 20)
    assert "reading 'first'" in error["message"]


def test_a_loop_without_an_end_is_stopped_and_its_neighbours_are_applied(system: System) -> None:
    code = """if (payload.hang) { for (;;) {} }
return { attributes: [{ external_id: payload.id, ok: true }] };"""
    made = system.make("Hangs", code)
    bodies = [orjson.dumps({"id": f"hang-{n}", "hang": n == 3}) for n in range(8)]
    system.send(made.url, bodies, concurrency=1)
    wait_until("all eight are in the log", lambda: system.count(made) == 8, within_s=30)
    states = system.rows(
        "select state, error_code, count(*) from deliveries where transformation_id = ? "
        "group by 1, 2 order by 1",
        made.id,
    )
    assert states == [("applied", None, 7), ("failed", "timed_out", 1)]


def test_form_and_text_bodies_become_payloads(system: System) -> None:
    made = system.make(
        "Forms", "return { attributes: [{ external_id: 'form', got: JSON.stringify(payload) }] };"
    )
    form = httpx.post(made.url, data={"From": "+100", "Body": "hi"}, timeout=30)
    system.delivery_of(form.json()["event_id"])
    got = system.profile("form")["custom_attributes"]["got"]
    assert orjson.loads(got) == {"From": "+100", "Body": "hi"}


def test_each_refusal_says_what_was_wrong(system: System) -> None:
    made = system.make("Refusals", "return;")
    base = made.url.rsplit("/", 1)[0]
    answers = [
        httpx.post(f"{base}/no-such-token", content=b"{}", timeout=30),
        httpx.post(made.url, content=b"{", timeout=30),
        httpx.post(made.url, content=b'"' + b"x" * 2_000_000 + b'"', timeout=30),
        httpx.get(made.url, timeout=30),
    ]
    told = [(answer.status_code, answer.json()["error"]["code"]) for answer in answers]
    assert told == [
        (404, "unknown_source"),
        (400, "body_unreadable"),
        (413, "body_too_large"),
        (405, "method_not_allowed"),
    ]


def test_headers_reach_the_code_whatever_their_case_and_secrets_do_not(system: System) -> None:
    code = """return { attributes: [{ external_id: "headers",
      kind: headers["x-shop-topic"], keys: Object.keys(headers).filter(k => k.startsWith("X-") || k === "Authorization") }] };"""
    made = system.make("Headers", code)
    system.delivery_of(
        system.post(made.url, {}, {"x-shop-topic": "orders", "authorization": "Bearer secret"})
    )
    attributes = system.profile("headers")["custom_attributes"]
    assert attributes == {"kind": "orders", "keys": ["X-Shop-Topic"]}
