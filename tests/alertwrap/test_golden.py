"""The published protocol: schemas made from the models, golden lines that every implementation can be held against."""

from __future__ import annotations

import base64
import json
from typing import Any

import jsonschema
import pytest

from alertwrap.lines.said import SAID
from alertwrap.lines.schema import schemas
from alertwrap.lines.told import TOLD
from alertwrap.stdout.json_line import Message
from alertwrap.stdout.protocol import Event, Framer, Text, line
from tests.alertwrap.conftest import ROOT, Run, Write
from tests.fakes.server import FakeServer

PROTOCOL = ROOT / "docs" / "protocol"


def golden(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (PROTOCOL / name).read_text("utf-8").splitlines()]


def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads((PROTOCOL / name).read_text("utf-8")))


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_published_schemas_are_those_of_the_models(name: str) -> None:
    text = (PROTOCOL / name).read_text("utf-8")
    assert text == schemas()[name], "python -m alertwrap.lines.schema docs/protocol"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def shown(event: Event) -> dict[str, Any]:
    if isinstance(event, Message):
        return {"message": event.body, **({"flags": list(event.flags)} if event.flags else {})}
    return {"text": event.text} if isinstance(event, Text) else {"malformed": event.reason}


@pytest.mark.parametrize("case", golden("from-alert.ndjson"), ids=lambda case: case["name"])
@pytest.mark.parametrize("cut", ["whole", "byte by byte"])
def test_bytes_become_these_events(case: dict[str, Any], cut: str) -> None:
    raw = base64.b64decode(case["base64"]) if "base64" in case else case["bytes"].encode()
    framer = Framer()
    pieces = [raw] if cut == "whole" else [raw[place : place + 1] for place in range(len(raw))]
    events = [event for piece in pieces for event in framer.feed(piece, 0.0)]
    assert [shown(event) for event in events + framer.end(0.0)] == case["events"]


@pytest.mark.parametrize("said", golden("to-alert.ndjson"), ids=lambda said: said["type"])
def test_golden_lines_to_the_alert_are_what_the_models_say(said: dict[str, Any]) -> None:
    TOLD[said["type"]].model_validate(said)
    validator("to-alert.json").validate(said)
    assert line(said).isascii()


def test_every_type_has_a_golden_line() -> None:
    assert {said["type"] for said in golden("to-alert.ndjson")} == set(TOLD)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ({"title": "a"}, True), ({"key": "k", "status": "resolved", "anything": 1}, True), ({}, False),
        ({"type": "state", "value": None}, True), ({"type": "state"}, False),
        ({"type": "error", "class": "transient", "retry_in": 5}, True), ({"type": "error", "class": "bad"}, False),
        ({"type": "config_error", "rev": 2, "errors": [{"path": "/a", "msg": "b"}]}, True),
        ({"type": "metric", "name": "a-b", "value": 1}, False), ({"type": "reply", "text": "x"}, True),
        ({"type": "reply", "attachments": [{"path": "out/chart.png", "type": "image/png"}]}, True),
        ({"type": "reply", "attachments": [{"path": 7}]}, False),
        ({"type": "reply", "attachments": [{"path": "x"}] * 11}, False),
    ],
    ids=json.dumps,
)  # fmt: skip
def test_the_schema_of_what_an_alert_prints_tells_right_from_wrong(said: dict[str, Any], right: bool) -> None:
    assert validator("from-alert.json").is_valid(said) == right


def test_the_documentation_names_every_type_of_both_directions() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    for kind in {*SAID, *TOLD} - {"run"}:
        assert f"`{kind}`" in text or f'"type": "{kind}"' in text, kind


def test_what_a_real_alert_is_told_is_what_the_schema_says(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put_config("c1", "probe", max=1)
    server.put("vm", "a", {"n": 1})
    server.put("recipient", "u1", {"id": "u1"})
    hello = json.dumps({"type": "hello", "features": ["ack", "delivered", "errors", "ping", "resync", "shutdown"]})
    lines = [hello, '{"seq":1,"title":"x","severity":"purple"}', '{"type":"resync"}']
    with running(write_alert(["talker.py", *lines], watch=["vm"], tick="1s")):
        server.wait(lambda: "synced" in {notice["title"] for notice in server.of("probe")})
        server.put("chat", "a1", {"alert": "probe", "text": "hi", "from": {"recipient": None, "name": "Ann"}})
        server.put("vm", "a", None)
        expected = {"config", "entity", "recipient", "synced", "answer", "tick", "ack", "delivered", "reject", "resync"}
        server.wait(lambda: expected <= {notice["title"] for notice in server.of("probe")})
    told = [json.loads(notice["message"]) for notice in server.of("probe") if "purple" not in notice["message"]]
    for message in told:
        TOLD[message["type"]].model_validate(message)
        validator("to-alert.json").validate(message)
