"""Two instances: what one applies, the other takes over its REST API, with faults on the way between them.

The second is spoken to through a line that breaks (support/broken_line.py). What may come twice is known
from `sent_again`, so values are compared that come to the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from tests.support.broken_line import BrokenLine, broken_line
from tests.support.rest import make_key, rest_client
from tests.support.system import System, running_system
from tests.support.waiting import wait_until

CODE = """
const who = { external_id: payload.who, _update_existing_only: false };
return {
  attributes: [{ ...who, n: payload.n, email: payload.who + "@shop.example", tags: { add: [payload.n] } }],
  events: [{ ...who, name: "Ordered", time: "2026-01-02T03:04:05Z", properties: { n: payload.n } }],
};
"""
ROUND = """
return { attributes: [{ external_id: "round", n: { inc: 1 }, _update_existing_only: false }] };
"""
COUNT, PROFILES = 300, 40


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, System, BrokenLine]]:
    folder = tmp_path_factory.mktemp("two")
    with (
        running_system(folder / "there", rest_rate_percent=0, forward_to="any") as there,
        running_system(folder / "here", forward_to="any", forward_timeout_s=2) as here,
        broken_line(there.instance.url) as line,
    ):
        yield here, there, line


@contextmanager
def forwarded(here: System, there: System, line: BrokenLine, **rights: Any) -> Iterator[str]:
    key = make_key(there, **rights)["key"]
    forward = {"name": "There", "base_url": line.url, "credential": key}
    made = here.call("POST", "/api/forwards", json=forward)
    assert here.call("POST", f"/api/forwards/{made['id']}/test")["works"]
    yield f"/api/forwards/{made['id']}"
    here.call("DELETE", f"/api/forwards/{made['id']}")


def standing(here: System, path: str) -> dict[str, Any]:
    found: dict[str, Any] = here.call("GET", path)
    return found


def wait_until_sent(here: System, path: str, count: int) -> dict[str, Any]:
    wait_until(
        f"{count} operations are sent", lambda: standing(here, path)["sent"] == count, within_s=60
    )
    return standing(here, path)


def values(system: System, who: str) -> dict[str, Any]:
    found = system.profile(who)
    return {"email": found.get("email"), **found["custom_attributes"]}


def test_the_other_side_ends_with_the_same_values_whatever_breaks_on_the_way(
    two: tuple[System, System, BrokenLine],
) -> None:
    here, there, line = two
    with forwarded(here, there, line) as path:
        made = here.make("Orders", CODE)
        line.break_next(["lost there", "well", "lost back", "well", 503, "well", 429])
        bodies = [orjson.dumps({"who": f"p{n % PROFILES}", "n": n}) for n in range(COUNT)]
        here.send(made.url, bodies, concurrency=1)
        found = wait_until_sent(here, path, 2 * COUNT)
        assert (found["waiting"], found["dead"], found["trouble"]) == (0, 0, None)
        assert line.broken == 4
        wait_until("the other side has applied", lambda: _all_there(there), within_s=30)
        for who in (f"p{n}" for n in range(PROFILES)):
            assert values(there, who) == values(here, who)


def _all_there(there: System) -> bool:
    ((count,),) = there.rows("select count(*) from profiles")
    return bool(count == PROFILES) and all(
        there.profile(f"p{n}")["custom_attributes"]["n"] == max(range(n, COUNT, PROFILES))
        for n in range(PROFILES)
    )


def test_what_comes_in_over_the_rest_api_goes_on_too_whatever_it_is(
    two: tuple[System, System, BrokenLine],
) -> None:
    here, there, line = two
    alias = {"alias_name": "v-1", "alias_label": "visit"}
    shop = {
        "name": "shop",
        "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "number"}],
    }
    here.call("POST", "/api/catalogs", json=shop)
    there.call("POST", "/api/catalogs", json=shop)
    track = [
        {"user_alias": alias, "seen": True, "_update_existing_only": False},
        {"external_id": "kept", "n": 1},
        {"external_id": "gone", "n": 2},
    ]
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/users/track", {"attributes": track}),
        (
            "POST",
            "/users/identify",
            {"aliases_to_identify": [{"external_id": "known", "user_alias": alias}]},
        ),
        (
            "POST",
            "/users/merge",
            {
                "merge_updates": [
                    {
                        "identifier_to_merge": {"external_id": "gone"},
                        "identifier_to_keep": {"external_id": "kept"},
                    }
                ]
            },
        ),
        ("POST", "/users/track", {"attributes": [{"external_id": "kept", "after": "merge"}]}),
        (
            "POST",
            "/users/external_ids/rename",
            {
                "external_id_renames": [
                    {"current_external_id": "kept", "new_external_id": "renamed"}
                ]
            },
        ),
        ("POST", "/users/delete", {"external_ids": ["known"]}),
        ("PUT", "/catalogs/shop/items", {"items": [{"id": "a", "n": 1}, {"id": "b", "n": 1}]}),
        ("PATCH", "/catalogs/shop/items", {"items": [{"id": "a", "n": 2}]}),
        ("DELETE", "/catalogs/shop/items", {"items": [{"id": "b"}]}),
    ]
    with (
        forwarded(here, there, line) as path,
        rest_client(here, make_key(here)["key"]) as client,
    ):
        for method, call, body in calls:
            answer = client.request(method, call, json=body)
            assert answer.is_success, f"{call}: {answer.text}"
        found = wait_until_sent(here, path, 12)
        assert (found["dead"], found["trouble"]) == (0, None)
        wait_until("the last is applied", lambda: items(there) == {"a": 2}, within_s=30)
    for system in (here, there):
        assert values(system, "renamed") == {"email": None, "n": 1, "after": "merge"}
        for who in ("kept", "gone", "known"):
            assert not system.rows("select 1 from profiles where external_id = ?", who)
        assert not system.rows("select 1 from aliases where alias_name = 'v-1'")


def items(system: System) -> dict[str, Any]:
    found = system.rows("select item_id, json_extract(document, '$.n') from catalog_items")
    return dict(found)


def test_what_the_other_side_may_not_do_is_not_lost(
    two: tuple[System, System, BrokenLine],
) -> None:
    here, there, line = two
    with forwarded(here, there, line, permissions=["users.track"]) as path:
        made = here.make(
            "Aliases",
            'return { attributes: [{ external_id: "x", n: 1, _update_existing_only: false }] };',
        )
        here.post(made.url, {})
        wait_until_sent(here, path, 1)
        key = make_key(there)["key"]
        here.call("PUT", path, json={"base_url": line.url + "/nowhere", "credential": key})
        here.post(made.url, {})
        wait_until("it is told", lambda: standing(here, path)["trouble"], within_s=30)
        assert standing(here, path)["waiting"] == 1
        here.call("PUT", path, json={"base_url": line.url, "credential": key})
        wait_until_sent(here, path, 2)


def test_two_instances_that_forward_to_each_other_count_everything_once(
    two: tuple[System, System, BrokenLine],
) -> None:
    # To see it fail: let Outbox.is_echo give False.
    here, there, line = two
    with (
        forwarded(here, there, line) as path,
        broken_line(here.instance.url) as back,
        forwarded(there, here, back) as path_back,
    ):
        made = here.make("Round", ROUND)
        event_id = here.post(made.url, {})
        wait_until_sent(here, path, 1)
        wait_until_sent(there, path_back, 1)
        first = here.delivery_of(event_id)["id"]
        ((echo,),) = wait_until(
            "it has come back", lambda: here.rows("select id from deliveries where id > ?", first)
        )
        assert here.call("GET", f"/api/deliveries/{echo}")["outcome"] == "skipped"
        assert standing(here, path)["sent"] == 1
        for system in two[:2]:
            assert system.profile("round")["custom_attributes"]["n"] == 1
