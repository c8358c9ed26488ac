"""What follows from the answers of calls: halves, waits, and whom one gives up on."""

import orjson
import pytest

from tests.support.api import StillClock
from transformer.forward.answer import Answer, Barred, Refused, Slow, Taken, Unavailable
from transformer.forward.batch import Batch, cut
from transformer.forward.books import Books
from transformer.forward.patience import Patience
from transformer.forward.watch import Watch
from transformer.ids import DeliveryId, ForwardId, WorkspaceId
from transformer.store.forwarding import Open, Refusal, Round
from transformer.store.outbox import Waiting

FORWARD = ForwardId("fwd_1")
WHY = Refusal("http_500", "status 500")
POISON = "p3"


class Bench:
    """Books, a clock, and rows that wait."""

    def __init__(self, count: int) -> None:
        self.clock = StillClock()
        # No chance: waits are as long as they can be.
        patience = Patience(self.clock.monotonic, chance=lambda: 1.0)
        self.books = Books(FORWARD, clock=self.clock, patience=patience)
        self.left = [
            Waiting(
                at,
                DeliveryId("dlv_1"),
                at,
                "attributes",
                "",
                f"p{at}",
                orjson.dumps({"external_id": f"p{at}"}),
                "",
            )
            for at in range(count)
        ]

    def cut(self, *, calls: int = 4) -> list[Batch]:
        return cut(
            self.left,
            calls=calls,
            most_of=self.books.most_of,
            is_held_up=self.books.is_held_up,
        )

    def enter(self, *answers: tuple[Batch, Answer]) -> Round:
        done = self.books.enter(answers)
        gone = {one.id for one in done.sent} | {one.id for one, _ in done.refused}
        self.left = [one for one in self.left if one.id not in gone]
        self.books.forget(done)
        return done


def answer_all(bench: Bench, *, poison: Answer) -> list[tuple[Batch, Answer]]:
    return [
        (batch, poison if any(row.subject == POISON for row in batch.rows) else Taken())
        for batch in bench.cut()
    ]


@pytest.mark.parametrize(
    "poison",
    [Unavailable(WHY, is_theirs=True), Unavailable(Refusal("no_answer", "no answer"))],
    ids=["500", "no answer"],
)
def test_who_fails_alone_while_others_are_taken_is_given_up_at_last(poison: Answer) -> None:
    # To see it fail: leave out `or well` in Books._enter_unavailable.
    bench = Bench(16)
    new, alone = 100, 0
    while any(row.subject == POISON for row in bench.left):
        # Others keep coming, so that it is known that the other side lives.
        bench.left.append(
            Waiting(new, DeliveryId("dlv_1"), 0, "attributes", "", f"n{new}", b"{}", "")
        )
        new += 1
        made = answer_all(bench, poison=poison)
        alone += [[row.subject for row in batch.rows] for batch, _ in made].count([POISON])
        done = bench.enter(*made)
        bench.clock.advance(61)
    assert alone == 8
    assert [(one.subject, why.code) for one, why in done.refused] == [(POISON, "gave_up")]
    assert bench.books.trouble() is None


def test_nobody_is_given_up_while_nothing_is_taken() -> None:
    bench = Bench(1)
    for _ in range(50):
        (batch,) = bench.cut()
        assert bench.enter((batch, Unavailable(WHY, is_theirs=True))).refused == []
        assert bench.cut() == []
        bench.clock.advance(61)
    assert len(bench.left) == 1


def test_waits_double_up_to_a_minute_and_begin_anew_after_a_success() -> None:
    bench = Bench(1)
    waits = []
    for _ in range(8):
        (batch,) = bench.cut()
        bench.enter((batch, Unavailable(Refusal("no_answer", "no"))))
        waits.append(bench.books.due_in_s())
        bench.clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    (batch,) = bench.cut()
    bench.enter((batch, Taken()))
    bench.left = list(batch.rows)
    (batch,) = bench.cut()
    bench.enter((batch, Unavailable(Refusal("no_answer", "no"))))
    assert bench.books.due_in_s() == 1


def test_a_limit_is_waited_for_and_then_a_little_more() -> None:
    bench = Bench(1)
    (batch,) = bench.cut()
    bench.enter((batch, Slow(10.0, WHY)))
    assert bench.cut() == []
    assert bench.books.due_in_s() == pytest.approx(11.0)
    bench.clock.advance(11.1)
    assert len(bench.cut()) == 1


def test_a_call_that_is_refused_as_a_whole_goes_in_halves() -> None:
    bench = Bench(9)
    sizes = []
    while bench.left:
        (batch,) = bench.cut(calls=1)
        sizes.append(len(batch.rows))
        bench.enter((batch, Refused(WHY)))
    assert sizes[:5] == [9, 5, 3, 2, 1]
    assert (sizes.count(1), len(sizes)) == (9, 17), (
        "each was refused alone, in as few calls as can be"
    )


def test_a_barred_call_waits_for_a_minute_and_blames_nobody() -> None:
    bench = Bench(3)
    (batch,) = bench.cut()
    done = bench.enter((batch, Barred(Refusal("http_401", "no key"))))
    assert (done.sent, done.refused) == ([], [])
    trouble = bench.books.trouble()
    assert trouble is not None
    assert (trouble["code"], trouble["path"]) == ("http_401", "/users/track")
    assert bench.books.due_in_s() >= 60
    bench.books.start_anew()
    assert (bench.books.trouble(), len(bench.cut())) == (None, 1)


def test_what_was_not_answered_may_have_arrived_until_it_is_known() -> None:
    bench = Bench(2)
    (batch,) = bench.cut()
    bench.enter((batch, Unavailable(WHY)))
    assert bench.books.may_have_arrived == {0, 1}
    bench.clock.advance(61)
    (batch,) = bench.cut()
    done = bench.books.enter([(batch, Taken())])
    assert bench.books.may_have_arrived == {0, 1}, "the store counts them as sent again first"
    assert bench.books.still_in_doubt(done) == set()
    bench.books.forget(done)
    assert bench.books.may_have_arrived == set()


def opened(*, holder: str, epoch: int = 1, beat: int = 0) -> Open:
    return Open(FORWARD, WorkspaceId("wsp_1"), holder, epoch, beat)


def test_a_forward_without_a_holder_may_be_claimed_at_once() -> None:
    watch = Watch("me:1", lease_s=20, clock=StillClock())
    assert watch.may_claim(opened(holder=""))
    assert watch.may_claim(opened(holder="me:1"))


def test_a_holder_that_moves_its_beat_keeps_its_forward() -> None:
    clock = StillClock()
    watch = Watch("me:1", lease_s=20, clock=clock)
    for beat in range(10):
        assert not watch.may_claim(opened(holder="other:1", beat=beat))
        clock.advance(19)
    assert not watch.may_claim(opened(holder="another:2", epoch=2, beat=9))


def test_a_holder_whose_beat_stands_still_for_a_lease_loses_its_forward() -> None:
    clock = StillClock()
    watch = Watch("me:1", lease_s=20, clock=clock)
    assert not watch.may_claim(opened(holder="other:1", beat=3))
    clock.advance(19.9)
    assert not watch.may_claim(opened(holder="other:1", beat=3))
    clock.advance(0.1)
    assert watch.may_claim(opened(holder="other:1", beat=3))
