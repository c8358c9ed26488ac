"""Each process is told to stop and started anew while webhooks pour in: nobody notices."""

import asyncio
import os
import signal
from pathlib import Path

from tests.support.steady_sender import Sent, SteadySender
from tests.support.system import System, running_system
from tests.support.waiting import wait_until

CODE = (
    "return { attributes: [{ external_id: 'all', n: { inc: 1 }, _update_existing_only: false }] };"
)


def test_every_process_is_restarted_under_load_and_nothing_is_lost_or_reset(
    tmp_path: Path,
) -> None:
    """Fails if web closes a connection whose request it has read (``WebhookProtocol.shutdown``)."""
    with running_system(tmp_path / "data", workers=2) as system:
        made = system.make("Restarts", CODE)
        sender = SteadySender(made.url, at_least=5_000, concurrency=32)
        sent = asyncio.run(_send_and_restart(system, sender))

        assert sent.answered_otherwise == []
        assert sent.reset_on_kept == []
        assert len(sent.accepted) + len(sent.reset_on_new) == sender.done
        assert sent.refused_connections > 0  # so web was away, and said so before it took a request
        assert sent.told_to_close > 0
        wait_until("all are applied", lambda: system.count(made) >= len(sent.accepted), within_s=60)
        numbers = [
            row[0]
            for row in system.rows(
                "select json_extract(cast(body as text), '$.number') from events"
                " join deliveries on deliveries.event_id = events.id where transformation_id = ?",
                made.id,
            )
        ]
        # A connection that the kernel had opened and web never saw is reset, and its webhook unheard.
        assert sorted(numbers) == sorted(sent.accepted)
        attributes = system.profile("all")["custom_attributes"]
        assert attributes["n"] == len(sent.accepted)


async def _send_and_restart(system: System, sender: SteadySender) -> Sent:
    sending = asyncio.create_task(sender.run())
    for at, roles in enumerate((["web"], ["worker", "writer", "scheduler"]), start=1):
        enough = at * 1_000
        await asyncio.to_thread(
            wait_until, "some are sent", lambda enough=enough: sender.done > enough, within_s=60
        )
        told = {role: system.instance.pids[role][0] for role in roles}
        for pid in told.values():
            os.kill(pid, signal.SIGTERM)
        await asyncio.to_thread(
            wait_until, "all are back", lambda told=told: _are_back(system, told), within_s=60
        )
    sender.may_end = True
    return await sending


def _are_back(system: System, told: dict[str, int]) -> bool:
    now = system.instance.pids
    return all(pid not in now.get(role, [pid]) for role, pid in told.items())
