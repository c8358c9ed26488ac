"""Which release this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Give the version of the installed package."""
    try:
        return version("transformer")
    except PackageNotFoundError:
        return "not installed"
