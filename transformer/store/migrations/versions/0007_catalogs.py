"""Catalogs with ids, counted items and selections; items hang on ids and know their edition."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from transformer.ids import new_catalog_id

revision = "0007"
down_revision = "0006"

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make both tables anew and copy the rows; make those of selections and deleted catalogs."""
    _put_aside("catalogs")
    _put_aside("catalog_items")
    catalogs = op.create_table(
        "catalogs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("description", sa.String(250), nullable=False),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("filtered", DOCUMENT, nullable=False),
        sa.Column("num_items", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogs")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_catalogs_workspace_id_name")),
    )
    op.create_table(
        "catalog_items",
        sa.Column("catalog_id", sa.String(40), nullable=False),
        sa.Column("item_id", sa.String(250), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("catalog_id", "item_id", name=op.f("pk_catalog_items")),
    )
    op.create_table(
        "deleted_catalogs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("deleted_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_catalogs")),
    )
    op.create_table(
        "selections",
        sa.Column("catalog_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("catalog_id", "name", name=op.f("pk_selections")),
    )
    _copy(catalogs)
    op.drop_table("catalog_items_before")
    op.drop_table("catalogs_before")


def _put_aside(name: str) -> None:
    op.rename_table(name, f"{name}_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX pk_{name} RENAME TO pk_{name}_before")


def _copy(catalogs: sa.Table) -> None:
    connection = op.get_bind()
    before = sa.table(
        "catalogs_before",
        sa.column("workspace_id"),
        sa.column("name"),
        sa.column("description"),
        sa.column("fields", DOCUMENT),
        sa.column("created_at"),
        sa.column("updated_at"),
    )
    for row in connection.execute(sa.select(before)).mappings().all():
        new = {"id": new_catalog_id(), "edition": 0, "filtered": [], "num_items": 0}
        connection.execute(catalogs.insert(), dict(row) | new)
    op.execute(
        "INSERT INTO catalog_items (catalog_id, item_id, document, edition, updated_at)"
        " SELECT catalogs.id, held.item_id, held.document, 0, held.updated_at"
        " FROM catalog_items_before AS held JOIN catalogs"
        " ON catalogs.workspace_id = held.workspace_id AND catalogs.name = held.catalog_name"
    )
    op.execute(
        "UPDATE catalogs SET num_items ="
        " (SELECT count(*) FROM catalog_items WHERE catalog_id = catalogs.id)"
    )
