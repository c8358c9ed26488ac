"""Which revision new deliveries of a transformation use, kept in memory until a publish."""

from dataclasses import dataclass

from sandbox import Program
from transformer.clock import Clock
from transformer.ids import RevisionId, TransformationId
from transformer.revision import Revision
from transformer.store.engine import Engine, reading
from transformer.store.transformations import read_published, read_revision

_MOST_REVISIONS = 1_000

# Should a publish be stored and its new version not reach Redis, what is kept is at most so old.
_OLDEST_S = 5.0


@dataclass(frozen=True, slots=True)
class Runnable:
    """A revision, ready for the sandbox."""

    revision: Revision
    program: Program


class Revisions:
    """Reads revisions, and forgets which are published when the configuration changes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._read_at = 0.0
        self._version = ""
        self._published: dict[TransformationId, Runnable | None] = {}
        self._by_id: dict[RevisionId, Runnable | None] = {}

    def published(
        self, transformation_id: TransformationId, *, config_version: str
    ) -> Runnable | None:
        """Give the published revision; None if there is none by now.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._clock.monotonic()
        if config_version != self._version or now - self._read_at > _OLDEST_S:
            self._version = config_version
            self._read_at = now
            self._published.clear()
        if transformation_id not in self._published:
            with reading(self._engine) as connection:
                found = read_published(connection, transformation_id=transformation_id)
            self._published[transformation_id] = (
                _runnable(found[1], found[0].name) if found else None
            )
        return self._published[transformation_id]

    def chosen(self, revision_id: RevisionId) -> Runnable | None:
        """Give the revision that a replay asks for; it never changes."""
        if revision_id not in self._by_id:
            if len(self._by_id) >= _MOST_REVISIONS:
                self._by_id.clear()
            with reading(self._engine) as connection:
                found = read_revision(connection, revision_id=revision_id)
            self._by_id[revision_id] = _runnable(found, "") if found else None
        return self._by_id[revision_id]


def _runnable(revision: Revision, name: str) -> Runnable:
    return Runnable(
        revision=revision,
        program=program_of(
            key=revision.id,
            code=revision.code,
            transformation_id=revision.transformation_id,
            name=name,
            revision=revision.number,
        ),
    )


def program_of(
    *, key: str, code: str, transformation_id: TransformationId, name: str, revision: int | None
) -> Program:
    """Give code the context that is the same for all its events."""
    transformation: dict[str, str | int | None] = {
        "id": transformation_id,
        "name": name,
        "revision": revision,
    }
    return Program(key=key, code=code, context={"transformation": transformation})
