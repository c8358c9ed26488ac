"""The names of everything we keep in Redis.

A workspace's keys share a hash tag, ``{wsp_…}``, so that they can live together in one slot of a
cluster one day.
"""

from enum import StrEnum

from transformer.ids import ReplayId, SourceId, TransformationId, WorkspaceId

DRAINS = "drains"
CONFIG_VERSION = "config:version"
GENERATION = "generation"
# The last generation whose configuration everybody was told to read anew.
NOTICED = "generation:noticed"
BEATS = "beats"
PROBE = "probe"

# What every stream's name looks like.
STREAMS = ("events:{*", "outcomes:{*")


class DrainKind(StrEnum):
    """What a drain does; also the name of its RQ queue."""

    TRANSFORM = "transform"
    WRITE = "write"


def events_stream(workspace_id: WorkspaceId, transformation_id: TransformationId) -> str:
    """Name the stream of events that wait for a transformation."""
    return f"events:{{{workspace_id}}}:{transformation_id}"


def outcomes_stream(workspace_id: WorkspaceId) -> str:
    """Name the stream of settlements that wait for a workspace's writer."""
    return f"outcomes:{{{workspace_id}}}"


def replay_progress(workspace_id: WorkspaceId, replay_id: ReplayId) -> str:
    """Name the hash that says how far a replay has come."""
    return f"replay:{{{workspace_id}}}:{replay_id}"


def workspace_rate(workspace_id: WorkspaceId) -> str:
    """Name the token bucket of a workspace."""
    return f"rate:{{{workspace_id}}}"


def source_rate(workspace_id: WorkspaceId, source_id: SourceId) -> str:
    """Name the token bucket of a source."""
    return f"rate:{{{workspace_id}}}:{source_id}"


def request_rate(workspace_id: WorkspaceId, group: str) -> str:
    """Name the counter of the REST API's requests that share a rate."""
    return f"rate:{{{workspace_id}}}:rest:{group}"


def replies_of(name: str) -> str:
    """Name the list on which a process of web waits for what the writer has to say."""
    return f"replies:{name}"


def mark_of(stream: str) -> str:
    """Name the mark of a stream: the hash that says which drain owns it."""
    return f"drain:{stream}"


def beat_of(name: str) -> str:
    """Name the last beat of a process, ROLE/INSTANCE."""
    return f"beat:{name}"


def kind_of(stream: str) -> DrainKind:
    """Say which kind of drain empties a stream."""
    return DrainKind.TRANSFORM if stream.startswith("events:") else DrainKind.WRITE


def workspace_of(stream: str) -> WorkspaceId:
    """Read the workspace out of a stream's name."""
    return WorkspaceId(stream.partition("{")[2].partition("}")[0])


def transformation_of(stream: str) -> TransformationId:
    """Read the transformation out of an events stream's name."""
    return TransformationId(stream.rpartition(":")[2])
