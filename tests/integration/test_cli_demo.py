"""`transformer demo`: what a newcomer sees first."""

import subprocess
import sys
from pathlib import Path

from transformer.cli.examples import read_examples
from transformer.cli.main import main


def test_every_example_comes_out_as_expected_and_is_shown(tmp_path: Path) -> None:
    data_dir = tmp_path / "kept"

    shown = subprocess.run(
        [sys.executable, "-m", "transformer", "demo", "--keep", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    folders = read_examples()
    count = sum(len(folder.cases) for folder in folders)
    assert f"{count} of {count} outcomes are the expected ones." in shown.stdout
    assert [folder.name for folder in folders if folder.name not in shown.stdout] == []
    assert "Profiles (" in shown.stdout
    assert "Catalog products (" in shown.stdout
    assert f"transformer up --data {data_dir}" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert (data_dir / "transformer.db").exists()


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()

    assert main(["demo", "--keep", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
