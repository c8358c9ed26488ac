"""Where the examples are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

import transformer
from transformer.errors import UsageError
from transformer.folder import TransformationFolder, find_folders, read_folder


def examples_dir() -> Path:
    """Find the folder of the examples.

    Raises:
        UsageError: this installation has none.
    """
    package = Path(transformer.__file__).parent
    for folder in (package / "examples", package.parent / "examples"):
        if folder.is_dir():
            return folder
    raise UsageError(
        f"The examples are missing; they were looked for in {package} and beside it.",
        hint="Install the package from its wheel, or run in a checkout of the repository.",
    )


def read_examples() -> list[TransformationFolder]:
    """Read every example, in the order of their names.

    Raises:
        UsageError: there is none, or one of them is not well formed.
    """
    return [read_folder(path) for path in find_folders(examples_dir())]
