"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "aliases",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("alias_label", sa.String(255), nullable=False),
        sa.Column("alias_name", sa.String(255), nullable=False),
        sa.Column("profile_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "alias_label", "alias_name", name=op.f("pk_aliases")
        ),
    )
    op.create_index(op.f("ix_aliases_profile_id"), "aliases", ["profile_id"])
    op.create_table(
        "catalog_items",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("catalog_name", sa.String(250), nullable=False),
        sa.Column("item_id", sa.String(250), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "catalog_name", "item_id", name=op.f("pk_catalog_items")
        ),
    )
    op.create_table(
        "catalogs",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("description", sa.String(250), nullable=False),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_catalogs")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("transformation_id", sa.String(40), nullable=True),
        sa.Column("revision_id", sa.String(40), nullable=True),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("error_code", sa.String(40), nullable=True),
        sa.Column("operation_count", sa.Integer(), nullable=False),
        sa.Column("report", DOCUMENT, nullable=False),
        sa.Column("duration_us", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.String(24), nullable=False),
        sa.Column("applied_at", sa.String(24), nullable=False),
        sa.Column("replay_of", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_event_id_transformation_id"),
        "deliveries",
        ["event_id", "transformation_id"],
    )
    op.create_index(
        op.f("ix_deliveries_transformation_id_state_id"),
        "deliveries",
        ["transformation_id", "state", "id"],
    )
    op.create_index(op.f("ix_deliveries_workspace_id_id"), "deliveries", ["workspace_id", "id"])
    op.create_table(
        "events",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("content_type", sa.String(250), nullable=False),
        sa.Column("headers", DOCUMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_accepted_at"), "events", ["accepted_at"])
    op.create_table(
        "positions",
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("position", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_positions")),
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(987), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint(
            "workspace_id", "external_id", name=op.f("uq_profiles_workspace_id_external_id")
        ),
    )
    op.create_index(op.f("ix_profiles_workspace_id_email"), "profiles", ["workspace_id", "email"])
    op.create_index(op.f("ix_profiles_workspace_id_phone"), "profiles", ["workspace_id", "phone"])
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_sources_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("token", name=op.f("uq_sources_token")),
    )
    op.create_index(op.f("ix_sources_workspace_id"), "sources", ["workspace_id"])
    op.create_table(
        "transformations",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("destination", sa.String(20), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("published_revision_id", sa.String(40), nullable=True),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("updated_at", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_transformations_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_transformations_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transformations")),
    )
    op.create_index(op.f("ix_transformations_source_id"), "transformations", ["source_id"])
    op.create_index(op.f("ix_transformations_workspace_id"), "transformations", ["workspace_id"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("workspace_id", sa.String(40), nullable=False),
        sa.Column("transformation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(20), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["transformation_id"],
            ["transformations.id"],
            name=op.f("fk_revisions_transformation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_revisions_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "transformation_id", "number", name=op.f("uq_revisions_transformation_id_number")
        ),
    )
