"""Run by Alembic."""

from msg_sender.tables import metadata
from service_kit.migrations import run

run(metadata)
