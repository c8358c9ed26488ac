"""Forwards: outside APIs that applied operations are also sent to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "forwards",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.Column("holder", sa.String(100), nullable=False, server_default=""),
        sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("beat", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("in_flight", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("sent", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("refused", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("sent_at", sa.String(24), nullable=True),
        sa.Column("trouble", DOCUMENT, nullable=True),
        sa.Column("left_out", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("left_out_at", sa.String(24), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwards")),
    )
    op.create_index(op.f("ix_forwards_workspace_id_id"), "forwards", ["workspace_id", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("forward_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("delivery_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("catalog_name", sa.String(250), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("refusal", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_delivery_id"), "outbox", ["delivery_id"])
    op.create_index(op.f("ix_outbox_forward_id_state_id"), "outbox", ["forward_id", "state", "id"])
    op.create_table(
        "forwardings",
        sa.Column("delivery_id", sa.String(40), nullable=False),
        sa.Column("forward_id", sa.String(40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("sent_again", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "forward_id", name=op.f("pk_forwardings")),
    )
