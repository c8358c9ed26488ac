"""Which deliveries set the fields of catalog items; those of profiles stand in their documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column; who set what is there already is not known."""
    op.add_column("catalog_items", sa.Column("trail", DOCUMENT, nullable=True))
