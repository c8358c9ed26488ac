"""How much memory the embedded Valkey is given."""

from pathlib import Path

import pytest

from transformer.supervisor import memory
from transformer.supervisor.memory import valkey_mb

_MB = 1_048_576


@pytest.fixture(autouse=True)
def machine_of_8_gb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_physical_bytes", lambda: 8_192 * _MB)


def _grouped(root: Path, own: str, limits: dict[str, str]) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(f"0::/{own}\n")
    for group, limit in limits.items():
        folder = root / "sys/fs/cgroup" / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")
    return root


def test_what_is_chosen_is_taken(tmp_path: Path) -> None:
    assert valkey_mb(10, root=tmp_path) == 10


def test_a_machine_gives_a_quarter(tmp_path: Path) -> None:
    assert valkey_mb(0, root=tmp_path) == 2_048


@pytest.mark.parametrize(
    ("limits", "given"),
    [
        ({"a/b": str(4_096 * _MB)}, 1_024),
        ({"a/b": "max", "a": str(2_048 * _MB)}, 512),
        ({"a/b": "max"}, 2_048),
        ({"a/b": str(64 * 1_024 * _MB)}, 2_048),
        ({"a/b": str(512 * _MB)}, 256),
    ],
)
def test_a_container_gives_a_quarter_of_its_limit_and_256_at_least(
    tmp_path: Path, limits: dict[str, str], given: int
) -> None:
    assert valkey_mb(0, root=_grouped(tmp_path, "a/b", limits)) == given


def test_a_container_sees_its_own_limit_at_the_top(tmp_path: Path) -> None:
    assert valkey_mb(0, root=_grouped(tmp_path, "", {"": str(4_096 * _MB)})) == 1_024
