"""A transformation: the named thing a customer edits, and what its output is for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from transformer.ids import RevisionId, SourceId, TransformationId, WorkspaceId

# A transformation is a page or two; what is longer is a library pasted whole.
MAX_CODE_BYTES = 256 * 1024


class Destination(StrEnum):
    """What a transformation's output is for (braze.md §1.4)."""

    TRACK = "track"
    CATALOG_PUT = "catalog.put"
    CATALOG_PATCH = "catalog.patch"
    CATALOG_DELETE = "catalog.delete"


@dataclass(frozen=True, slots=True)
class Transformation:
    """A draft that is edited, and the revision that new deliveries use.

    ``published_revision_id`` is None until the first publish; webhooks are then captured, not
    transformed.
    """

    id: TransformationId
    workspace_id: WorkspaceId
    source_id: SourceId
    name: str
    destination: Destination
    draft: str
    published_revision_id: RevisionId | None
    created_at: datetime
    updated_at: datetime


def describe_oversize(text: str) -> str:
    """Say how large code is that is larger than code may be; empty if it is not."""
    # Most code is far smaller, whatever its characters are.
    if len(text) <= MAX_CODE_BYTES // 4:
        return ""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size <= MAX_CODE_BYTES:
        return ""
    return f"{size:,} bytes large, but code may have at most {MAX_CODE_BYTES:,}"


STARTER_CODE: dict[Destination, str] = {
    Destination.TRACK: """\
// `payload` is the webhook's body, `headers` its headers. Return what should change.
return {
  attributes: [
    {
      external_id: String(payload.user_id),
      _update_existing_only: false,
    },
  ],
};
""",
    Destination.CATALOG_PUT: """\
// `payload` is the webhook's body. Items are created, or replaced as a whole.
return {
  catalog_name: "products",
  items: [{ id: String(payload.id), name: payload.name }],
};
""",
    Destination.CATALOG_PATCH: """\
// `payload` is the webhook's body. Only the fields given here change.
return {
  catalog_name: "products",
  items: [{ id: String(payload.id), stock: payload.stock }],
};
""",
    Destination.CATALOG_DELETE: """\
// `payload` is the webhook's body. The items with these ids are removed.
return {
  catalog_name: "products",
  items: [{ id: String(payload.id) }],
};
""",
}
