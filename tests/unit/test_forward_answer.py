"""What an answer of the other side means: one row a rule, the row's name the rule."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from transformer.forward.answer import (
    Answer,
    Barred,
    Refused,
    Response,
    Slow,
    Taken,
    Unavailable,
    read_answer,
    wait_s,
)
from transformer.forward.batch import Batch, cut
from transformer.ids import DeliveryId
from transformer.store.forwarding import Refusal
from transformer.store.outbox import Waiting

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def batch_of(kind: str, *objects: dict[str, Any]) -> Batch:
    (batch,) = cut(
        [
            Waiting(at, DeliveryId("dlv_1"), at, kind, "shop", f"s{at}", orjson.dumps(one), "")
            for at, one in enumerate(objects)
        ],
        calls=1,
        most_of=lambda _: 75,
        is_held_up=lambda _row, _call: False,
    )
    return batch


TRACK = batch_of("event", {"external_id": "a"}, {"external_id": "b"})
ITEMS = batch_of("catalog.put", {"id": "i"}, {"id": "j"})
RENAMES = Batch(
    cut(
        [Waiting(0, DeliveryId("dlv_1"), 0, "external_id.rename", "", "", b"{}", "")],
        calls=1,
        most_of=lambda _: 75,
        is_held_up=lambda _row, _call: False,
    )[0].call,
    "",
    50,
    [
        Waiting(
            at,
            DeliveryId("dlv_1"),
            at,
            "external_id.rename",
            "",
            "",
            orjson.dumps({"current_external_id": name, "new_external_id": f"new {name}"}),
            "",
        )
        for at, name in enumerate("ab")
    ],
)

OK = {"message": "success"}
BLAMED = [{"type": "EMAIL_BAD_FORMAT", "input_array": "events", "index": 1}]
WHY = Refusal("refused", "EMAIL_BAD_FORMAT")
NOT_FOUND = {"message": "Invalid Request", "errors": [{"id": "catalog-not-found", "message": "no"}]}

ANSWERS: list[tuple[str, Batch, int, Any, Answer]] = [
    ("201 success takes all", TRACK, 201, OK, Taken()),
    ("202 success takes all items", ITEMS, 202, OK, Taken()),
    ("201 with errors takes the others", TRACK, 201, OK | {"errors": BLAMED}, Taken({1: WHY})),
    (
        "201 with errors of places that are not there takes all",
        TRACK,
        201,
        OK | {"errors": [{"type": "x", "input_array": "events", "index": 9}, "odd", {"index": 0}]},
        Taken(),
    ),
    (
        "a success that is none is a refusal",
        TRACK,
        201,
        {"message": "failure"},
        Refused(Refusal("http_201", "failure")),
    ),
    (
        "400 with errors blames whom it names",
        TRACK,
        400,
        {"message": "Valid data must be provided", "errors": BLAMED},
        Refused(Refusal("http_400", "Valid data must be provided: EMAIL_BAD_FORMAT"), {1: WHY}),
    ),
    ("400 without a name", TRACK, 400, {"message": "no"}, Refused(Refusal("http_400", "no"))),
    ("413 is a refusal", TRACK, 413, {"message": "big"}, Refused(Refusal("http_413", "big"))),
    (
        "404 of a catalog is a refusal",
        ITEMS,
        404,
        NOT_FOUND,
        Refused(Refusal("http_404", "Invalid Request: no")),
    ),
    (
        "404 of nothing is a wrong address",
        TRACK,
        404,
        b"",
        Barred(Refusal("http_404", "status 404")),
    ),
    ("401 is a wrong key", TRACK, 401, {"message": "k"}, Barred(Refusal("http_401", "k"))),
    ("403 is a key without rights", TRACK, 403, {"message": "k"}, Barred(Refusal("http_403", "k"))),
    ("a redirect is a wrong address", TRACK, 302, b"", Barred(Refusal("http_302", "status 302"))),
    ("429 waits", TRACK, 429, {"message": "slow"}, Slow(1.0, Refusal("http_429", "slow"))),
    (
        "500 may be the call's own doing",
        TRACK,
        500,
        b"",
        Unavailable(Refusal("http_500", "status 500"), is_theirs=True),
    ),
    ("503 is nobody's doing", TRACK, 503, b"", Unavailable(Refusal("http_503", "status 503"))),
    (
        "a page is no answer of an API",
        TRACK,
        200,
        b"<html>",
        Unavailable(Refusal("no_answer_of_an_api", "status 200")),
    ),
    (
        "an error of a rename blames the one that has the id",
        RENAMES,
        201,
        OK | {"external_ids": ["new b"], "rename_errors": [["a", "is not there"]]},
        Taken({0: Refusal("refused", '["a","is not there"]')}),
    ),
]


@pytest.mark.parametrize(
    ("_rule", "batch", "status", "body", "expected"), ANSWERS, ids=[row[0] for row in ANSWERS]
)
def test_an_answer_means(
    _rule: str, batch: Batch, status: int, body: Any, expected: Answer
) -> None:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    assert read_answer(batch, Response(status, {}, raw), now=NOW) == expected


LATER = int(NOW.timestamp()) + 7

WAITS: list[tuple[str, dict[str, str], float]] = [
    ("seconds in X-Ratelimit-Retry-After", {"x-ratelimit-retry-after": "12"}, 12.0),
    (
        "X-Ratelimit-Retry-After goes before Retry-After",
        {"retry-after": "3", "x-ratelimit-retry-after": "12"},
        12.0,
    ),
    ("seconds in Retry-After", {"retry-after": "3.5"}, 3.5),
    ("a date in Retry-After", {"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
    ("seconds left in X-RateLimit-Reset", {"x-ratelimit-reset": "9"}, 9.0),
    ("seconds since 1970 in X-RateLimit-Reset", {"x-ratelimit-reset": str(LATER)}, 7.0),
    ("never more than an hour", {"retry-after": "100000"}, 3_600.0),
    ("never less than nothing", {"retry-after": "-5"}, 0.0),
    ("a second where nothing can be read", {"retry-after": "soon"}, 1.0),
    ("a second where nothing is said", {}, 1.0),
]


@pytest.mark.parametrize(("_rule", "headers", "seconds"), WAITS, ids=[row[0] for row in WAITS])
def test_a_429_is_waited_for(_rule: str, headers: dict[str, str], seconds: float) -> None:
    assert wait_s(headers, now=NOW) == pytest.approx(seconds)


def test_a_limit_that_is_used_up_pauses_the_next_call() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(LATER)}
    answer = read_answer(TRACK, Response(201, headers, orjson.dumps(OK)), now=NOW)
    assert answer == Taken(pause_s=7.0)


def test_a_limit_that_is_not_used_up_pauses_nothing() -> None:
    headers = {"x-ratelimit-remaining": "5", "x-ratelimit-reset": str(LATER)}
    answer = read_answer(TRACK, Response(201, headers, orjson.dumps(OK)), now=NOW)
    assert answer == Taken()
