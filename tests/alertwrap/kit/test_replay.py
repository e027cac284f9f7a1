"""`record` and `replay`: a session as a file, told again exactly, and what a new program or config would change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alertwrap.cli import main
from tests.alertwrap.conftest import ROOT

BROKEN = ROOT / "tests" / "programs" / "broken"
SECRET = "correct-horse-battery"


def alert(tmp_path: Path, command: Path, *keys: str) -> Path:
    file = tmp_path / f"{command.stem}.toml"
    lines = [f'name = "{command.stem}"', f'command = ["{command}"]', 'watch = ["thing"]', *keys]
    file.write_text("\n".join(lines) + "\n")
    (tmp_path / f"{command.stem}.configs.json").write_text('{"limit": 10}')
    return file


def program(tmp_path: Path, name: str, body: str) -> Path:
    file = tmp_path / name
    head = f"#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, {str(BROKEN)!r})\n"
    file.write_text(f"{head}from base import lines, say, things\n{body}")
    file.chmod(0o755)
    return file


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """What the right alert was told, and said, once."""
    file = alert(tmp_path, BROKEN / "good.py")
    words = ["record", str(file), "--entities", str(BROKEN / "things.ndjson"), "-o", str(tmp_path / "session.ndjson")]
    result = CliRunner().invoke(main, [*words, "--seconds", "3"])
    assert result.exit_code == 0, result.output
    assert re.search(r"told [789] lines", result.output), "all entities; configs may come in line 1 or after it"
    return tmp_path / "session.ndjson"


def replay(*words: object) -> Result:
    result = CliRunner().invoke(main, ["replay", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_a_recording_holds_every_line_of_both_directions_in_order(session: Path) -> None:
    entries = [json.loads(line) for line in session.read_text().splitlines()]
    told = [json.loads(entry["line"])["type"] for entry in entries if entry["dir"] == "in"]
    assert told[:6] == ["config", "entity", "entity", "entity", "entity", "recipient"]
    said = [json.loads(entry["line"]) for entry in entries if entry["dir"] == "out"]
    assert next(line["title"] for line in said if "title" in line) == "Thing Anvil is 12 large"
    assert [entry["t"] for entry in entries] == sorted(entry["t"] for entry in entries)


def test_the_same_alert_says_the_same_however_often_it_is_asked(session: Path, tmp_path: Path) -> None:
    for _ in range(3):
        result = replay(session, "--against", tmp_path / "good.toml")
        assert result.output == "then 4 notices, now 4: 0 new, 0 gone, 0 changed\n"
        assert result.exit_code == 0


def test_a_backtest_of_a_config_names_what_would_no_longer_be_said(session: Path, tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text('{"limit": 28}')
    result = replay(session, "--against", tmp_path / "good.toml", "--configs", tmp_path / "new.json")
    assert result.exit_code == 1
    assert "- gone     info     Thing Anvil is 12 large  key anvil" in result.output
    assert "then 4 notices, now 2: 0 new, 2 gone, 0 changed" in result.output


def test_a_backtest_of_a_program_shows_new_gone_and_changed(session: Path, tmp_path: Path) -> None:
    body = """
for thing in things():
    if thing["key"] == "drum":
        continue
    name = f"{thing['key']}-{thing['data']['size']}"
    severity = "error" if thing["key"] == "cart" else "info"
    title = f"Thing {thing['data']['name']} is {thing['data']['size']} large"
    say(key=thing["key"], id=name, title=title, **({"severity": severity} if severity == "error" else {}))
say(title="That was all")
"""
    new = program(tmp_path, "new.py", body)
    result = replay(session, "--against", new, "--format", "json")
    found: dict[str, Any] = json.loads(result.output)
    shown = [(change["kind"], (change["after"] or change["before"])["title"]) for change in found["changes"]]
    assert shown == [
        ("changed", "Thing Cart is 25 large"), ("new", "That was all"), ("gone", "Thing Drum is 40 large"),
    ]  # fmt: skip
    text = replay(session, "--against", new).output
    assert 'severity: nothing → "error"' in text


def test_secrets_are_masked_wherever_they_turn_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    body = """
for line in lines():
    if line["type"] == "config":
        say(title="my token is " + line["secrets"]["token"])
        print(line["secrets"]["token"], file=sys.stderr, flush=True)
"""
    file = alert(tmp_path, program(tmp_path, "leaky.py", body), 'secrets = { token = "env:TOKEN" }')
    words = ["record", str(file), "-o", str(tmp_path / "session"), "--seconds", "2"]
    assert CliRunner().invoke(main, words).exit_code == 0
    text = (tmp_path / "session").read_text()
    assert "my token is ***" in text
    assert SECRET not in text
    result = replay(tmp_path / "session", "--against", file)
    assert "then 1 notices, now 1" in result.output


def test_a_file_that_is_no_recording_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "session").write_text('{"t": 0, "dir": "in", "line": "{}"}\n{"dir": "sideways"}\n')
    result = replay(tmp_path / "session", "--against", BROKEN / "good.py")
    assert result.exit_code == 78
    assert f"{tmp_path / 'session'}:2: expected" in result.output
