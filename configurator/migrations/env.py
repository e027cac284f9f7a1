"""Run by Alembic."""

from configurator.tables import metadata
from service_kit.migrations import run

run(metadata)
