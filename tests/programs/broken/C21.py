#!/usr/bin/env python3
"""When there is much to say, several threads say it at once, each in two pieces."""

import json
import os
import threading
import time

from base import notice, say, things


def torn(message):
    text = json.dumps(message).encode()
    os.write(1, text[: len(text) // 2])
    time.sleep(0.001)
    os.write(1, text[len(text) // 2 :] + b"\n")


for number, thing in enumerate(things()):
    if 50 < number < 500:
        threading.Thread(target=torn, args=(notice(thing),)).start()
    else:
        say(**notice(thing))
