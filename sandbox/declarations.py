"""Declares for editors and compilers what user code sees beside the language (README.md)."""

from importlib.resources import files


def read_declarations() -> str:
    """Read the declarations, in TypeScript; they go with ``--lib es2024`` and no other library."""
    path = files("sandbox").joinpath("guest", "stdlib", "stdlib.d.ts")
    return path.read_text(encoding="utf-8")
