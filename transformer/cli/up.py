"""`transformer up`: everything on one machine, until it is told to stop."""

import signal
import sys
from types import FrameType

import structlog

from transformer.cli.settings_table import print_setting
from transformer.cli.terminal import notes, own_command, shown_path
from transformer.cli.version import own_version
from transformer.logs import configure_logs
from transformer.settings import Settings, described_settings
from transformer.supervisor import Instance


def run_up(settings: Settings) -> None:
    """Start everything, say when it is ready, and return when it has drained and stopped."""
    configure_logs("supervisor", level=settings.log_level, form=settings.log_format)
    _print_settings(settings)
    instance = Instance(settings, report=structlog.get_logger().info)

    def stop(_number: int, _frame: FrameType | None) -> None:
        instance.request_stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    instance.start()
    if instance.is_ready:
        _print_welcome(instance)
    instance.wait()


def _print_settings(settings: Settings) -> None:
    console = notes()
    console.print(f"transformer {own_version()}", style="bold")
    for name, value, _ in described_settings(settings):
        print_setting(console, f"  {name}", value)


def _print_welcome(instance: Instance) -> None:
    lines = [f"ready {instance.url}"]
    if instance.is_first_start:
        made_by = (
            f"  curl {instance.url}/api/transformations -H 'Content-Type: application/json' \\\n"
            f'    -H "Authorization: Bearer $(cat {shown_path(instance.token_path)})" \\\n'
            '    -d \'{"name": "First", "publish": true}\''
        )
        lines += [
            f"Your API key is in {shown_path(instance.token_path)}.",
            "A first transformation; the answer holds the URL to send webhooks to:",
            made_by,
            f"  {own_command()} send URL payload.json",
            "With the examples in it instead, in a folder of their own:",
            f"  {own_command()} demo --keep examples-data",
            f"  {own_command()} up --data examples-data",
        ]
    # One write: whoever waits for the first line has the others as well.
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
