"""An alert that asked for the feature `verdict` judges each config line. When it does not, people hear of it."""

from __future__ import annotations

from alertwrap.run.conversation import Conversation
from alertwrap.run.operational import Operational
from alertwrap.stdin.feed import Feed


class AwaitedVerdict:
    """`look` again and again, `came` with each verdict; it says `no_verdict`, and takes it back."""

    def __init__(
        self, alert: str, feed: Feed, conversation: Conversation, operational: Operational, patience: float
    ) -> None:
        self._alert = alert
        self._feed = feed
        self._conversation = conversation
        self._operational = operational
        self._patience = patience
        self._judged = self._asked = 0
        self._due: float | None = None

    def came(self, revision: int) -> None:
        """The alert has judged the config line of this revision."""
        self._judged = max(self._judged, revision)
        if self._judged >= self._feed.config_revision:
            self._operational.over("no_verdict", f"{self._alert} says again what it thinks of its config")

    def look(self, now: float) -> float | None:
        """Say what is to be said; returns when to look again, None when there is nothing to wait for."""
        revision = self._feed.config_revision
        if not self._conversation.wants("verdict") or self._judged >= revision:
            return None
        if self._asked < revision:
            self._asked, self._due = revision, now + self._patience
        if self._due is not None and now >= self._due:
            self._due = None
            title = f"{self._alert} does not say whether its config is right"
            text = f"Expected is `config_ok` or `config_error` with `rev` {revision} within {self._patience:g} s."
            self._operational.say("no_verdict", title, text)
        return self._due
