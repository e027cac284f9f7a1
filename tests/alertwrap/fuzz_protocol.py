"""Coverage-guided fuzzing of everything that an alert's bytes go through: `python -m tests.alertwrap.fuzz_protocol`.

Whatever the bytes: no exception, bounded memory, the same events however they are cut, and every event ends as a notice
that the notice center's own model takes, or as a dead letter. Options are those of libFuzzer, such as
`-max_total_time=60` and a directory for the corpus.
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports():
    from alertwrap.lines.said import SAID
    from alertwrap.stdout import emission, protocol
    from alertwrap.stdout.json_line import Message
    from wire.notice import Notice


#: Longer than what is kept of a line that is too long, as in production.
MAX_LINE = 2 * protocol.KEPT


def events(data: bytes, size: int, *, text: bool) -> list[protocol.Event]:
    framer = protocol.Framer(text=text, max_line=MAX_LINE)
    found: list[protocol.Event] = []
    for start in range(0, len(data), size):
        found += framer.feed(data[start : start + size], 0.0)
        assert len(framer._rest) <= MAX_LINE + size
    return found + framer.end(0.0)


def one_input(data: bytes) -> None:
    size, text, data = 1 + data[0] % 64 if data else 1, bool(data) and data[0] > 200, data[1:]
    found = events(data, size, text=text)
    assert repr(found) == repr(events(data, 1 << 20, text=text))
    for event in found:
        if isinstance(event, Message) and (event.body.get("type") or "notice") == "notice":
            said = json.loads(emission.emission(event, "fuzz", None).body)
            Notice.model_validate(said)
        elif isinstance(event, Message) and str(event.body["type"]) in SAID:
            _talk(event)


def _talk(event: Message) -> None:
    from pydantic import ValidationError

    try:
        SAID[str(event.body["type"])].model_validate(event.body)
    except ValidationError:
        return


def main() -> None:
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
