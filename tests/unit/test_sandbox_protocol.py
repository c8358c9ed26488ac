import struct
from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ProtocolViolated
from sandbox.limits import Limits
from sandbox.protocol import (
    KEY_BYTES,
    MOST_BODY_BYTES,
    Frame,
    FrameReader,
    Invalid,
    Kind,
    Load,
    Reason,
    Results,
    Run,
    Stopped,
    encode,
)

frames = st.builds(Frame, st.sampled_from(Kind), st.binary(max_size=200))
keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
numbers = st.integers(0, 2**32 - 1)


def body(data: bytes) -> bytes:
    [frame] = FrameReader().feed(data)
    return frame.body


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


def test_half_a_frame_is_held_back() -> None:
    reader = FrameReader()
    assert list(reader.feed(encode(Kind.LOADED, b"abc")[:-1])) == []
    assert not reader.is_empty


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reader = FrameReader()
    try:
        for frame in reader.feed(data):
            assert frame.kind in Kind
    except ProtocolViolated:
        pass


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ProtocolViolated, match="kind 99"):
        list(FrameReader().feed(struct.pack("!BI", 99, 0)))


def test_a_body_that_would_be_too_long_is_refused_by_its_head() -> None:
    with pytest.raises(ProtocolViolated, match="longer"):
        list(FrameReader().feed(struct.pack("!BI", Kind.RESULTS, MOST_BODY_BYTES + 1)))


@given(keys, st.text(), st.binary())
def test_load_is_read_as_it_was_written(key: bytes, code: str, context: bytes) -> None:
    order = Load(key, code, context)
    assert Load.decode(body(order.encode())) == order


@given(keys, numbers, numbers, st.binary())
def test_run_is_read_as_it_was_written(key: bytes, limit: int, count: int, text: bytes) -> None:
    order = Run(key, Limits(*[limit] * len(fields(Limits))), count, text)
    assert Run.decode(body(order.encode())) == order


@given(st.integers(0, 2**64 - 1), numbers, st.binary())
def test_results_are_read_as_they_were_written(elapsed_us: int, count: int, text: bytes) -> None:
    answer = Results(elapsed_us, count, text)
    assert Results.decode(body(answer.encode())) == answer


@given(st.sampled_from(Reason), numbers)
def test_stopped_is_read_as_it_was_written(reason: Reason, index: int) -> None:
    answer = Stopped(reason, index)
    assert Stopped.decode(body(answer.encode())) == answer


@given(st.text(), st.integers(), st.integers(), st.text())
def test_invalid_is_read_as_it_was_written(message: str, line: int, column: int, text: str) -> None:
    answer = Invalid(message, line, column, text)
    assert Invalid.decode(body(answer.encode())) == answer


@pytest.mark.parametrize("form", [Load, Run, Results, Stopped, Invalid])
@given(data=st.binary(max_size=100))
def test_a_body_of_any_bytes_is_read_or_refused(
    form: type[Load | Run | Results | Stopped | Invalid], data: bytes
) -> None:
    with suppress(ProtocolViolated):
        assert isinstance(form.decode(data), form)


def test_lengths_that_do_not_add_up_are_refused() -> None:
    whole = body(Load(bytes(KEY_BYTES), "return 1", b"{}").encode())
    with pytest.raises(ProtocolViolated, match="add up"):
        Load.decode(whole + b"x")
