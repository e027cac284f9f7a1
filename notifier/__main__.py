"""`notifier serve`."""

from notifier.app import open_app
from notifier.settings import Settings
from service_kit.process import service_command

main = service_command("notifier", "The one websocket service: entities and their changes.", Settings, open_app)

if __name__ == "__main__":
    main()
