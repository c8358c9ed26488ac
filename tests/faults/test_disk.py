"""The disk of the data folder is full: Valkey cannot write what it would answer for, nor SQLite.

Needs a file system of its own, and so root.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.load import counting
from tests.support.system import running_system
from tests.support.waiting import wait_until
from tests.support.writer_bench import counting as settlement
from tests.support.writer_bench import writer_bench
from transformer.errors import StoreUnavailable

_MOUNT, _UNMOUNT = (shutil.which(name) or name for name in ("mount", "umount"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        [_MOUNT, "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    if made.returncode != 0:
        pytest.skip(f"no file system can be mounted: {made.stderr.decode()}")
    yield folder
    subprocess.run([_UNMOUNT, folder], check=True)


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("ab", buffering=0) as stream:
        for size in (65_536, 512, 1):
            try:
                while stream.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


def test_a_full_disk_refuses_webhooks_and_loses_none_that_it_took(small_disk: Path) -> None:
    with running_system(small_disk / "data") as system:
        load = counting(system, "disk")
        load.send()
        ballast = small_disk / "ballast"
        fill(ballast)

        def refusal() -> httpx.Response | None:
            load.send()
            answer = httpx.post(load.made.url, content=load.body, timeout=30)
            return None if answer.is_success else answer

        refused = wait_until("webhooks are refused", refusal, within_s=30)
        assert refused is not None
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        ballast.unlink()
        load.wait_until_accepted()
        load.assert_exactly_once()


def test_what_cannot_be_applied_for_want_of_disk_is_applied_when_there_is_some(
    small_disk: Path,
) -> None:
    with writer_bench(small_disk) as bench:
        bench.settle(*(settlement(body=b"x" * 100_000) for _ in range(20)))
        fill(small_disk / "ballast")
        with pytest.raises(StoreUnavailable):
            bench.write()
        (small_disk / "ballast").unlink()
        bench.lose_drain()
        bench.write()
        assert bench.hits() == 20
