"""Run by service_kit.migrations."""

from notice_center.tables import metadata
from service_kit.migrations import run

run(metadata)
