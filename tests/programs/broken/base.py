"""What the broken alerts here have in common: the part of each that is right."""

import json
import sys


def lines():
    """What the alert is told, until its stdin ends."""
    for line in sys.stdin:
        yield json.loads(line)


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def notice(entity):
    """What there is to say of one thing."""
    return {"key": entity["key"], "title": f"Thing {entity['data']['name']} is {entity['data']['size']} large"}


def things():
    """The entities, one by one, as they are told."""
    return (line for line in lines() if line["type"] == "entity" and "data" in line)
