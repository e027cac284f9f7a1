"""`configurator serve`."""

from __future__ import annotations

from configurator.app import open_app
from configurator.settings import Settings
from service_kit.process import service_command

main = service_command("configurator", "The truth about what operators set.", Settings, open_app)

if __name__ == "__main__":
    main()
