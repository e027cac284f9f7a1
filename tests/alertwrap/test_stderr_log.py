"""stderr is always drained, logged at a bounded rate, and its end is kept."""

from __future__ import annotations

import pytest

from alertwrap.process.stderr_log import BURST, LINE_BYTES, LINES_A_SECOND, TAIL_BYTES, StderrLog


class Heard:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.log = StderrLog(self.lines.append)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_lines_come_whole_however_they_were_cut(heard: Heard) -> None:
    for piece in (b"one\ntw", b"o\r\n\n", b"three"):
        heard.log.feed(piece, 0.0)
    heard.log.end(0.0)
    assert heard.lines == ["one", "two", "three"]


def test_a_line_is_cut_and_its_rest_is_no_line_of_its_own(heard: Heard) -> None:
    for _ in range(10):
        heard.log.feed(b"x" * LINE_BYTES, 0.0)
    heard.log.feed(b"end\nnext\n", 0.0)
    assert [len(line) for line in heard.lines] == [LINE_BYTES, len("next")]


def test_a_flood_is_counted_and_the_count_is_told_when_there_is_room_again(heard: Heard) -> None:
    heard.log.feed(b"flood\n" * 2_000, 0.0)
    assert len(heard.lines) == BURST
    heard.log.feed(b"later\n", 1.0)
    assert heard.lines[-2:] == [f"… {2_000 - int(BURST)} lines suppressed", "later"]
    heard.log.feed(b"flood\n" * 1_000, 2.0)
    assert len(heard.lines) < BURST + 2 + 3 * LINES_A_SECOND


def test_what_was_suppressed_last_is_told_at_the_end(heard: Heard) -> None:
    heard.log.feed(b"flood\n" * (int(BURST) + 7), 0.0)
    heard.log.end(0.0)
    assert heard.lines[-1] == "… 7 lines suppressed"


def test_the_tail_is_the_end_of_it_and_bounded(heard: Heard) -> None:
    for number in range(100):
        heard.log.feed(b"%d" % (number % 10) * 10_000, 0.0)
    heard.log.feed(b"the last word \xff", 0.0)
    assert len(heard.log.tail) <= TAIL_BYTES
    assert heard.log.tail.endswith("the last word \ufffd")
