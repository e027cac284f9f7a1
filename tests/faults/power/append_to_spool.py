"""Says the id of each notice as soon as a spool has accepted it; the spool's file is the only argument."""

import sys
from pathlib import Path

from alertwrap.spool.entries import Emission
from alertwrap.spool.spool import Spool

spool = Spool(Path(sys.argv[1]))
for line in sys.stdin:
    name = line.strip()
    spool.append([Emission(name, '{"title":"t"}')])
    print(name, flush=True)
