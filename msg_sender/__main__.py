"""`msg-sender serve`."""

from msg_sender.app import open_app
from msg_sender.settings import Settings
from service_kit.process import service_command

main = service_command("msg-sender", "Gets one text through one channel to one address, surely.", Settings, open_app)

if __name__ == "__main__":
    main()
