"""A profile in memory, between its row in the store and the operations that change it."""

from dataclasses import dataclass, field

from transformer.ids import ProfileId, WorkspaceId, new_profile_id
from transformer.operation import JsonObject
from transformer.store.bulk import Parameters
from transformer.store.documents import encoded
from transformer.store.profiles import ProfileRow
from transformer.trail import Places

# What a document holds that is no value of the profile.
APART = frozenset({"order", "deliveries", "places", "earlier", "merged"})


@dataclass(slots=True, eq=False)
class Profile:
    """A profile; changed in place, by :class:`transformer.writer.roster.Roster` alone.

    Args:
        fields: reserved profile fields but for email and phone.
        custom_events: name → ``{"first", "last", "count"}``.
        purchases: product id → ``{"first", "last", "count"}``.
        order: tells apart the profiles that were updated at the same moment; the highest is the
            last.
        stored: whether the store has a row of it.
        deliveries: the trail: who changed it, and with ``places`` who set which value (``trail.py``).
        merged: profiles that went up in this one; their changes are in the log under their ids.
        readdressed: whether email or phone differ from that row.
    """

    id: ProfileId
    external_id: str | None
    email: str | None
    phone: str | None
    created_at: str
    updated_at: str
    fields: JsonObject = field(default_factory=dict)
    custom_attributes: JsonObject = field(default_factory=dict)
    custom_events: dict[str, JsonObject] = field(default_factory=dict)
    purchases: dict[str, JsonObject] = field(default_factory=dict)
    total_revenue: float = 0
    order: int = 0
    stored: bool = False
    readdressed: bool = False
    deliveries: str = ""
    places: Places = field(default_factory=dict)
    earlier: str = ""
    merged: tuple[ProfileId, ...] = ()

    def document(self) -> JsonObject:
        """Give what the profile's row keeps as JSON; parts that are empty are left out."""
        document: JsonObject = {"order": self.order}
        if self.fields:
            document["fields"] = self.fields
        if self.custom_attributes:
            document["custom_attributes"] = self.custom_attributes
        if self.custom_events:
            document["custom_events"] = self.custom_events
        if self.purchases:
            document["purchases"] = self.purchases
            document["total_revenue"] = self.total_revenue
        if self.deliveries:
            document["deliveries"] = self.deliveries
        if self.places:
            document["places"] = self.places
        if self.earlier:
            document["earlier"] = self.earlier
        if self.merged:
            document["merged"] = self.merged
        return document

    def as_new_row(self, workspace_id: WorkspaceId) -> Parameters:
        """Give the values of ``INSERT_PROFILE``."""
        return (
            self.id,
            workspace_id,
            self.external_id,
            self.email,
            self.phone,
            encoded(self.document()),
            self.created_at,
            self.updated_at,
        )

    def as_document_row(self) -> Parameters:
        """Give the values of ``UPDATE_DOCUMENT``."""
        return (encoded(self.document()), self.updated_at, self.id)

    def as_changed_row(self) -> Parameters:
        """Give the values of ``UPDATE_PROFILE``."""
        return (self.email, self.phone, *self.as_document_row())


def new_profile(
    *, now: str, external_id: str | None = None, email: str | None = None, phone: str | None = None
) -> Profile:
    """Make a profile that the store does not know yet."""
    return Profile(
        id=new_profile_id(),
        external_id=external_id,
        email=email,
        phone=phone,
        created_at=now,
        updated_at=now,
    )


def profile_from_row(row: ProfileRow) -> Profile:
    """Read a profile's row."""
    profile_id, external_id, email, phone, document, created_at, updated_at = row
    held = document.get
    return Profile(
        ProfileId(profile_id),
        external_id,
        email,
        phone,
        created_at,
        updated_at,
        held("fields") or {},
        held("custom_attributes") or {},
        held("custom_events") or {},
        held("purchases") or {},
        held("total_revenue") or 0,
        held("order") or 0,
        stored=True,
        deliveries=held("deliveries") or "",
        places=held("places") or {},
        earlier=held("earlier") or "",
        merged=tuple(held("merged") or ()),
    )
