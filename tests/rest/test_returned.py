"""What a transformation returns means what a call of ``/users/track`` with the same body means."""

from typing import Any

import httpx

from tests.support.system import System
from tests.support.waiting import wait_until

TIME = "2026-01-02T03:04:05Z"
LATE = "9999-01-01T00:00:00Z"


def body(who: str) -> dict[str, Any]:
    """Give right and wrong objects of one person, some of which only the writer knows to be wrong."""
    event = {"external_id": who, "name": "Seen", "time": TIME}
    purchase = {"external_id": who, "product_id": "mug", "currency": "EUR", "time": TIME}
    return {
        "attributes": [
            {"plan": "nobody's"},
            {"external_id": who, "plan": "gold", "gender": "female", "first_name": "Ana"},
            {"external_id": who, "braze_id": "prf_1", "plan": "silver"},
            {"external_id": None, "email": f"{who}@example.com", "external": False},
            7,
        ],
        "events": [event | {"time": "yesterday"}, event, event | {"time": LATE}],
        "purchases": [
            purchase | {"price": "9"},
            purchase | {"price": 9},
            purchase | {"price": 1e15},
        ],
    }


def profile(system: System, who: str) -> dict[str, Any]:
    query = {"external_id": who}
    found = wait_until(
        f"{who} is there",
        lambda: system.call("GET", "/api/profiles", params=query)["profiles"],
    )
    return {
        name: found[0][name]
        for name in (
            "custom_attributes",
            "custom_events",
            "purchases",
            "total_revenue",
            "first_name",
        )
    } | {"gender": found[0].get("gender")}


def test_the_same_body_is_applied_alike_and_told_alike(
    system: System, client: httpx.Client
) -> None:
    # Let the worker fail an output for one wrong object to see this fail: "returned" is never made.
    answer = client.post("/users/track", json=body("called"))
    assert answer.status_code == 201

    made = system.make("As it is", "return payload;")
    delivery = system.delivery_of(system.post(made.url, body("returned")))
    assert delivery["outcome"] == "applied"

    assert profile(system, "returned") == profile(system, "called")
    assert profile(system, "called")["custom_attributes"] == {"plan": "gold"}
    told = [
        {name: error[name] for name in ("type", "input_array", "index")}
        for error in delivery["errors"]
    ]
    assert sorted(told, key=str) == sorted(answer.json()["errors"], key=str)
    assert len(told) == 7
