"""How many requests a workspace may send, by group of routes (braze.md §7, second table).

A group's requests share a window, those of all keys of a workspace. The windows of an hour begin with
the hour, as documented; the shorter ones are cut from the clock alike. ``/users/export/ids`` has the
rate of calls that say which fields they want, the only ones that new customers can make.
"""

from typing import NamedTuple


class Rate(NamedTuple):
    """So many requests in so many seconds, for the routes that name this group."""

    group: str
    requests: int
    seconds: int


DEFAULT = Rate("default", 250_000, 3_600)
TRACK = Rate("users.track", 3_000, 3)
TRACK_SYNC = Rate("users.track.sync", 500, 60)
TRACK_BULK = Rate("users.track.bulk", 50, 1)
# Identify, merge, aliases and delete share one.
LIFECYCLE = Rate("users.lifecycle", 20_000, 60)
EXTERNAL_ID_RENAME = Rate("users.external_ids.rename", 1_000, 60)
EXTERNAL_ID_REMOVE = Rate("users.external_ids.remove", 1_000, 60)
EXPORT_IDS = Rate("users.export.ids", 40, 1)
CATALOGS = Rate("catalogs", 50, 60)
CATALOG_FIELDS = Rate("catalogs.fields", 50, 60)
CATALOG_ITEMS = Rate("catalogs.items", 16_000, 60)
CATALOG_ITEM = Rate("catalogs.item", 50, 60)
