"""What was applied arrives at the other side, whenever its forwarder is killed; what may come twice is told.

Leave `in_flight` empty in Sender._note to see it fail: of what came twice, nobody is told.
"""

import os
import signal
from collections import Counter
from pathlib import Path

import orjson

from tests.support.braze_cluster import KEY, BrazeCluster, running_cluster
from tests.support.system import System, running_system
from tests.support.waiting import wait_until

NUMBERING = """
return { attributes: [{ external_id: payload.who, n: payload.n, _update_existing_only: false }] };
"""
COUNT, PROFILES = 320, 120


def test_nothing_is_lost_or_out_of_order_and_repeats_are_told(tmp_path: Path) -> None:
    stops = tmp_path / "stops"
    stops.mkdir()
    # Calls that time out on a busy machine would be told as well, and hide what this is about.
    given = {"stop_at": str(stops), "forward_to": "any", "forward_timeout_s": 2}
    with (
        running_cluster() as cluster,
        running_system(tmp_path / "data", **given) as system,
    ):
        forward = {"name": "EU", "base_url": cluster.url, "credential": KEY}
        forward_id = system.call("POST", "/api/forwards", json=forward)["id"]
        made = system.make("Numbers", NUMBERING)
        for at, point in enumerate(["after-commit", "after-send"]):
            (stops / f"scheduler.forward-{point}").touch()
            bodies = [
                orjson.dumps({"who": f"{point} {n % PROFILES}", "n": n}) for n in range(COUNT)
            ]
            # One after the other, so that the numbers of a profile come in their order.
            assert len(system.send(made.url, bodies, concurrency=1)) == COUNT
            _kill_at(stops, point)
            _wait_until_sent(system, forward_id, COUNT * (at + 1))
            _check(system, cluster, point, is_repeated=point == "after-send")
        assert cluster.overlaps == []


def _kill_at(stops: Path, point: str) -> None:
    def reached() -> list[Path]:
        return list(stops.glob(f"scheduler.forward-{point}.*"))

    (stopped,) = wait_until(f"{point} is reached", reached)
    os.kill(int(stopped.suffix[1:]), signal.SIGKILL)


def _wait_until_sent(system: System, forward_id: str, count: int) -> None:
    def is_sent() -> bool:
        return bool(system.call("GET", f"/api/forwards/{forward_id}")["sent"] == count)

    wait_until("all is sent", is_sent, within_s=60)
    found = system.call("GET", f"/api/forwards/{forward_id}")
    assert (found["waiting"], found["dead"], found["refused"]) == (0, 0, 0)


def _check(system: System, cluster: BrazeCluster, point: str, *, is_repeated: bool) -> None:
    taken = [
        one["n"] for one in cluster.objects("attributes") if one["external_id"].startswith(point)
    ]
    assert set(taken) == set(range(COUNT)), "nothing is lost"
    firsts: dict[int, list[int]] = {}
    for number in dict.fromkeys(taken):
        firsts.setdefault(number % PROFILES, []).append(number)
    assert all(found == sorted(found) for found in firsts.values()), "each profile in its order"
    lasts = {number % PROFILES: number for number in taken}
    assert lasts == {number % PROFILES: number for number in range(COUNT)}
    repeated = {number for number, times in Counter(taken).items() if times > 1}
    assert bool(repeated) is is_repeated
    told = {
        row["n"]
        for (output,) in system.rows(
            "select json_extract(report, '$.output.attributes[0]') from deliveries"
            " join forwardings on delivery_id = deliveries.id where sent_again > 0"
        )
        if (row := orjson.loads(output))["external_id"].startswith(point)
    }
    assert repeated <= told, "whatever came twice is told"
    assert 0 < len(told) <= 300
