"""What a batch adds to the outbox of its workspace's forwards (forward/ sends it).

An operation is forwarded as the code returned it, once it was applied here: the other side knows
the same rules. Two things are changed on the way. A ``braze_id`` is the id of a profile here and
means nothing elsewhere, so the profile's own identifier takes its place. And what a replay or retry
counted before, it does not count again.
"""

from collections.abc import Sequence

import orjson
import structlog
from sqlalchemy import Connection

from transformer.ids import DeliveryId
from transformer.operation import JsonObject, Kind
from transformer.settlement import Settlement
from transformer.store import outbox
from transformer.store.bulk import Parameters
from transformer.store.documents import encoded
from transformer.store.forwards import WAITING
from transformer.store.outbox import THROUGH, Target
from transformer.writer.plan import CatalogStep, LifecycleStep, ProfileStep
from transformer.writer.profile import Profile

_THROUGH_BYTES = THROUGH.encode()
_OBJECT_ADDING = frozenset({"$add", "$remove", "$update"})

_log = structlog.get_logger()


class Outbox:
    """The operations of one batch that are also sent elsewhere.

    Args:
        targets: the forwards of the workspace.
        now: the time of the batch, as the store keeps it.
    """

    def __init__(self, targets: Sequence[Target], *, now: str) -> None:
        self._targets = targets
        self._now = now
        self._rows: list[Parameters] = []
        self._asked: dict[DeliveryId, tuple[int, str]] = {}

    def is_echo(self, settlement: Settlement) -> bool:
        """Say whether a delivery went out through a forward of ours, and came back."""
        through = _through(settlement)
        return any(target.forward_id in through for target in self._targets)

    def note_profile(
        self, settlement: Settlement, step: ProfileStep, profile: Profile | None, *, counting: bool
    ) -> None:
        """Take in an operation that was applied to a profile."""
        described: JsonObject | None = step.object
        if not counting:
            described = without_counts(step.kind, step.object)
        if described is not None and described.get("braze_id") is not None and profile is not None:
            described = _under_own_identifier(described, profile)
        if described is not None:
            subject = "" if profile is None else profile.id
            self._note(settlement, step, subject, described, catalog_name="")

    def note_lifecycle(self, settlement: Settlement, step: LifecycleStep) -> None:
        """Take in an operation that changed who a profile is; it is in order with all others."""
        described = settlement.operations[step.position].object
        self._note(settlement, step, "", described, catalog_name="")

    def note_item(self, settlement: Settlement, step: CatalogStep, *, counting: bool) -> None:
        """Take in an operation that was applied to a catalog item."""
        described = step.object if counting else without_counts(step.kind, step.object)
        if described is not None:
            subject = f"{step.catalog_name}/{step.object['id']}"
            self._note(settlement, step, subject, described, catalog_name=step.catalog_name)

    def write(self, connection: Connection) -> None:
        """Append all of it, in the transaction of the effects."""
        outbox.INSERT_OBJECT.run(connection, self._rows)
        outbox.INSERT_FORWARDING.run(
            connection,
            [
                outbox.forwarding_row(delivery_id, target, count=count, now=self._now)
                for delivery_id, (count, _) in self._asked.items()
                for target in self._targets
            ],
        )
        left_out = sum(count for count, _ in self._asked.values())
        for target in self._targets:
            if target.is_full and left_out:
                _log.warning("forward.full", forward_id=target.forward_id, left_out=left_out)
                outbox.note_left_out(
                    connection, forward_id=target.forward_id, count=left_out, at=self._now
                )

    def _note(
        self,
        settlement: Settlement,
        step: ProfileStep | LifecycleStep | CatalogStep,
        subject: str,
        described: JsonObject,
        *,
        catalog_name: str,
    ) -> None:
        delivery_id = settlement.delivery_id
        count, through = self._asked.get(delivery_id) or (0, _through(settlement))
        self._asked[delivery_id] = (count + 1, through)
        text = encoded(described)
        self._rows += [
            (
                target.forward_id,
                WAITING,
                delivery_id,
                step.position,
                step.kind.value,
                catalog_name,
                subject,
                text,
                through,
            )
            for target in self._targets
            if not target.is_full
        ]


def without_counts(kind: Kind, described: JsonObject) -> JsonObject | None:
    """Give what of an operation is the same however often it is applied; None if that is nothing."""
    match kind:
        case Kind.ATTRIBUTES | Kind.CATALOG_PATCH:
            kept = {name: _without_count(value) for name, value in described.items()}
            return {
                name: value
                for name, value in kept.items()
                if value != {} or value is described[name]
            }
        case Kind.CATALOG_CREATE | Kind.CATALOG_PUT | Kind.CATALOG_DELETE:
            return described
        case Kind.EVENT | Kind.PURCHASE:
            return None
        case (
            Kind.ALIAS_NEW
            | Kind.ALIAS_UPDATE
            | Kind.IDENTIFY
            | Kind.MERGE
            | Kind.RENAME
            | Kind.REMOVE
            | Kind.DELETE
        ):
            return None  # who a profile is was changed once and for all


def _without_count(value: object) -> object:
    if not isinstance(value, dict) or not value:
        return value
    if value.keys() == {"inc"}:
        return {}
    if value.keys() <= _OBJECT_ADDING:
        return {name: held for name, held in value.items() if name != "$add"}
    return value


def _under_own_identifier(described: JsonObject, profile: Profile) -> JsonObject:
    rest = {name: value for name, value in described.items() if name != "braze_id"}
    if profile.external_id is not None:
        return rest | {"external_id": profile.external_id}
    if profile.email is not None:
        return rest | {"email": profile.email}
    if profile.phone is not None:
        return rest | {"phone": profile.phone}
    # Only an alias names it, which is not at hand: the other side refuses it, and that is told.
    return described


def _through(settlement: Settlement) -> str:
    if _THROUGH_BYTES not in settlement.headers:
        return ""
    through = orjson.loads(settlement.headers).get(THROUGH)
    return through if isinstance(through, str) else ""
