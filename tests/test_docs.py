"""The pages that are made from the code are what the code makes; the others name only what exists."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import click
import pytest

from alertwrap.cli import COMMANDS
from alertwrap.kit.scaffold import LANGUAGES, scaffold
from alertwrap.reference.__main__ import api_page, openapi, openapi_file, settings_page
from alertwrap.reference.refusals import problems_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
REMAKE = "run: python -m alertwrap.reference docs"


def test_the_settings_page_is_the_code_s() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == settings_page(), REMAKE


def test_every_setting_says_what_it_is() -> None:
    rows = [line.split("|") for line in settings_page().splitlines() if line.startswith("| `ALERTWRAP")]
    assert [row[1].strip() for row in rows if not row[3].strip()] == []


def test_the_problems_page_is_the_code_s() -> None:
    assert (DOCS / "problems.md").read_text("utf-8") == problems_page(), REMAKE


async def test_the_api_pages_are_the_code_s() -> None:
    """The panel's types are made from openapi.json, so they cannot drift from the services either."""
    document = await openapi()
    assert (DOCS / "api.md").read_text("utf-8") == api_page(document), REMAKE
    assert (DOCS / "openapi.json").read_text("utf-8") == openapi_file(document), REMAKE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_docs_exist(page: Path) -> None:
    """`alertwrap WORD` in code, where WORD is a command."""
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", page.read_text("utf-8"), re.DOTALL))
    for word in re.findall(r"(?:^|[\s/`])alertwrap ([a-z][a-z-]*)", code):
        assert word in COMMANDS, f"{page.name} says `alertwrap {word}`"


def test_no_file_names_a_package_registry() -> None:
    """Lock files and scripts work wherever packages come from."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = re.compile(r"(pypi|pythonhosted|npmjs|registry\.npm)\.(org|com)")
    for name in files:
        if name.endswith((".txt", ".json", ".toml", ".md", ".sh", ".yaml", "Makefile", ".lock")):
            assert not hosts.search((ROOT / name).read_text("utf-8", "replace")), name


def test_each_language_has_a_page_and_each_page_is_of_a_language() -> None:
    pages = {file.stem for file in (DOCS / "languages").glob("*.md")} - {"README"}
    assert pages == set(LANGUAGES)
    index = (DOCS / "languages" / "README.md").read_text("utf-8")
    assert all(f"({name}.md)" in index for name in LANGUAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_in_the_docs_exist(page: Path) -> None:
    """`alertwrap COMMAND … --option`: the command has that option."""
    said = r"^(?:\$ )?(?:.*\s|/|`)?alertwrap ([a-z][a-z-]*) (.*)$"
    for line in re.findall(said, page.read_text("utf-8"), re.MULTILINE):
        command = COMMANDS.get(line[0])
        if command is None:
            continue
        module, _, name = command[0].partition(":")
        found = getattr(import_module(module), name)
        subcommands = found.commands.values() if isinstance(found, click.Group) else [found]
        known = {option for one in subcommands for parameter in one.params for option in parameter.opts}
        for option in re.findall(r"(?<=\s)--[a-z-]+", line[1].partition("`")[0].partition("#")[0]):
            assert option in known | {"--help"}, f"{page.name}: alertwrap {line[0]} {option}"


def test_named_tests_exist() -> None:
    """The page about what is promised names where each promise is tested."""
    text = (DOCS / "nothing-lost.md").read_text("utf-8")
    for name in re.findall(r"`(test_\w+\.py)`", text):
        assert (ROOT / "tests" / "alertwrap" / name).exists(), name
    for name in re.findall(r"`(tests/[\w./]+)`", text):
        assert (ROOT / name).exists(), name


def test_the_first_alert_s_page_shows_what_its_files_are() -> None:
    text = (DOCS / "first-alert.md").read_text("utf-8")
    for name in scaffold("my-files", "bash"):
        assert f"| `{name}` |" in text
    for lang in LANGUAGES:
        assert f"`{lang}`" in text
