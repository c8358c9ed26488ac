"""The tables, as SQLAlchemy Core knows them; ``migrations/`` makes them, a test compares both.

Times are ISO 8601 texts in UTC with milliseconds (``clock.to_text``): they sort as they read, on
SQLite and PostgreSQL alike. Documents are JSON; PostgreSQL keeps them as JSONB.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Document = JSON().with_variant(JSONB(), "postgresql")

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(250), nullable=False),
    Column("created_at", String(24), nullable=False),
    # How many times as long its turns are, when others wait.
    Column("weight", Integer, nullable=False, server_default="1"),
    # Limits of accepting; none: what the settings say.
    Column("rate_per_s", Integer, nullable=True),
    Column("backlog_limit", Integer, nullable=True),
)

sources = Table(
    "sources",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("name", String(250), nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("created_at", String(24), nullable=False),
    Column("rate_per_s", Integer, nullable=True),
)

transformations = Table(
    "transformations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False, index=True),
    Column("name", String(250), nullable=False),
    Column("destination", String(20), nullable=False),
    Column("draft", Text, nullable=False),
    # No foreign key: the two tables would need each other to exist first.
    Column("published_revision_id", String(40), nullable=True),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("transformation_id", ForeignKey("transformations.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("destination", String(20), nullable=False),
    Column("code", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", String(24), nullable=False),
    UniqueConstraint("transformation_id", "number"),
)

# events and deliveries carry no foreign keys: the writer inserts thousands a second, and what they
# name was checked when the webhook was accepted.
events = Table(
    "events",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("source_id", String(40), nullable=False),
    Column("content_type", String(250), nullable=False),
    Column("headers", Document, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("accepted_at", String(24), nullable=False),
    Index(None, "workspace_id", "accepted_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("transformation_id", String(40), nullable=True),
    Column("revision_id", String(40), nullable=True),
    Column("event_id", String(40), nullable=False),
    Column("state", String(10), nullable=False),
    # The first error's code, so that failures can be counted by kind without opening reports.
    Column("error_code", String(40), nullable=True),
    # How many operations were asked for; where the state is applied, those at a lower position were
    # applied, but for the unapplied ones below.
    Column("operation_count", Integer, nullable=False),
    # {"output", "operations", "errors", "warnings", "console"}, as `run --json` gives them, but for
    # the operations: (kind, path into the output, catalog name).
    Column("report", Document, nullable=False),
    Column("duration_us", Integer, nullable=False),
    Column("accepted_at", String(24), nullable=False),
    Column("applied_at", String(24), nullable=False),
    Column("replay_of", String(40), nullable=True),
    # Which try this is, from 1, and what it was made for: automatic or manual.
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("trigger", String(10), nullable=False, server_default="automatic"),
    # The positions below operation_count that no delivery of the event has applied: 3,5-7.
    Column("unapplied_positions", Text, nullable=True),
    # What the log holds for it: its report, and its event, which a replay shares with another. A
    # retry leaves it as it is.
    Column("bytes", Integer, nullable=False, server_default="0"),
    Index(None, "event_id", "transformation_id"),
    Index(None, "workspace_id", "id"),
    Index(None, "transformation_id", "state", "id"),
)

profiles = Table(
    "profiles",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("external_id", String(987), nullable=True),
    Column("email", Text, nullable=True),
    Column("phone", Text, nullable=True),
    # Everything but the identifiers above and the aliases: see writer/profile.py.
    Column("document", Document, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
    UniqueConstraint("workspace_id", "external_id"),
    Index(None, "workspace_id", "email"),
    Index(None, "workspace_id", "phone"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("alias_label", String(255), primary_key=True),
    Column("alias_name", String(255), primary_key=True),
    Column("profile_id", String(40), nullable=False, index=True),
)

# What a profile's external id was before it was renamed: it still finds the profile.
deprecated_external_ids = Table(
    "deprecated_external_ids",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("external_id", String(987), primary_key=True),
    Column("profile_id", String(40), nullable=False, index=True),
)

catalogs = Table(
    "catalogs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("name", String(250), nullable=False),
    Column("description", String(250), nullable=False),
    # [{"name": …, "type": …, "since": …}], the first one is id; since: see catalog.py, where it is not 0.
    Column("fields", Document, nullable=False),
    # How often its fields were changed.
    Column("edition", Integer, nullable=False),
    # The names of the fields of type string that its selections filter by.
    Column("filtered", Document, nullable=False),
    # Counted by the writer, in the transaction of the effects.
    Column("num_items", Integer, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

# Items hang on their catalog's id: that a catalog is deleted is one row, its items follow in small steps
# (processes/retention.py), and a new catalog of its name begins empty.
catalog_items = Table(
    "catalog_items",
    metadata,
    Column("catalog_id", String(40), primary_key=True),
    Column("item_id", String(250), primary_key=True),
    # The item's fields without its id.
    Column("document", Document, nullable=False),
    # The catalog's edition when it was written.
    Column("edition", Integer, nullable=False),
    Column("updated_at", String(24), nullable=False),
    # {"deliveries", "places"}: see trail.py.
    Column("trail", Document, nullable=True),
)

# Catalogs that are no more, and may still have items.
deleted_catalogs = Table(
    "deleted_catalogs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("deleted_at", String(24), nullable=False),
)

selections = Table(
    "selections",
    metadata,
    Column("catalog_id", String(40), primary_key=True),
    Column("name", String(250), primary_key=True),
    # What was asked for, but for its name.
    Column("document", Document, nullable=False),
    Column("created_at", String(24), nullable=False),
)

# Replays and retries of many deliveries. While one runs, Redis holds the cursor that counts; ours
# follows it (ingest/pump.py). The writer counts what was settled, in the transaction of the effects.
replays = Table(
    "replays",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    # {"filter": …} or {"delivery_ids": […]}
    Column("request", Document, nullable=False),
    Column("revision_id", String(40), nullable=True),
    # The last delivery of the log when it began, and the last one that it has come to.
    Column("until", String(40), nullable=False),
    Column("cursor", String(40), nullable=False),
    Column("found", Integer, nullable=False),
    Column("appended", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("applied", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("captured", Integer, nullable=False),
    # Retries of what was applied, or tried, by then: nothing was done.
    Column("too_late", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
    Index(None, "workspace_id", "id"),
    Index(None, "state", "id"),
)

# What was ever written to a workspace's delivery log, and what was removed: the difference is there.
# Two rows, so that the writer and the pruner never wait for each other's.
log_counts = Table(
    "log_counts",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("deliveries", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

# How long and how large a log is kept where the settings do not decide; 0 MB: any size.
retentions = Table(
    "retentions",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("days", Integer, nullable=True),
    Column("max_mb", Integer, nullable=True),
)

# The types that custom attributes are to have, and the names of which nothing is taken in (rules.py).
forced_types = Table(
    "forced_types",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("type", String(10), nullable=False),
    Column("created_at", String(24), nullable=False),
)

blocked_names = Table(
    "blocked_names",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("kind", String(20), primary_key=True),
    # The event or product of a property, else empty.
    Column("of_name", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("created_at", String(24), nullable=False),
)

# Who may use the REST API (transformer/api_key.py).
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("name", String(250), nullable=False),
    Column("permissions", Document, nullable=False),
    # Addresses and subnets; none: everywhere.
    Column("allowed_ips", Document, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("last_seen_at", String(24), nullable=True),
)

# The last entry of each workspace's outcomes stream whose effects are in this database: written in
# the same transaction as the effects (I6, tests/crash/test_stopped_at_a_point.py). The generation
# says of which life of Redis it is (tests/faults/test_another_redis.py).
positions = Table(
    "positions",
    metadata,
    Column("workspace_id", String(40), primary_key=True),
    Column("position", String(48), nullable=False),
    Column("generation", String(40), nullable=False, server_default=""),
    Column("checked_until", String(24), nullable=False, server_default=""),
)

# The outside APIs that applied operations are also sent to. Those who configure one change the upper
# part, whoever sends (its holder) the lower one, fenced by the epoch.
forwards = Table(
    "forwards",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("workspace_id", String(40), nullable=False),
    Column("name", String(250), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("base_url", Text, nullable=False),
    # The key of the other side: it has to be told there, so it cannot be a hash. No API shows it.
    Column("credential", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
    # Who sends; empty: nobody. Each holder has an epoch of its own, and a beat that grows as it works.
    Column("holder", String(100), nullable=False, server_default=""),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("beat", BigInteger, nullable=False, server_default="0"),
    # The outbox's rows that are on their way now: after a crash nobody knows whether they arrived.
    Column("in_flight", Document, nullable=False, server_default="[]"),
    Column("sent", BigInteger, nullable=False, server_default="0"),
    Column("refused", BigInteger, nullable=False, server_default="0"),
    Column("sent_at", String(24), nullable=True),
    # What keeps it from sending: {"at", "code", "message", "retry_at"}.
    Column("trouble", Document, nullable=True),
    # Operations that found the outbox full, and were not kept for it.
    Column("left_out", BigInteger, nullable=False, server_default="0"),
    Column("left_out_at", String(24), nullable=True),
    Index(None, "workspace_id", "id"),
)

# Applied operations on their way to a forward, in the order in which they were applied.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("forward_id", String(40), nullable=False),
    # waiting, or dead: refused by the other side. What was taken is no longer here.
    Column("state", String(10), nullable=False),
    Column("delivery_id", String(40), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("catalog_name", String(250), nullable=False),
    # The profile or catalog item whose operations must stay in order; empty: all of them.
    Column("subject", Text, nullable=False),
    # Nobody looks inside on the way, so it is text and no document.
    Column("object", Text, nullable=False),
    # The forwards that it came through already, of other instances.
    Column("through", Text, nullable=False),
    # Why it is dead: {"code", "message"}.
    Column("refusal", Document, nullable=True),
    Index(None, "forward_id", "state", "id"),
    # A row's number is never given again: forwards.in_flight names rows.
    sqlite_autoincrement=True,
)

# What became of a delivery on its way to a forward; refusals stand in the outbox.
forwardings = Table(
    "forwardings",
    metadata,
    Column("delivery_id", String(40), primary_key=True),
    Column("forward_id", String(40), primary_key=True),
    Column("asked", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    # Operations that were sent again because a crash hid whether they had arrived.
    Column("sent_again", Integer, nullable=False),
    Column("updated_at", String(24), nullable=False),
)
