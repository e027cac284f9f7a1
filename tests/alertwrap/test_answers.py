"""What people answer to an alert in a chat, and what it replies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import Run, Write
from tests.alertwrap.said import heard, hello, titles
from tests.fakes.server import FakeServer


def chat(server: FakeServer, name: str, alert: str = "probe", **more: Any) -> None:
    server.put("chat", name, {"alert": alert, "channel": "telegram", "chat": "42", "text": f"text of {name}", **more})


def test_answers_come_in_order_each_once_and_only_to_whom_they_concern(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    chat(server, "a1", button="ack")
    chat(server, "b1", alert="another")
    with running(write_alert(["talker.py"])):
        server.wait(lambda: heard(server, "answer"))
        chat(server, "a2")
        chat(server, "a3", **{"from": {"recipient": "ann", "name": "Ann"}})
        server.wait(lambda: len(heard(server, "answer")) == 3)
        assert [line["id"] for line in heard(server, "answer")] == ["a1", "a2", "a3"]
        assert heard(server, "answer")[0]["button"] == "ack"
        assert heard(server, "answer")[2]["from"]["name"] == "Ann"
        server.cut_followers()
        chat(server, "a4")
        server.wait(lambda: len(heard(server, "answer")) == 4)
        assert heard(server, "answer")[3]["id"] == "a4"


def answering(after: str) -> list[str]:
    """Says each answer's id, and then `after` with ID in it; crashes when it hears `crash`."""
    return [
        "bash",
        "-c",
        f"""while read -r l; do case $l in *'"answer"'*) i=$(jq -r .id <<<$l)
    echo '{{"title":"'$i'"}}'; case $l in *crash*) exit 1;; esac; echo '{after}' | sed "s/ID/$i/";; esac; done""",
    ]


@pytest.mark.parametrize("after", ['{"type":"state","value":{"last":"ID"}}', '{"type":"ack","id":"ID"}'],
                         ids=["state", "ack"])  # fmt: skip
def test_an_answer_is_told_again_until_the_alert_has_dealt_with_it(
    server: FakeServer, running: Run, write_alert: Write, after: str
) -> None:
    waits: Callable[[], object] = lambda: "a1" in titles(server)  # noqa: E731
    with running(write_alert(answering(after))) as alert:
        chat(server, "a1")
        server.wait(waits)
        answers = alert.wrapper._answers  # before its first word nobody knows that it has one
        server.wait(lambda: answers.checkpoints and not answers.waiting())
        chat(server, "a2", command="crash")
        server.wait(lambda: titles(server).count("a2") >= 2)
        assert titles(server).count("a1") == 1


def test_an_answer_that_came_while_the_alert_was_away_is_told_at_its_start(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    program = ["jq", "-c", '{title:([.answers[].id]|join(" ")), key: "k"}']
    with running(write_alert(program, stdin="once")) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED" and server.of("probe"))
        chat(server, "a1")
        server.wait(lambda: "a1" in titles(server))


def test_a_reply_goes_to_the_message_sender_into_the_chat_that_asked(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    reply = '{"type":"reply","id":"r","in_reply_to":"ID","text":"on it","buttons":[{"id":"u","label":"Undo"}]}'
    with running(write_alert(answering(reply))):
        chat(server, "a1")
        server.wait(lambda: server.messages)
        (message,) = server.messages
        assert message["id"] == "probe:r"
        assert (message["channel"], message["to"], message["message"]) == ("telegram", "42", "on it")
        assert message["in_reply_to"] == "a1"
        assert message["buttons"] == [{"id": "u", "label": "Undo"}]


def test_a_reply_to_nobody_is_refused_and_said_so(server: FakeServer, running: Run, write_alert: Write) -> None:
    lines = ['{"type":"reply","text":"x"}', '{"type":"reply","text":"x","in_reply_to":"nobody"}']
    with running(write_alert(["talker.py", hello("errors"), *lines])) as alert:
        server.wait(lambda: len(heard(server, "reject")) == 2)
        assert heard(server, "reject")[1]["path"] == "/in_reply_to"
        assert alert.logged("a reply line is refused")
        assert server.messages == []


@pytest.mark.parametrize(("first", "told_again"), [("state", False), ("ack", True)])
def test_of_an_alert_that_acks_its_answers_a_state_says_nothing(
    server: FakeServer, running: Run, write_alert: Write, first: str, told_again: bool
) -> None:
    """It may have read ahead: only who never acks is taken to have dealt with all that it has read."""
    lines = {"state": '{"type":"state","value":1}', "ack": '{"type":"ack","id":"ID"}'}
    script = f"""while read -r l; do case $l in *'"answer"'*) i=$(jq -r .id <<<$l); echo '{{"title":"'$i'"}}'
    if [ $i = a1 ]; then echo '{lines[first]}' | sed "s/ID/$i/"; else echo '{lines["state"]}'; fi;; esac; done"""
    with running(write_alert(["bash", "-c", script])) as alert:
        for name in ("a1", "a2"):
            chat(server, name)
            server.wait(lambda name=name: name in titles(server))  # type: ignore[misc]
        spool = Spool(place_of("probe", alert.data).spool)
        server.wait(lambda: spool.state() == 1 and (told_again or not alert.wrapper._answers.waiting()))
        alert.wrapper.restart()
        server.wait(lambda: alert.wrapper.report.starts == 2)
        chat(server, "a3")
        server.wait(lambda: "a3" in titles(server))
        assert (titles(server).count("a1"), titles(server).count("a2")) == (1, 1 + told_again)
