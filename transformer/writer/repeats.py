"""What comes from the stream a second time, because Redis has lost its memory of the first.

The position in the stream applies each settlement once as long as Redis forgets nothing. A Redis
that lost its last second, or was restored or failed over, has events again that were settled and
applied already. They come from events accepted before, and the delivery log knows them: so for a
while after such a change, and never else, it is asked.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from transformer.ids import WorkspaceId
from transformer.settlement import Settlement
from transformer.store.deliveries import read_logged


def without_repeats(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    settlements: Sequence[Settlement],
    accepted_before: str,
) -> list[Settlement]:
    """Leave out the settlements that are in the delivery log, or twice among these.

    A retry is the same delivery on purpose, and is applied once by its own compare-and-set
    (``replays.py``). A replay is another delivery of the same event, so it is known by its delivery's id alone; that
    one which is transformed again counts nothing twice stands in ``replays.py``.

    Args:
        connection: the transaction that moves the position.
        workspace_id: whose settlements.
        settlements: what is to be applied.
        accepted_before: only what was accepted before this moment is looked up.
    """
    asked = [
        settlement.event_id
        for settlement in settlements
        if settlement.accepted_at < accepted_before
    ]
    if not asked:
        return list(settlements)
    logged, originals = read_logged(connection, workspace_id=workspace_id, event_ids=asked)
    kept = []
    for settlement in settlements:
        of = (settlement.event_id, settlement.transformation_id)
        if settlement.is_retry:
            kept.append(settlement)
            continue
        if settlement.delivery_id in logged:
            continue
        if settlement.replay_of is None:
            if of in originals:
                continue
            originals.add(of)
        kept.append(settlement)
    return kept
