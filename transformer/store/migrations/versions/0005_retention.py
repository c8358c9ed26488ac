"""Retention of the delivery log by age and by size, and what each log holds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# An event's length on each database; PostgreSQL writes JSONB with a few blanks more than came.
_LENGTHS = {
    "sqlite": ("length(CAST({0} AS BLOB))", "length({0})"),
    "postgresql": ("octet_length({0}::text)", "octet_length({0})"),
}


def upgrade() -> None:
    """Add the columns and tables, and count what is there."""
    op.add_column(
        "deliveries", sa.Column("bytes", sa.Integer(), nullable=False, server_default="0")
    )
    document, raw = _LENGTHS[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE deliveries SET bytes = {document.format('report')} + CASE WHEN replay_of IS NULL"  # noqa: S608  # fixed words
        f" THEN coalesce((SELECT {document.format('events.headers')} + {raw.format('events.body')}"
        " FROM events WHERE events.id = deliveries.event_id), 0) ELSE 0 END"
    )
    op.create_table(
        "log_counts",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("deliveries", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "kind", name=op.f("pk_log_counts")),
    )
    op.execute(
        "INSERT INTO log_counts (workspace_id, kind, deliveries, bytes)"
        " SELECT workspace_id, 'written', count(*), sum(bytes) FROM deliveries GROUP BY workspace_id"
    )
    op.create_table(
        "retentions",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("max_mb", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_retentions")),
    )
    op.drop_index(op.f("ix_events_accepted_at"), table_name="events")
    op.create_index(
        op.f("ix_events_workspace_id_accepted_at"), "events", ["workspace_id", "accepted_at"]
    )
