"""I7: order is kept per transformation, from acceptance to effect."""

import orjson

from tests.support.system import System
from tests.support.waiting import wait_until

LAST_WINS = """
return { attributes: [{ external_id: payload.person, last: payload.number,
                        seen: { add: [String(payload.number)] }, _update_existing_only: false }] };
"""


def test_i7_effects_come_in_the_order_of_acceptance(system: System) -> None:
    made = system.make("Order", LAST_WINS)
    bodies = [
        orjson.dumps({"person": f"in-order-{number % 5}", "number": number})
        for number in range(1_000)
    ]
    system.send(made.url, bodies, concurrency=1)
    wait_until("all are in the log", lambda: system.count(made) == 1_000, within_s=30)
    for person in range(5):
        attributes = system.profile(f"in-order-{person}")["custom_attributes"]
        numbers = [int(number) for number in attributes["seen"]]
        assert attributes["last"] == 995 + person
        assert numbers == sorted(numbers)
