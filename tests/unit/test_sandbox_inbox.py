"""What the guest hears: whole frames, whatever the pieces they come in."""

import os
import threading
from collections.abc import Iterator

import pytest

from sandbox import Limits
from sandbox.guest.inbox import Inbox
from sandbox.protocol import Kind, Load, Run, encode


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test has closed it


def frames_of(pieces: list[bytes], pipe: tuple[int, int]) -> list[tuple[Kind, bytes]]:
    """Write the pieces while reading, for they may be more than a pipe holds."""

    def write() -> None:
        for piece in pieces:
            os.write(pipe[1], piece)
        os.close(pipe[1])

    writer = threading.Thread(target=write)
    writer.start()
    inbox = Inbox(pipe[0])
    frames = []
    while frame := inbox.read():
        frames.append((frame[0], bytes(frame[1])))
    writer.join()
    return frames


RUN = Run(b"k" * 32, Limits(), 2, b"x" * 300_000).encode()
LOAD = Load(b"k" * 32, "return 1", b"{}").encode()


@pytest.mark.parametrize("size", [1, 7, 4_096, 10**6])
def test_frames_are_read_whole_from_pieces_of_any_size(pipe: tuple[int, int], size: int) -> None:
    data = LOAD + (RUN if size > 1 else b"") + LOAD
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    kinds = [kind for kind, _ in frames_of(pieces, pipe)]
    assert kinds == [Kind.LOAD, *([Kind.RUN] if size > 1 else []), Kind.LOAD]


def test_a_body_larger_than_the_memory_at_hand_is_read_as_it_was_written(
    pipe: tuple[int, int],
) -> None:
    [(kind, body)] = frames_of([RUN], pipe)
    assert (kind, bytes(Run.decode(body).text)) == (Kind.RUN, b"x" * 300_000)


def test_an_empty_body_is_a_body(pipe: tuple[int, int]) -> None:
    assert frames_of([encode(Kind.HELLO)], pipe) == [(Kind.HELLO, b"")]


@pytest.mark.parametrize("end", [0, 3, 5, 100])
def test_an_end_in_the_middle_of_a_frame_is_the_end(pipe: tuple[int, int], end: int) -> None:
    assert frames_of([LOAD[: min(end, len(LOAD) - 1)]], pipe) == []
