"""`alertwrap chaos`: an alert with ids and a checkpoint comes through; one that throws dice for its ids does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alertwrap.cli import main
from tests.alertwrap.conftest import ROOT

BROKEN = ROOT / "tests" / "programs" / "broken"


def chaos(tmp_path: Path, program: str, seconds: float) -> Result:
    file = tmp_path / "probe.toml"
    file.write_text(f'name = "probe"\ncommand = ["{BROKEN / program}"]\nwatch = ["thing"]\n')
    (tmp_path / "probe.configs.json").write_text('{"limit": 10}')
    (tmp_path / "probe.entities.ndjson").write_text((BROKEN / "things.ndjson").read_text())
    result = CliRunner().invoke(main, ["chaos", str(file), "--seconds", str(seconds), "--seed", "3", "--copies", "20"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.mark.slow
def test_an_alert_with_ids_and_a_checkpoint_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    result = chaos(tmp_path, "good.py", 8)
    assert result.output.endswith("nothing was lost\n"), result.output
    assert "84 notices arrived" in result.output
    assert "kills of the" in result.output
    assert result.exit_code == 0


@pytest.mark.slow
def test_another_id_for_the_same_is_found(tmp_path: Path) -> None:
    result = chaos(tmp_path, "C15.py", 8)
    assert "the same again under another id: 'Thing " in result.output
    assert result.exit_code == 1
