"""Thousands of inputs of coverage-guided fuzzing with every test run; by hand it runs as long as you like."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alertwrap.conftest import ROOT
from tests.conftest import missing

#: A count, and not a time: a busy machine tries as much as an idle one.
RUNS = 10_000


@pytest.mark.slow
def test_the_fuzzer_finds_nothing_in_thousands_of_inputs(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        if sys.version_info < (3, 12) and sys.platform == "linux":
            missing("atheris, which requirements/dev.txt has for this Python")
        pytest.skip("atheris is not made for this Python, or this system")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, text in enumerate((ROOT / "docs" / "protocol" / "from-alert.ndjson").read_text("utf-8").splitlines()):
        case = json.loads(text)
        raw = base64.b64decode(case["base64"]) if "base64" in case else case["bytes"].encode()
        (corpus / str(number)).write_bytes(b"\x07" + raw)
    options = [f"-runs={RUNS}", "-rss_limit_mb=1024", f"-artifact_prefix={tmp_path}/", str(corpus)]
    command = [sys.executable, "-m", "tests.alertwrap.fuzz_protocol", *options]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"Done {RUNS} runs" in result.stderr
