"""No secret and no control character of an alert reaches the log."""

from __future__ import annotations

import io

import pytest

from alertwrap.log import Log


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.mark.parametrize("order", [("hunter2", "hunter2-and-more"), ("hunter2-and-more", "hunter2")])
def test_a_secret_that_begins_another_leaves_nothing_of_it(out: io.StringIO, order: tuple[str, str]) -> None:
    log = Log(as_json=False, out=out)
    for secret in order:
        log.bind(alert="a").hide(secret)
    log.info("said", text="<hunter2-and-more>")
    assert "text=<***>" in out.getvalue()


def test_a_secret_across_the_cut_is_masked_whole(out: io.StringIO) -> None:
    log = Log(as_json=True, out=out)
    log.hide("hunter2hunter2")
    log.info("said", text="x" * 3_995 + "hunter2hunter2")
    assert "hun" not in out.getvalue()


def test_the_names_of_fields_are_cleaned_like_their_values(out: io.StringIO) -> None:
    log = Log(as_json=False, out=out)
    log.hide("hunter2hunter2")
    log.write("info", "said", {"\x1b[2Jhunter2hunter2": 1})
    assert "\x1b" not in out.getvalue()
    assert "hunter2" not in out.getvalue()


@pytest.mark.parametrize(
    "said",
    ["-----BEGIN-----", "MIIEvgIBADANBg", r"-----BEGIN-----\nMIIEvgIBADANBg\n-----END-----", r"pass\"word\u00e9"],
)
def test_a_secret_is_masked_line_by_line_and_inside_json(out: io.StringIO, said: str) -> None:
    log = Log(as_json=False, out=out)
    for secret in ("-----BEGIN-----\nMIIEvgIBADANBg\n-----END-----\n", 'pass"wordé'):
        log.hide(secret)
    log.info("said", text=f"<{said}>")
    assert said not in out.getvalue()
    assert "***" in out.getvalue()
