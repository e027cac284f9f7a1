"""The rows in order, and how they are run: some at a time, each in a small world of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from alertwrap.kit.codes import Code, codes
from alertwrap.kit.conformance import endings, growth, manners, memory, reading, speech
from alertwrap.kit.conformance.bench import Bench, Finding, Row, skipped
from alertwrap.kit.subject import Subject

ROWS: dict[str, Row] = {
    "C01": speech.c01_first_output,
    "C02": speech.c02_only_the_config,
    "C03": endings.c03_ends_at_the_end_of_stdin,
    "C04": endings.c04_ends_at_term,
    "C05": endings.c05_leaves_nothing_behind,
    "C06": reading.c06_unread_lines,
    "C07": reading.c07_long_line,
    "C08": reading.c08_ignores_the_unknown,
    "C09": speech.c09_nothing_but_json,
    "C10": speech.c10_one_line,
    "C11": speech.c11_round_trip,
    "C12": manners.c12_refuses_a_bad_config,
    "C13": speech.c13_does_not_wait_for_the_end,
    "C14": reading.c14_takes_no_more_than_it_uses,
    "C15": memory.c15_survives_a_kill,
    "C16": memory.c16_state_after_what_it_covers,
    "C17": reading.c17_waits_for_synced,
    "C18": manners.c18_config_verdict,
    "C19": manners.c19_heartbeat,
    "C20": memory.c20_acknowledgements,
    "C21": speech.c21_does_not_tear,
    "C22": manners.c22_stderr,
    "C23": endings.c23_ends_when_nobody_reads,
    "C24": manners.c24_keeps_secrets,
    "C25": growth.c25_memory_stays,
}

#: Rows mostly wait; more at once would make a slow machine look like a slow alert.
AT_ONCE = 4
#: This one measures: it gets the machine to itself.
_ALONE = "C25"


@dataclass(frozen=True)
class Result:
    """One row of the report."""

    code: str
    finding: Finding

    @property
    def meaning(self) -> Code:
        return codes()[self.code]


def check(
    subject: Subject, *, patience: float, load_seconds: float, only: Collection[str] = (), jobs: int = AT_ONCE,
    begun: Callable[[str], None] = lambda _: None,
) -> Iterator[Result]:  # fmt: skip
    """Run the rows, `jobs` at a time; results come in the order of the codes. `begun` hears of each that starts.

    What failed by the clock alone is tried once more when nothing else runs: then it was not the machine.
    """
    wanted = [code for code in ROWS if not only or code in only]
    bench = Bench(subject, patience, load_seconds)

    def one(code: str) -> Result:
        begun(code)
        if bench.baseline.crashed and code != "C01":
            return Result(code, skipped("it crashes: see C01"))
        return Result(code, ROWS[code](bench))

    with ThreadPoolExecutor(jobs) as pool:
        together = {code: pool.submit(one, code) for code in wanted if code != _ALONE}
        for code in wanted:
            result = together[code].result() if code in together else None
            if result is None or result.finding.late:
                wait(together.values())
                bench.alone = True
                result = one(code)
                bench.alone = False
            yield result
