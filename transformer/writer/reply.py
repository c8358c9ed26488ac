"""What the writer tells whoever waits for a settlement, once its effects are in the store."""

import orjson

from transformer.delivery import Problem
from transformer.errors import Broken
from transformer.queue.replies import Reply
from transformer.settlement import Settlement
from transformer.writer.settle import Settled


def reply_of(settlement: Settlement, settled: Settled) -> Reply:
    """Write the reply: a JSON object with delivery_id, state, applied, errors, warnings, unapplied.

    Errors and warnings are those of the writer: what was found before, the one who waits knows.
    ``unapplied`` are the positions of the operations that were not applied, such as ``0,2-3``.
    """
    if settlement.reply_to is None:
        raise Broken("A settlement that nobody waits for has no reply.")
    told = {
        "delivery_id": settlement.delivery_id,
        "state": settled.state.value,
        "applied": settled.operations,
        "errors": _as_json(settled.errors),
        "warnings": _as_json(settled.warnings),
        "unapplied": settled.unapplied or "",
    }
    return Reply(settlement.reply_to, orjson.dumps(told))


def _as_json(problems: tuple[Problem, ...]) -> list[dict[str, object]]:
    return [problem.as_json() for problem in problems]
