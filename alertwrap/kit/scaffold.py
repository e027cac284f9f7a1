"""A first alert in a language: a program that works, its file, the schema of its config, its test."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

#: The word in the templates that becomes the alert's name.
_PLACEHOLDER = "MY_ALERT"
_TEMPLATES = Path(__file__).parent / "scaffolds"


@dataclass(frozen=True)
class Language:
    """`command` and `build` are lists of words in which NAME is the alert; the program is `scaffolds/LANGUAGE.tpl`."""

    title: str
    suffix: str
    command: tuple[str, ...]
    needs: str
    build: tuple[str, ...] = ()


_SCRIPT = ("./NAME.EXT",)
#: Small and quick to start; its memory stays where it is.
_JVM = ("java", "-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", ".", "Alert")

LANGUAGES = {
    "bash": Language("Bash", "sh", _SCRIPT, "bash"),
    "sh": Language("POSIX shell", "sh", _SCRIPT, "sh"),
    "python": Language("Python", "py", _SCRIPT, "python3"),
    "node": Language("JavaScript (Node.js)", "js", _SCRIPT, "node"),
    "perl": Language("Perl", "pl", _SCRIPT, "perl"),
    "ruby": Language("Ruby", "rb", _SCRIPT, "ruby"),
    "php": Language("PHP", "php", _SCRIPT, "php"),
    "c": Language("C", "c", ("./NAME",), "cc", ("cc", "-O2", "-o", "NAME", "NAME.c")),
    "go": Language("Go", "go", ("./NAME",), "go", ("go", "build", "-o", "NAME", "NAME.go")),
    "rust": Language("Rust", "rs", ("./NAME",), "rustc", ("rustc", "-O", "-o", "NAME", "NAME.rs")),
    "java": Language("Java", "java", _JVM, "javac", ("javac", "-d", ".", "NAME.java")),
}

#: A line in, a line out: that is how an alert is tested, by anything that can run a program.
_TEST = """#!/bin/sh
# The test of NAME, for your build server too: a line in, a line out, is it what was meant? Then the contract.
set -eu
cd "$(dirname "$0")"
config='{"type":"config","v":1,"rev":1,"configs":[{"id":"c1","metric":{"max":0}}],"state":null,"open":[]}'
said=$(printf '%s\\n' "$config" | COMMAND)
printf '%s\\n' "$said" | alertwrap schema --check -
case $said in *'files, 0 are allowed'*) ;; *) echo "it said: $said" >&2 && exit 1 ;; esac
alertwrap check NAME.toml
"""

_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Files",
    "type": "object",
    "properties": {"max": {"type": "integer", "minimum": 0, "default": 10, "title": "Files that are allowed"}},
    "additionalProperties": False,
}


def scaffold(name: str, lang: str) -> dict[str, str]:
    """File name → text."""
    language = LANGUAGES[lang]
    words = ", ".join(json.dumps(word) for word in filled(language.command, name, language))
    program = (_TEMPLATES / f"{lang}.tpl").read_text("utf-8").replace(_PLACEHOLDER, name)
    build = f"# Build: {' '.join(filled(language.build, name, language))}\n" if language.build else ""
    manifest = (
        f"# Next: `alertwrap dev {name}.toml` shows it at work, `alertwrap check {name}.toml` tries it,\n"
        f"# `alertwrap run {name}.toml` runs it for real.\n{build}"
        f'name = "{name}"\ncommand = [{words}]\ntick = "10s"\nmetric_schema = "{name}.schema.json"\n'
    )
    command = shlex.join(filled(language.command, name, language))
    return {
        f"{name}.{language.suffix}": program,
        f"{name}.toml": manifest,
        f"{name}.schema.json": json.dumps(_SCHEMA, indent=2) + "\n",
        # What `dev` and `check` tell it: with this it has something to say at once.
        f"{name}.configs.json": '{"max": 0}\n',
        f"{name}.test.sh": _TEST.replace("NAME", name).replace("COMMAND", command),
    }


def filled(words: tuple[str, ...], name: str, language: Language) -> list[str]:
    """The words of a command for this alert."""
    return [word.replace("NAME", name).replace("EXT", language.suffix) for word in words]


def write(directory: Path, files: dict[str, str]) -> None:
    """Scripts become executable. Raises FileExistsError before it overwrites anything."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in files:
        if (directory / name).exists():
            raise FileExistsError(str(directory / name))
    for name, text in files.items():
        file = directory / name
        file.write_text(text, "utf-8")
        if text.startswith("#!"):
            file.chmod(0o755)
