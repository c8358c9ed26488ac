"""What is installed from a wheel has the files that are read at run time."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]


def test_the_hostile_corpus_is_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if "attacks/corpus/" in name}
    corpus = ROOT / "sandbox" / "attacks" / "corpus"
    assert packed == {str(path.relative_to(ROOT)) for path in corpus.glob("*/*.*")}
