"""What is installed from a wheel has the files that are read at run time."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Name the files in a wheel that is built now."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return set(ZipFile(wheel).namelist())


def test_the_hostile_corpus_is_in_the_wheel(packed: set[str]) -> None:
    corpus = ROOT / "sandbox" / "attacks" / "corpus"
    held = {str(path.relative_to(ROOT)) for path in corpus.glob("*/*.*")}
    assert {name for name in packed if "attacks/corpus/" in name} == held


def test_the_provider_packs_are_in_the_wheel(packed: set[str]) -> None:
    folder = ROOT / "transformer" / "ingest" / "providers"
    held = {str(path.relative_to(ROOT)) for path in folder.glob("packs/*/*.*")}
    assert {name for name in packed if "ingest/providers/packs/" in name} == held
    assert str((folder / "pack.schema.json").relative_to(ROOT)) in packed
