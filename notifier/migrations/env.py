from notifier.tables import metadata
from service_kit.migrations import run

run(metadata)
