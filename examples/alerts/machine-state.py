#!/usr/bin/env python3
"""Machine state: opens a notice for a machine that should run and does not, and closes it when that is over."""

import json
import sys

severity = "critical"
down = set()  # machines whose notice is open


def say(**notice):
    print(json.dumps(notice), flush=True)


def look(machine, data):
    fell = bool(data) and data["wanted"] == "running" and data["status"] in ("stopped", "crashed")
    if fell == (machine in down):
        return
    (down.add if fell else down.discard)(machine)
    name = data["name"] if data else machine
    how = f"{'is' if data['status'] == 'stopped' else 'has'} {data['status']}" if fell else "is no longer down"
    say(
        key=f"vm:{machine}",
        status="firing" if fell else "resolved",
        severity=severity if fell else "success",
        title=f"Machine {name} {how}",
        message="Nobody asked it to stop." if fell else "",
        entity={"topic": "vm", "key": machine},
        url=data.get("url") if data else None,
    )


say(key="machines-now", severity="info", title="Machine state now: watching the machines of examples/panel")
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "config":
        down |= {opened["key"][3:] for opened in message["open"] if opened["key"].startswith("vm:")}
        severity = next((config["metric"].get("severity", severity) for config in message["configs"]), severity)
    elif message["type"] == "entity":
        look(message["key"], message.get("data"))
