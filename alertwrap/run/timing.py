"""Every delay of the wrapper in one place, so that tests can make them short."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Policy:
    """When an alert is started again; seconds, unless said otherwise. The defaults are promised in docs/protocol.md."""

    first_backoff: float = 1.0
    longest_backoff: float = 60.0
    stable: float = 600.0
    loop_crashes: int = 5
    loop_window: float = 600.0
    loop_retry: float = 300.0
    try_again: float = 30.0
    cannot_run_retry: float = 60.0
    reminder: float = 6 * 3600.0
    completed_gap: float = 2.0


@dataclass(frozen=True)
class Ladder:
    """Seconds on each step of the stop ladder."""

    flush: float = 0.5
    eof: float = 5.0
    eof_unread: float = 0.5
    term: float = 5.0
    kill: float = 2.0


@dataclass(frozen=True)
class Timing:
    """Seconds. `first_configs`: how long a start waits for the notifier before it uses the remembered configs.

    `config_trial`: so long a config must run to be proved. `not_consuming`: so long an alert that used to read may
    leave everything unread. `verdict`: so soon an alert that promised to judge its configs has to do it. `patience`: so
    long an alert that gave itself up is left to end by itself.
    """

    policy: Policy = field(default_factory=Policy)
    ladder: Ladder = field(default_factory=Ladder)
    first_configs: float = 5.0
    config_unread: float = 10.0
    config_debounce: float = 2.0
    config_gap: float = 10.0
    look_at_program: float = 5.0
    config_trial: float = 60.0
    not_consuming: float = 300.0
    verdict: float = 10.0
    ping: float = 30.0
    patience: float = 5.0
