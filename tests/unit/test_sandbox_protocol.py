import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ProtocolViolated
from sandbox.layers import Layer, LayerState
from sandbox.limits import Limits
from sandbox.protocol import (
    KEY_BYTES,
    LONGEST_MESSAGE,
    MOST_BODY_BYTES,
    MOST_HELLO_BYTES,
    MOST_LOADED_BYTES,
    SEPARATOR,
    Frame,
    FrameReader,
    Hello,
    Invalid,
    Kind,
    Load,
    Reason,
    Results,
    Run,
    Stopped,
    encode,
    encode_run,
    most_results_bytes,
)

frames = st.builds(Frame, st.sampled_from(Kind), st.binary(max_size=200))
keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
numbers = st.integers(0, 2**32 - 1)

ANSWERS = {
    "hello": Hello((LayerState(Layer.REALM, in_force=True, detail="frozen"),)).encode(),
    "loaded": encode(Kind.LOADED),
    "invalid": Invalid("SyntaxError: Unexpected token ';'", 2, 9).encode(),
    "unknown": encode(Kind.UNKNOWN),
    "results": Results(1_234, 2, b'R[0,[]]\x1e{"a":1}\x1eE[0,[],"x",1,2]\x1e').encode(),
    "stopped": Stopped(Reason.TIME, 3).encode(),
}
FORMS: dict[Kind, type[Hello | Invalid | Results | Stopped]] = {
    Kind.HELLO: Hello,
    Kind.INVALID: Invalid,
    Kind.RESULTS: Results,
    Kind.STOPPED: Stopped,
}


def body(data: bytes) -> bytes:
    [frame] = FrameReader().feed(data)
    return frame.body


def whole(reader: FrameReader, data: bytes) -> list[Frame]:
    return list(reader.feed(data))


@given(st.lists(frames, max_size=5), st.lists(st.integers(1, 40)))
def test_frames_arrive_whole_however_their_bytes_are_cut(
    sent: list[Frame], cuts: list[int]
) -> None:
    data = b"".join(encode(frame.kind, frame.body) for frame in sent)
    reader = FrameReader()
    received: list[Frame] = []
    for cut in cuts:
        received += reader.feed(data[:cut])
        data = data[cut:]
    received += reader.feed(data)
    assert received == sent
    assert reader.is_empty


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_cut_anywhere_is_not_there_yet(answer: bytes) -> None:
    for end in range(len(answer)):
        reader = FrameReader()
        assert whole(reader, answer[:end]) == []
        assert reader.is_empty == (end == 0)
        [frame] = reader.feed(answer[end:])
        assert encode(frame.kind, frame.body) == answer


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_arrives_byte_by_byte(answer: bytes) -> None:
    reader = FrameReader()
    arrived = [frame for byte in answer for frame in reader.feed(bytes([byte]))]
    assert [encode(frame.kind, frame.body) for frame in arrived] == [answer]


@pytest.mark.parametrize("kind", FORMS)
def test_a_body_that_is_cut_anywhere_is_read_or_refused(kind: Kind) -> None:
    answer = body(ANSWERS[kind.name.lower()])
    for end in range(len(answer)):
        with suppress(ProtocolViolated):
            assert isinstance(FORMS[kind].decode(answer[:end]), FORMS[kind])


def mutations(answer: bytes) -> st.SearchStrategy[bytes]:
    """Give the answer with some bytes replaced, cut out and put in."""
    change = st.tuples(st.integers(0, len(answer)), st.integers(0, 4), st.binary(max_size=4))

    def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = answer
        for at, length, new in changes:
            data = data[:at] + new + data[at + length :]
        return data

    return st.lists(change, min_size=1, max_size=4).map(changed)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@given(data=st.data())
def test_an_answer_that_was_changed_is_read_or_refused(answer: bytes, data: st.DataObject) -> None:
    with suppress(ProtocolViolated):
        for frame in FrameReader().feed(data.draw(mutations(answer))):
            form = FORMS.get(frame.kind)
            if form is not None:
                assert isinstance(form.decode(frame.body), form)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ProtocolViolated):
        for frame in FrameReader().feed(data):
            assert frame.kind in Kind


@pytest.mark.parametrize("kind", [0, 9, 99, 255])
def test_an_unknown_kind_is_refused(kind: int) -> None:
    with pytest.raises(ProtocolViolated, match=f"kind {kind}"):
        list(FrameReader().feed(struct.pack("!BI", kind, 0)))


@pytest.mark.parametrize("most", [0, 1, 1_000, MOST_BODY_BYTES])
def test_a_body_that_would_be_too_long_is_refused_by_its_head(most: int) -> None:
    reader = FrameReader(most_body_bytes=most)
    with pytest.raises(ProtocolViolated, match="longer"):
        list(reader.feed(struct.pack("!BI", Kind.RESULTS, most + 1)))
    assert whole(FrameReader(most_body_bytes=most), struct.pack("!BI", Kind.RESULTS, most)) == (
        [Frame(Kind.RESULTS, b"")] if most == 0 else []
    )


def test_how_long_a_body_may_be_is_said_anew_for_each_question() -> None:
    reader = FrameReader(most_body_bytes=3)
    assert whole(reader, encode(Kind.HELLO, b"abc")) == [Frame(Kind.HELLO, b"abc")]
    reader.most_body_bytes = 2
    with pytest.raises(ProtocolViolated, match="longer"):
        whole(reader, encode(Kind.HELLO, b"abc"))


