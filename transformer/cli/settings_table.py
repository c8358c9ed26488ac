"""`transformer settings`: every setting with its value here, secrets masked."""

from rich.console import Console

from transformer.cli.terminal import results
from transformer.settings import described_settings, load_settings


def print_settings() -> None:
    """List the settings: name, value here, meaning."""
    console = results()
    for name, value, description in described_settings(load_settings()):
        print_setting(console, name, value)
        console.print(f"    {description}", style="dim", markup=False, soft_wrap=True)


def print_setting(console: Console, name: str, value: str) -> None:
    """Write one setting on one line."""
    console.print(f"{name:<34}{value or '-'}", markup=False, soft_wrap=True)
