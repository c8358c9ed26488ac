"""`transformer types`: declarations for an editor, or for a compiler in CI."""

import sys

from transformer.cli.documents import read_destination
from transformer.schemas.typescript import write_types


def print_types(destination: str) -> None:
    """Print what code for a destination sees and may return, as TypeScript declares it.

    Raises:
        UsageError: there is no such destination.
    """
    sys.stdout.write(write_types(read_destination(destination)))
