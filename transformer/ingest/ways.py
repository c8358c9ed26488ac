"""Which transformation a delivery goes through again, and why some cannot."""

from collections.abc import Mapping

from transformer.delivery import State
from transformer.event import Event
from transformer.ids import DeliveryId, RevisionId, SourceId, TransformationId
from transformer.replay import ReplayItem, ReplayKind, Selection
from transformer.revision import Revision
from transformer.store.engine import Connection
from transformer.store.replays import Match
from transformer.store.sources import list_sources
from transformer.store.transformations import list_transformations, read_revision

EVENT_GONE = "Its event is no longer kept."
REST_CALL = "It is a call of the REST API, which goes through no transformation; make it again."
NO_REVISION = "It never went through a revision; replay it instead."


class Ways:
    """What a workspace has, as deliveries go through it again."""

    def __init__(
        self, selection: Selection, connection: Connection, revision: Revision | None
    ) -> None:
        workspace_id = selection.workspace_id
        self._kind = selection.kind
        self._revision = revision
        self._source_names: Mapping[SourceId, str] = {
            source.id: source.name for source in list_sources(connection, workspace_id=workspace_id)
        }
        self._transformations = {
            transformation.id: transformation
            for transformation in list_transformations(connection, workspace_id=workspace_id)
        }

    def transformation_of(self, match: Match) -> TransformationId | None:
        """Give the transformation that a delivery would go through."""
        if match.transformation_id is None and self._revision is not None:
            return self._revision.transformation_id
        return match.transformation_id

    def obstacle(self, match: Match) -> str:
        """Say why a delivery cannot go through its transformation again; empty: it can."""
        if self._kind is ReplayKind.RETRY:
            return (
                _rest_call(match)
                or _no_retry(match)
                or self._no_transformation(match.transformation_id)
            )
        transformation_id = self.transformation_of(match)
        reason = _rest_call(match) or self._no_transformation(transformation_id)
        if reason or transformation_id is None:
            return reason
        transformation = self._transformations[transformation_id]
        if self._revision is None:
            published = transformation.published_revision_id is not None
            return "" if published else f"{transformation.name!r} is not published."
        if self._revision.transformation_id != transformation_id:
            return f"The revision is not one of {transformation.name!r}."
        return ""

    def item(
        self,
        match: Match,
        event: Event,
        *,
        payload: bytes,
        replay_of: DeliveryId | None = None,
    ) -> ReplayItem:
        """Make ready what has no obstacle."""
        transformation_id = self.transformation_of(match)
        if transformation_id is None:
            raise ValueError(match)
        is_retry = self._kind is ReplayKind.RETRY
        chosen = self._revision.id if self._revision else None
        return ReplayItem(
            event=event,
            payload=payload,
            source_name=self._source_names.get(event.source_id, ""),
            transformation_id=transformation_id,
            revision_id=match.revision_id if is_retry else chosen,
            replay_of=None if is_retry else replay_of or match.id,
            retry_of=match.id if is_retry else None,
            attempt=match.attempt + 1 if is_retry else 1,
        )

    def revision_for(self, connection: Connection, match: Match) -> Revision | None:
        """Give the revision that a delivery would go through if it did so now."""
        if self._revision is not None:
            return self._revision
        if self._kind is ReplayKind.RETRY:
            wanted = match.revision_id
        else:
            transformation_id = self.transformation_of(match)
            transformation = self._transformations.get(transformation_id or TransformationId(""))
            wanted = transformation.published_revision_id if transformation else None
        return read_revision(connection, revision_id=RevisionId(wanted)) if wanted else None

    def name_of(self, transformation_id: TransformationId) -> str:
        """Give the name of a transformation."""
        return self._transformations[transformation_id].name

    def source_name(self, source_id: SourceId) -> str:
        """Give the name of a source; empty where it is gone."""
        return self._source_names.get(source_id, "")

    def _no_transformation(self, transformation_id: TransformationId | None) -> str:
        if transformation_id is None:
            return "Its source had no transformation; name a revision to run."
        known = transformation_id in self._transformations
        return "" if known else "Its transformation was deleted."


def _rest_call(match: Match) -> str:
    # Else a replay of "all of last week" would run somebody's code on what calls said.
    called = match.transformation_id is None and match.state is not State.CAPTURED
    return REST_CALL if called else ""


def _no_retry(match: Match) -> str:
    if match.state is not State.FAILED:
        return f"Only a failed delivery is tried again; this one is {match.state.value}."
    return "" if match.revision_id else NO_REVISION
