#!/usr/bin/env python3
"""Floods stdout and stderr at once, and never reads: `flood.py LINES`."""

import os
import sys
import threading

lines = int(sys.argv[1])


def errors():
    for number in range(lines):
        os.write(2, b"e%d %s\n" % (number, b"x" * 200))


thread = threading.Thread(target=errors)
thread.start()
block = []
for number in range(lines):
    block.append(b'{"title":"n%d","id":"f%d"}\n' % (number, number))
    if len(block) == 500 or number == lines - 1:
        text = b"".join(block)
        while text:
            text = text[os.write(1, text) :]
        block = []
thread.join()
