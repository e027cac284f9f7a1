"""`alertwrap configs`: a file goes out, is changed, planned and applied, and nobody's change is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2

from tests.cli.test_mistakes import FAILED, run
from tests.story.system import BOOTSTRAP, System, bearer

CONFIG = {"id": "cli", "name": "cli-alert", "metric": {"max": 1}}


def test_a_file_is_exported_changed_planned_and_applied(
    system: System,
    us: dict[str, str],
    tmp_path: Path,
) -> None:
    with httpx2.Client(base_url=system.url, headers=bearer(BOOTSTRAP), timeout=40) as http:
        http.post("/api/v1/configs", json=CONFIG).raise_for_status()
    file = tmp_path / "configs.json"
    assert run("configs", "export", str(file), "--alert", "cli-alert", **us).returncode == 0
    document = json.loads(file.read_text())
    document["configs"][0]["metric"]["max"] = 2
    file.write_text(json.dumps(document))
    planned = run("configs", "plan", str(file), **us)
    assert "changed" in planned.stdout
    assert "/metric/max: 1 → 2" in planned.stdout
    asked = run("configs", "apply", str(file), **us)
    assert asked.returncode == FAILED, "nobody answered"
    assert run("configs", "apply", str(file), "--yes", **us).stderr == "applied\n"
    assert "unchanged" in run("configs", "plan", str(file), **us).stdout


def test_a_refused_item_is_named_and_nothing_is_applied(us: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "configs.json"
    file.write_text(json.dumps({"configs": [CONFIG | {"id": "cli-new"}, {"id": "bad", "name": "no spaces"}]}))
    done = run("configs", "apply", str(file), "--yes", **us)
    assert done.returncode == FAILED
    assert "/name: " in done.stdout
    assert "created" in run("configs", "plan", str(file), **us).stdout


def test_a_file_that_is_not_there_or_no_json_is_said(us: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "configs.json"
    assert "No such file" in run("configs", "plan", str(file), **us).stderr
    file.write_text("{")
    assert "configs.json" in run("configs", "plan", str(file), **us).stderr
