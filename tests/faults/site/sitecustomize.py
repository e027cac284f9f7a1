"""Loaded by every Python that has this directory on its PYTHONPATH: makes one fault point kill the process.

FAULT_POINT names the point, FAULT_PASS the pass that kills (1 is the first), FAULT_FILE a file that is created just
before, so that the test knows that it was reached. With FAULT_ARMED passes count only once that file exists.
FAULT_VARIANT names a law that this process breaks (see variants.py). The product itself has no such switch.
"""

import os
import signal

import service_kit.faults

_left = int(os.environ.get("FAULT_PASS", "1"))


def _faultpoint(name: str) -> None:
    global _left  # noqa: PLW0603
    if name != os.environ.get("FAULT_POINT") or not os.path.exists(os.environ.get("FAULT_ARMED", "/")):
        return
    _left -= 1
    if _left == 0:
        with open(os.environ["FAULT_FILE"], "w") as file:
            file.write(name)
        os.kill(os.getpid(), signal.SIGSTOP if os.environ.get("FAULT_ACTION") == "stop" else signal.SIGKILL)


if "FAULT_POINT" in os.environ:
    service_kit.faults.faultpoint = _faultpoint

if "FAULT_VARIANT" in os.environ:
    import variants

    variants.install(os.environ["FAULT_VARIANT"])
