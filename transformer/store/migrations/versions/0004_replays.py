"""Replays as records, and deliveries that can be tried again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTS = ("found", "appended", "refused", "repeated")
SETTLED = ("applied", "skipped", "failed", "captured", "too_late")


def upgrade() -> None:
    """Make the table of replays, and note on a delivery its attempt and what it left undone."""
    op.add_column(
        "deliveries", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column(
        "deliveries",
        sa.Column("trigger", sa.String(10), nullable=False, server_default="automatic"),
    )
    op.add_column("deliveries", sa.Column("unapplied_positions", sa.Text(), nullable=True))
    op.create_table(
        "replays",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("revision_id", sa.String(40), nullable=True),
        sa.Column("until", sa.String(40), nullable=False),
        sa.Column("cursor", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*COUNTS, *SETTLED)),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_workspace_id_id"), "replays", ["workspace_id", "id"])
    op.create_index(op.f("ix_replays_state_id"), "replays", ["state", "id"])
