"""`notice-center serve`."""

from notice_center.app import open_app
from notice_center.settings import Settings
from service_kit.process import service_command

main = service_command("notice-center", "Decides who hears of a notice, when, and whether they still need to.",
                       Settings, open_app)  # fmt: skip

if __name__ == "__main__":
    main()
