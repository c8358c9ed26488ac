"""The process that brings the database up to date, and ends."""

from transformer.clock import SystemClock
from transformer.settings import Settings
from transformer.store.engine import open_engine, writing
from transformer.store.migrate import migrate
from transformer.store.workspaces import ensure_default_workspace


def run_migrate(settings: Settings) -> None:
    """Bring the database to the newest step, and see to it that there is a workspace."""
    migrate(settings.resolved_database_url())
    engine = open_engine(settings.resolved_database_url())
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=SystemClock().now())
    engine.dispose()
