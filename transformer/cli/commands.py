"""What each command takes. What it does stands in the module it imports when it runs.

A command returns its exit status, or None for 0.
"""

# ruff: noqa: PLC0415  # the imports wait for their command, so that --help need not wait for them

import sys
from pathlib import Path
from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")]
Port = Annotated[
    int | None,
    typer.Option(
        help="Port to listen on; 0 takes any free one.", min=0, max=65535, show_default="8000"
    ),
]
Data = Annotated[
    Path | None, typer.Option(help="Data folder.", file_okay=False, show_default=".data")
]
Workers = Annotated[
    int | None, typer.Option(help="Worker processes.", min=1, max=256, show_default="1")
]
Headers = Annotated[
    Path | None, typer.Option(help="The webhook's headers: a JSON object of strings.")
]


def up(host: Host = None, port: Port = None, data: Data = None, workers: Workers = None) -> None:
    """Start everything on this machine.

    An embedded Valkey and SQLite keep everything in the data folder, unless `transformer settings`
    names others. Ctrl-C drains and stops; a second one stops at once.
    """
    from transformer.cli.up import run_up
    from transformer.settings import load_settings

    run_up(load_settings(host=host, port=port, data_dir=data, workers=workers))


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the data in this folder.", file_okay=False)
    ] = None,
) -> int:
    """Send every example through the whole pipeline, and show what came of it."""
    from transformer.cli.demo import run_demo

    return run_demo(keep)


def run(
    code: Annotated[Path, typer.Argument(metavar="CODE.js", help="A transformation's code.")],
    payload: Annotated[Path, typer.Option(help="The webhook's body, as JSON; - reads stdin.")],
    *,
    headers: Headers = None,
    destination: Annotated[
        str, typer.Option(help="track, catalog.put, catalog.patch or catalog.delete.")
    ] = "track",
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="DATA_DIR",
            help="Also say what would change in the store of this data folder, which may be in use; "
            "TRANSFORMER_DATABASE_URL, where it is set, goes first.",
        ),
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option(help="With --against: wsp_….", show_default="the default workspace"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> int:
    """Run code over one payload in the real sandbox; nothing is written."""
    from transformer.cli.run import run_code

    return run_code(
        code,
        payload,
        headers=headers,
        destination=destination,
        against=against,
        workspace=workspace,
        as_json=as_json,
    )


def send(
    url: Annotated[str, typer.Argument(metavar="URL", help="A source's URL.")],
    bodies: Annotated[
        list[Path],
        typer.Argument(metavar="P.json", help="Files, folders of *.json, or - for stdin."),
    ],
    *,
    repeat: Annotated[int, typer.Option(help="Send everything this often.", min=1)] = 1,
    concurrency: Annotated[
        int | None,
        typer.Option(help="Requests at the same time; 8, or with --rate at most 256.", min=1),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            help="Requests a second, on a schedule that waits for no answer; "
            "latency then counts from when each was due.",
            min=0.1,
        ),
    ] = None,
    headers: Headers = None,
) -> int:
    """Send webhooks, and tell how fast and how well they were taken."""
    from transformer.cli.send import send_webhooks

    return send_webhooks(
        url, bodies, repeat=repeat, concurrency=concurrency, rate=rate, headers=headers
    )


def replay(  # noqa: PLR0917 - typer names them
    transformation: Annotated[
        str | None, typer.Option(help="Only those of this one: trf_….")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Only those that are applied, skipped, failed or captured.")
    ] = None,
    error: Annotated[str | None, typer.Option(help="Only those with this error code.")] = None,
    accepted_from: Annotated[
        str | None, typer.Option("--from", help="Accepted then or later; ISO 8601.")
    ] = None,
    accepted_until: Annotated[
        str | None, typer.Option("--until", help="Accepted before; ISO 8601.")
    ] = None,
    text: Annotated[str | None, typer.Option("--q", help="Only those that hold this text.")] = None,
    revision: Annotated[
        str | None,
        typer.Option(help="The revision to run: rev_….", show_default="the published one"),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try failed deliveries again, on their own revision.")
    ] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only tell what would be done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    url: Annotated[
        str | None, typer.Option(help="Where web is.", show_default="host and port of the settings")
    ] = None,
    data: Data = None,
) -> int:
    """Send stored events through their transformations again, as new deliveries."""
    from transformer.cli.replay import Wish, run_replay
    from transformer.settings import load_settings

    given = {
        "transformation": transformation,
        "outcome": outcome,
        "error": error,
        "accepted_from": accepted_from,
        "accepted_until": accepted_until,
        "q": text,
    }
    wish = Wish(
        filter={name: value for name, value in given.items() if value},
        revision=revision,
        retry=retry,
        plan=plan,
        as_json=as_json,
    )
    return run_replay(load_settings(data_dir=data), wish, url=url)


def types(
    destination: Annotated[
        str, typer.Option(help="track, catalog.put, catalog.patch or catalog.delete.")
    ] = "track",
) -> None:
    """Print TypeScript declarations of what code sees and may return."""
    from transformer.cli.types import print_types

    print_types(destination)


def settings() -> None:
    """List the settings: name, value here, meaning."""
    from transformer.cli.settings_table import print_settings

    print_settings()


def doctor(
    only: Annotated[
        str | None,
        typer.Option(help="Run only the attacks that begin so: GROUP/ or GROUP/NAME."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> int:
    """Attack the sandbox on this machine, and look at what protects it and what it needs."""
    from transformer.cli.doctor import run_doctor

    return run_doctor(only=only, as_json=as_json)


def ready(
    role: Annotated[
        str | None, typer.Argument(help="web, worker, writer or scheduler; none: all of them.")
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="It must be there on this host.")] = False,
) -> int:
    """Say which processes live; exit 1 if one is missing. For container probes."""
    from transformer.cli.ready import run_ready
    from transformer.settings import load_settings

    return run_ready(load_settings(), role, here=here)


def web(host: Host = None, port: Port = None, data: Data = None) -> None:
    """Answer HTTP: webhooks, the API and the console."""
    from transformer.processes.web import run_web
    from transformer.settings import load_settings

    run_web(load_settings(host=host, port=port, data_dir=data))


def worker(data: Data = None) -> None:
    """Run customers' code over accepted webhooks."""
    from transformer.processes.worker import run_worker
    from transformer.settings import load_settings

    run_worker(load_settings(data_dir=data))


def writer(data: Data = None) -> None:
    """Apply what the code asked for to profiles and catalogs."""
    from transformer.processes.writer import run_writer
    from transformer.settings import load_settings

    run_writer(load_settings(data_dir=data))


def scheduler(data: Data = None) -> None:
    """Rescue what a crash left behind, and remove what is too old."""
    from transformer.processes.scheduler import run_scheduler
    from transformer.settings import load_settings

    run_scheduler(load_settings(data_dir=data))


def migrate(data: Data = None) -> None:
    """Bring the database to the form that this release needs."""
    from transformer.processes.migrate import run_migrate
    from transformer.settings import load_settings

    run_migrate(load_settings(data_dir=data))


def version() -> None:
    """Print which release this is."""
    from transformer.cli.version import own_version

    sys.stdout.write(f"transformer {own_version()}\n")
