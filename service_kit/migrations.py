"""Schema migrations: Alembic revisions that ship inside each service's package, run through its API.

A service has `migrations/env.py` (one call of `run`) and `migrations/versions/0001_….py`, numbered in order.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData, text

from service_kit.engine import CannotOpen


def migrate(engine: Engine, migrations: Path) -> None:
    """Bring the schema to the newest revision in `migrations/versions`; does nothing when it is there.

    Raises CannotOpen when the database is newer than this program.
    """
    known = sorted(path.stem.split("_")[0] for path in (migrations / "versions").glob("[0-9]*.py"))
    with engine.connect() as connection:
        exists = engine.dialect.has_table(connection, "alembic_version")
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if exists else None
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise CannotOpen(f"{engine.url.render_as_string()} is at revision {current}, newer than this program knows")
    _upgrade(engine, migrations)


def _upgrade(engine: Engine, migrations: Path) -> None:
    from alembic import command  # noqa: PLC0415 - costs 0.1 s, and most starts have nothing to migrate
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(712604172)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run(metadata: MetaData) -> None:
    """What `migrations/env.py` calls: apply the pending revisions on the connection that `migrate` holds."""
    from alembic import context  # noqa: PLC0415

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
