"""External ids that were renamed and still find their profile; phones in one form."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# What people put between digits, and writer/identity.py leaves out from now on.
_SEPARATORS = ("' '", "'-'", "'.'", "'/'", "'('", "')'")


def upgrade() -> None:
    """Add the table, and write each stored phone as it is looked up."""
    op.create_table(
        "deprecated_external_ids",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(987), nullable=False),
        sa.Column("profile_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "external_id", name=op.f("pk_deprecated_external_ids")
        ),
    )
    op.create_index(
        op.f("ix_deprecated_external_ids_profile_id"), "deprecated_external_ids", ["profile_id"]
    )
    written = "phone"
    for separator in _SEPARATORS:
        written = f"replace({written}, {separator}, '')"
    op.execute(f"UPDATE profiles SET phone = {written} WHERE phone <> {written}")  # noqa: S608  # fixed words
