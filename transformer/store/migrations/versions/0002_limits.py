"""Limits of accepting, by source and by workspace, and a workspace's weight."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what is there has no limits of its own, and one share like all others."""
    op.add_column(
        "workspaces", sa.Column("weight", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("workspaces", sa.Column("rate_per_s", sa.Integer(), nullable=True))
    op.add_column("workspaces", sa.Column("backlog_limit", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("rate_per_s", sa.Integer(), nullable=True))