def test_a_length_takes_no_memory_before_its_bytes_are_there() -> None:
    reader = FrameReader()
    tracemalloc.start()
    assert whole(reader, struct.pack("!BI", Kind.RESULTS, MOST_BODY_BYTES)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000


def flood(size: int) -> Iterator[bytes]:
    yield struct.pack("!BI", Kind.RESULTS, size)
    for _ in range(0, size + 2_000_000, 1_000_000):
        yield bytes(1_000_000)


def test_a_flood_takes_no_more_memory_than_the_answer_may_have() -> None:
    most = most_results_bytes(Limits(), 256)
    reader = FrameReader(most_body_bytes=most)
    tracemalloc.start()
    with suppress(ProtocolViolated):
        for piece in flood(most):
            for frame in reader.feed(piece):
                Results.decode(frame.body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * most + 4_000_000


def test_how_long_results_may_be_follows_from_the_limits_and_the_number_of_calls() -> None:
    small = Limits(output_bytes=1_000, console_bytes=1_000, console_lines=10)
    one, many = most_results_bytes(small, 1), most_results_bytes(small, 10)
    assert 1_000 < one < 70_000
    assert many - 12 == 10 * (one - 12)
    # Not even the most calls bring more than the driver lets wait, and what one adds to it.
    assert most_results_bytes(Limits(), 10_000) < 14_000_000
    # Lines cost bytes, so there are never more of them than that.
    boundless = Limits(console_lines=2**32 - 1, console_bytes=10, output_bytes=10)
    assert most_results_bytes(boundless, 1) < 60_000


@given(st.lists(st.builds(LayerState, st.sampled_from(Layer), st.booleans(), st.text())))
def test_hello_is_read_as_it_was_written(layers: list[LayerState]) -> None:
    hello = Hello(tuple(layers))
    assert Hello.decode(body(hello.encode())) == hello


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[[]]",
        b'[["moat",true,""]]',
        b'[["realm",1,""]]',
        b'[["realm",true,null]]',
        b"[" * MOST_HELLO_BYTES,
        b'[["realm",' + b"9" * 10_000 + b',""]]',
        b"\xff",
    ],
)
def test_a_hello_of_another_form_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolViolated):
        Hello.decode(text)


@given(keys, st.text(), st.binary())
def test_load_is_read_as_it_was_written(key: bytes, code: str, context: bytes) -> None:
    order = Load(key, code, context)
    assert Load.decode(body(order.encode())) == order


@given(keys, numbers, numbers, st.binary())
def test_run_is_read_as_it_was_written(key: bytes, limit: int, count: int, text: bytes) -> None:
    order = Run(key, Limits(*[limit] * len(fields(Limits))), count, text)
    assert Run.decode(body(order.encode())) == order


@given(keys, st.lists(st.binary(), min_size=1))
def test_a_run_made_of_records_is_that_of_their_text(key: bytes, records: list[bytes]) -> None:
    if any(SEPARATOR in record for record in records):
        with pytest.raises(ValueError, match="not JSON text"):
            encode_run(key, Limits(), len(records), records)
        return
    made = encode_run(key, Limits(), len(records), records)
    assert Run.decode(body(made)) == Run(key, Limits(), len(records), SEPARATOR.join(records))


@given(st.integers(0, 2**64 - 1), numbers, st.binary())
def test_results_are_read_as_they_were_written(elapsed_us: int, count: int, text: bytes) -> None:
    answer = Results(elapsed_us, count, text)
    assert Results.decode(body(answer.encode())) == answer


@given(st.sampled_from(Reason), numbers)
def test_stopped_is_read_as_it_was_written(reason: Reason, index: int) -> None:
    answer = Stopped(reason, index)
    assert Stopped.decode(body(answer.encode())) == answer


@given(st.text(), numbers, numbers)
def test_invalid_is_read_as_it_was_written(message: str, line: int, column: int) -> None:
    answer = Invalid(message, line, column)
    assert Invalid.decode(body(answer.encode())) == answer


def test_the_longest_message_of_invalid_fits_what_a_host_takes() -> None:
    frame = Invalid("\U0001f600" * (LONGEST_MESSAGE + 1), 1, 1).encode()
    [arrived] = FrameReader(most_body_bytes=MOST_LOADED_BYTES).feed(frame)
    assert len(Invalid.decode(arrived.body).message) == LONGEST_MESSAGE


def test_half_a_pair_in_a_message_does_not_keep_it_from_being_sent() -> None:
    assert Invalid.decode(body(Invalid("\ud800x", 1, 1).encode())).message == "?x"


@pytest.mark.parametrize(
    "message", [b"\xff", b"\xed\xa0\x80", b"x" * (LONGEST_MESSAGE + 1)], ids=repr
)
def test_a_message_that_is_no_text_or_too_long_is_refused(message: bytes) -> None:
    with pytest.raises(ProtocolViolated, match="message"):
        Invalid.decode(bytes(8) + message)


@pytest.mark.parametrize("form", [Hello, Load, Run, Results, Stopped, Invalid])
@given(data=st.binary(max_size=100))
def test_a_body_of_any_bytes_is_read_or_refused(
    form: type[Hello | Load | Run | Results | Stopped | Invalid], data: bytes
) -> None:
    with suppress(ProtocolViolated):
        assert isinstance(form.decode(data), form)


def test_lengths_that_do_not_add_up_are_refused() -> None:
    order = body(Load(bytes(KEY_BYTES), "return 1", b"{}").encode())
    with pytest.raises(ProtocolViolated, match="add up"):
        Load.decode(order + b"x")


@pytest.mark.parametrize("stopped", [b"", b"\x01\0\0\0", b"\x01\0\0\0\0\0"])
def test_a_stop_of_another_length_is_refused(stopped: bytes) -> None:
    with pytest.raises(ProtocolViolated):
        Stopped.decode(stopped)
