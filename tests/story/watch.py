#!/usr/bin/env python3
"""The alert of the story: speaks about every order whose amount is above the config's limit."""

import json
import sys

limit = {}
for line in sys.stdin:
    said = json.loads(line)
    if said["type"] == "config":
        limit = {config["id"]: config["metric"].get("limit", 0) for config in said["configs"]}
        print(json.dumps({"type": "log", "level": "info", "msg": f"limits {limit}"}), flush=True)
    elif said["type"] == "entity" and not said.get("deleted"):
        order = said["data"]
        for config, most in limit.items():
            if order["amount"] > most:
                notice = {
                    "id": f"{said['key']}-{order['amount']}",
                    "config": config,
                    "key": said["key"],
                    "title": f"Order {said['key']} over {order['amount']}",
                    "severity": "warning",
                    "entity": {"topic": said["topic"], "key": said["key"]},
                }
                print(json.dumps(notice), flush=True)
