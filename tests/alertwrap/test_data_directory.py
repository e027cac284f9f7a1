"""The token of a data directory."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alertwrap.up.data_directory import DataDirectory


def test_the_token_is_made_once_for_its_owner_only_and_leaves_no_draft(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    token = directory.bootstrap().get_secret_value()
    assert token
    assert DataDirectory(tmp_path).bootstrap().get_secret_value() == token
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in tmp_path.iterdir()] == [("token", 0o600)]


def test_an_empty_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    with pytest.raises(PermissionError, match="empty"):
        DataDirectory(tmp_path).bootstrap()
