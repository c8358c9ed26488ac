"""The judge of the soak, on books that were cooked: it must see each thing that must not be."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.crash.books import BLOCK, Evidence, Logged, Sent, breaches, figures

# Lane 0 sent number 1 twice: the first time it was accepted and not acknowledged.
REQUESTS = {
    "evt_a": Sent(0, 0, 1),
    "evt_b": Sent(0, 1, 1),
    "evt_c": Sent(0, 1, 2),
    "evt_d": Sent(0, BLOCK, 1),
}
FIRST_BLOCK = ["evt_a", "evt_b", "evt_c"]


def honest() -> Evidence:
    log = [Logged(event_id, "applied") for event_id in REQUESTS]
    return Evidence(
        sent={(0, 0): 1, (0, 1): 2, (0, BLOCK): 1},
        acknowledged={event_id: REQUESTS[event_id] for event_id in ("evt_a", "evt_c", "evt_d")},
        source_of_lane={0: 0},
        source_of_transformation={"t0": 0, "t1": 0},
        events=dict(REQUESTS),
        log={"t0": list(log), "t1": list(log)},
        hits={"t0": 4, "t0-0-0": 3, "t0-0-1": 1, "t1": 4, "t1-0-0": 3, "t1-0-1": 1},
        seen={
            "t0-0-0": list(FIRST_BLOCK),
            "t0-0-1": ["evt_d"],
            "t1-0-0": list(FIRST_BLOCK),
            "t1-0-1": ["evt_d"],
        },
    )


def lose_everywhere(books: Evidence) -> None:
    for log in books.log.values():
        del log[0]


def lose_what_nobody_was_told_of(books: Evidence) -> None:
    del books.log["t1"][1]


def lose_the_event(books: Evidence) -> None:
    del books.events["evt_a"]


def deliver_twice(books: Evidence) -> None:
    books.log["t0"].append(books.log["t0"][-1])


def accept_one_request_twice(books: Evidence) -> None:
    books.events["evt_e"] = REQUESTS["evt_d"]


def invent(books: Evidence) -> None:
    books.events["evt_e"] = Sent(0, 7, 1)


def dead_letter(books: Evidence) -> None:
    books.log["t0"][0] = Logged("evt_a", "failed")


def count_twice(books: Evidence) -> None:
    books.hits["t1-0-1"] += 1


def count_in_no_profile(books: Evidence) -> None:
    del books.hits["t1"]


def overtake_in_the_log(books: Evidence) -> None:
    log = books.log["t0"]
    log[0], log[1] = log[1], log[0]


def overtake_in_the_profile(books: Evidence) -> None:
    seen = books.seen["t0-0-0"]
    seen[0], seen[1] = seen[1], seen[0]


@pytest.mark.parametrize(
    ("cook", "word"),
    [
        (lose_everywhere, "lost"),
        (lose_what_nobody_was_told_of, "uneven"),
        (lose_the_event, "lost"),
        (deliver_twice, "twice"),
        (accept_one_request_twice, "twice"),
        (invent, "invented"),
        (dead_letter, "not applied"),
        (count_twice, "miscounted"),
        (count_in_no_profile, "miscounted"),
        (overtake_in_the_log, "out of order"),
        (overtake_in_the_profile, "out of order"),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_books_that_were_cooked_do_not_tally(cook: Callable[[Evidence], None], word: str) -> None:
    books = honest()
    cook(books)
    assert any(breach.startswith(word) for breach in breaches(books)), breaches(books)


def test_honest_books_tally() -> None:
    assert breaches(honest()) == []


def test_what_was_accepted_and_never_acknowledged_is_counted_for_itself() -> None:
    assert figures(honest())["accepted, never acknowledged"] == 1


def test_a_breach_that_repeats_is_told_a_few_times() -> None:
    books = honest()
    books.log = {"t0": [Logged("evt_a", "failed")] * 50, "t1": deepcopy(books.log["t1"])}
    told = [breach for breach in breaches(books) if "not applied" in breach]
    assert len(told) == 5
