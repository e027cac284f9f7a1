"""The table of event → action, by the virtual clock."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from alertwrap.run.supervision import TABLE, Event, Situation, State, Step, What, decide, meaning
from alertwrap.run.timing import Policy

POLICY = Policy()


class Highest(Random):
    """Chance at its worst: the longest delay."""

    def uniform(self, a: float, b: float) -> float:
        return b


def play(*events: tuple[What, float], start: Situation | None = None) -> list[Step]:
    situation, steps = start or Situation(), []
    for what, at in events:
        step = decide(situation, Event(what, at, "exit code 1", "last words"), POLICY, Highest())
        situation = step.situation
        steps.append(step)
    return steps


@pytest.mark.parametrize(
    ("code", "what"),
    [(0, "completed"), (75, "try_again"), (78, "config_wrong"), (126, "cannot_run"), (127, "cannot_run"),
     (1, "crashed"), (-9, "crashed"), (255, "crashed")],
)  # fmt: skip
def test_exit_codes_mean(code: int, what: What) -> None:
    assert meaning(code) == what


def test_delays_double_up_to_a_minute() -> None:
    gap = 700.0  # far enough apart that it is no loop
    steps = play(*(("crashed", gap * number) for number in range(9)))
    assert [step.start_in for step in steps] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert {step.situation.state for step in steps} == {"BACKOFF"}


def test_the_delay_is_anything_below_the_limit() -> None:
    delays = [decide(Situation(failures=3), Event("crashed", 0), POLICY, Random(n)).start_in or 0 for n in range(200)]
    assert min(delays) < 1
    assert 7 < max(delays) <= 8


def test_five_crashes_in_ten_minutes_are_a_loop_with_one_notice_and_it_is_tried_for_ever() -> None:
    steps = play(*(("crashed", 60.0 * number) for number in range(50)))
    assert [step.situation.state for step in steps[:5]] == ["BACKOFF"] * 4 + ["CRASH_LOOP"]
    assert {step.start_in for step in steps[4:]} == {300.0}
    words = [step.word for step in steps if step.word]
    assert [word.kind for word in words] == ["crash_loop"]
    assert "last words" in words[0].message


@pytest.mark.parametrize("chance", [Highest(), *map(Random, range(20))], ids=["highest", *map(str, range(20))])
def test_in_an_hour_of_crashing_at_once_it_is_started_thirty_times_at_most_and_at_least_twelve(chance: Random) -> None:
    situation, now, starts, words = Situation(), 0.0, 1, []
    while now < 3600:
        step = decide(situation, Event("crashed", now, "exit code 1"), POLICY, chance)
        situation, starts = step.situation, starts + 1
        words += [step.word.kind] if step.word else []
        assert step.start_in is not None, "it never gives up"
        now += step.start_in
    assert 12 <= starts <= 30
    assert words == ["crash_loop"]


def test_a_loop_is_over_when_the_alert_runs_stably_or_completes() -> None:
    looping = play(*(("crashed", 1.0 * number) for number in range(5)))[-1].situation
    for what in ("stable", "completed"):
        (step,) = play((what, 1000.0), start=looping)  # type: ignore[arg-type]
        assert step.word is not None
        assert (step.word.kind, step.word.resolved) == ("recovered", True)
        assert play(("crashed", 1001.0), start=step.situation)[0].start_in == 1.0


def test_completed_runs_again_on_interval_or_when_something_changes() -> None:
    assert decide(Situation("RUNNING"), Event("completed", 0), POLICY, Random(), interval=60).start_in == 60
    assert decide(Situation("RUNNING"), Event("completed", 0), POLICY, Random()).start_in is None
    assert decide(Situation("COMPLETED"), Event("changed", 0), POLICY, Random()).start_in == POLICY.completed_gap


def test_held_is_told_at_once_and_again_every_six_hours_and_only_a_change_starts_it() -> None:
    held, reminded, changed = play(("config_wrong", 0), ("reminder", 6 * 3600), ("changed", 6 * 3600 + 1))
    assert (held.situation.state, held.start_in, held.remind_in) == ("HELD", None, 6 * 3600)
    assert held.word is not None
    assert reminded.word is not None
    assert reminded.remind_in == 6 * 3600
    assert changed.start_in == 0


def test_what_cannot_run_is_tried_every_minute_and_told_once() -> None:
    steps = play(*(("cannot_run", 60.0 * number) for number in range(10)))
    assert {step.start_in for step in steps} == {60.0}
    assert [step.word.kind for step in steps if step.word] == ["alert_down"]


def test_75_waits_and_counts_nothing() -> None:
    (step,) = play(("try_again", 0.0), start=Situation("RUNNING"))
    assert (step.start_in, step.situation.crashes) == (30.0, ())


STATES: list[State] = ["STARTING", "RUNNING", "BACKOFF", "CRASH_LOOP", "HELD", "COMPLETED", "STOPPING", "STOPPED"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("what", list(TABLE))
def test_every_event_has_an_answer_in_every_state_and_stopping_is_for_good(state: State, what: What) -> None:
    step = decide(replace(Situation(), state=state), Event(what, 0.0), POLICY, Random())
    if state in ("STOPPING", "STOPPED"):
        assert step.start_in is None
        assert step.situation.state in ("STOPPING", "STOPPED")
