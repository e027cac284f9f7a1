"""The kit finds its templates, pages and examples where `pip install` puts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alertwrap.kit.codes import codes
from alertwrap.kit.scaffold import LANGUAGES
from tests.alertwrap.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, installed into a directory. The panel in it is a stub: it has tests of its own."""
    source, site = (tmp_path_factory.mktemp(name) for name in ("source", "site"))
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        if not name.startswith(("ui/", "tests/", "benchmarks/")) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    (source / "notice_center" / "static").mkdir()
    (source / "notice_center" / "static" / "index.html").write_text("a stub")
    _python("-m", "hatchling", "build", "-t", "wheel", cwd=source)
    (wheel,) = (source / "dist").glob("*.whl")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    _python(*pip, "--target", str(site), str(wheel), cwd=source)
    return site


def _python(*words: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def alertwrap(installed: Path, tmp_path: Path) -> Callable[..., str]:
    """The installed command, far from the checkout."""
    environ = {**os.environ, "PYTHONPATH": str(installed)}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "alertwrap", *words]
        done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_is_the_installed_one_that_is_tried(installed: Path) -> None:
    code = "import alertwrap.kit; print(alertwrap.kit.__file__)"
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    where = subprocess.run([sys.executable, "-c", code], env=environ, cwd="/", capture_output=True, text=True)
    assert where.stdout.startswith(str(installed)), where.stderr


def test_it_writes_a_first_alert_in_every_language_and_checks_one(alertwrap: Callable[..., str]) -> None:
    for lang in LANGUAGES:
        assert f"wrote my-{lang}/my-{lang}.{LANGUAGES[lang].suffix}" in alertwrap("new", f"my-{lang}", "--lang", lang)
    assert alertwrap("lint", *(f"my-{lang}/my-{lang}.toml" for lang in LANGUAGES)).startswith("0 findings in 11")
    rows = ("C01", "C02", "C03", "C07", "C15", "C23")
    checked = alertwrap("check", "my-bash/my-bash.toml", *(word for row in rows for word in ("--only", row)))
    assert "6 ok, 0 failed" in checked


def test_it_explains_every_code_and_knows_the_protocol(alertwrap: Callable[..., str]) -> None:
    assert all(name in alertwrap("explain") for name in codes())
    assert "head -n1" in alertwrap("explain", "C14")
    for way in ("from-alert", "to-alert"):
        assert alertwrap("schema", way) == (ROOT / "docs" / "protocol" / f"{way}.json").read_text("utf-8")


def test_the_examples_are_there_and_can_be_run(alertwrap: Callable[..., str], installed: Path) -> None:
    examples = installed / "alertwrap" / "examples" / "alerts"
    assert {file.name for file in (ROOT / "examples" / "alerts").rglob("*") if file.is_file()} <= {
        file.name for file in examples.rglob("*")
    }
    assert "1 ok, 0 failed" in alertwrap("check", str(examples / "disk.toml"), "--only", "C01")
