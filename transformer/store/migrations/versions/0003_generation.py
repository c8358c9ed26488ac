"""The generation of Redis that a position is of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Let no position of before be of a known generation: what comes next is checked."""
    with op.batch_alter_table("positions") as positions:
        for name, length in (("generation", 40), ("checked_until", 24)):
            positions.add_column(
                sa.Column(name, sa.String(length), nullable=False, server_default="")
            )
