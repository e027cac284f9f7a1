"""The pages that are made from the code are what the code makes; the others name only what exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from alertwrap.cli import COMMANDS
from alertwrap.reference import api_page, settings_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
REMAKE = "run: python -m alertwrap.reference docs"


def test_the_settings_page_is_the_code_s() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == settings_page(), REMAKE


def test_every_setting_says_what_it_is() -> None:
    rows = [line.split("|") for line in settings_page().splitlines() if line.startswith("| `ALERTWRAP")]
    assert [row[1].strip() for row in rows if not row[3].strip()] == []


async def test_the_api_page_is_the_code_s() -> None:
    assert (DOCS / "api.md").read_text("utf-8") == await api_page(), REMAKE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_docs_exist(page: Path) -> None:
    """`alertwrap WORD` in code, where WORD is a command."""
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", page.read_text("utf-8"), re.DOTALL))
    for word in re.findall(r"(?:^|[\s/`])alertwrap ([a-z]+)", code):
        assert word in COMMANDS, f"{page.name} says `alertwrap {word}`"


def test_no_file_names_a_package_registry() -> None:
    """Lock files and scripts work wherever packages come from."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = re.compile(r"(pypi|pythonhosted|npmjs|registry\.npm)\.(org|com)")
    for name in files:
        if name.endswith((".txt", ".json", ".toml", ".md", ".sh", ".yaml", "Makefile", ".lock")):
            assert not hosts.search((ROOT / name).read_text("utf-8", "replace")), name
