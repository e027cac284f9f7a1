"""The published schemas are what the code accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from referencing import Registry

from wire.schema import MODELS, schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema"

GOOD: dict[str, dict[str, Any]] = {
    "event": {"topic": "host.load", "key": "web-1", "action": "updated", "data": {"load1": 0.5}},
    "config": {"id": "c1", "name": "disk", "channel": {"email": {"recipients": ["u1"], "after": "15m"}}},
    "notice": {"title": "Disk / is full", "severity": "error", "recipients": ["u1"]},
    "recipient": {"id": "u1", "addresses": {"email": "ann@example.org"}},
    "message": {"channel": "email", "to": "ann@example.org", "title": "Disk / is full"},
}
BAD: dict[str, dict[str, Any]] = {
    "event": {"topic": "host.load", "key": "web-1", "action": "renamed"},
    "config": {"id": "c1", "name": "disk", "enabled": "yes"},
    "notice": {"title": 5},
    "recipient": {"id": "u1", "shoe_size": 44},
    "message": {"channel": "email"},
}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_published_schema_is_the_code_s(name: str) -> None:
    assert (PUBLISHED / name).read_text("utf-8") == schemas()[name], "run: python -m wire.schema docs/schema"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_schema_and_model_agree_about_good_and_bad_examples(model: type[Any]) -> None:
    name = model.__name__.lower()
    schema = Draft202012Validator(json.loads((PUBLISHED / f"{name}.json").read_text("utf-8")), registry=Registry())
    assert schema.is_valid(GOOD[name])
    model.model_validate_json(json.dumps(GOOD[name]))
    assert not schema.is_valid(BAD[name])
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps(BAD[name]))
