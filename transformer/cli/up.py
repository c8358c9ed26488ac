"""`transformer up`: everything on one machine, until it is told to stop."""

import signal
import sys
from types import FrameType

import structlog

from transformer.cli.settings_table import print_setting
from transformer.cli.terminal import notes
from transformer.cli.version import own_version
from transformer.logs import configure_logs
from transformer.settings import Settings, described_settings
from transformer.supervisor import Instance


def run_up(settings: Settings) -> None:
    """Start everything, say when it is ready, and return when it has drained and stopped."""
    configure_logs("supervisor")
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
            f"  curl {instance.url}/api/transformations -H 'Content-Type: application/json' "
            f"-H 'Authorization: Bearer {instance.admin_token}' -d '{{\"name\": \"First\"}}'"
        )
        lines += [
            f"Sign in: {instance.url}/?token={instance.admin_token}",
            "First webhook: this makes a transformation and prints its URL; then send to it.",
            made_by,
            "  transformer send URL payload.json",
        ]
    # One write: whoever waits for the first line has the others as well.
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
