"""Figures about ourselves, for Prometheus to scrape: turns, their length, what was missing."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.observability.version import own_version

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Telemetry:
    """Holds the figures in a registry of its own; nothing is global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._count_talk()
        self._count_rooms()
        self._gauge_slack()
        self._gauge_rows()
        self._gauge("info", "Which version runs", ("version",)).labels(own_version()).set(1)

    def _count_talk(self) -> None:
        names = ("agent", "intent", "llm")
        what = "Answers given, by agent, intent and whether a model worded them"
        self.turns = self._counter("turns", what, names)
        self.failures = self._counter("turn_failures", "Turns that ended in an error")
        self.seconds = self._histogram("turn_seconds", "From taking up a message to its answer")
        self.model_calls = self._counter("model_calls", "Calls of a language model")
        self.model_tokens = self._counter(
            "model_tokens", "Tokens a language model used, of prompts and answers"
        )

        what = "Sentences a language model wrote, kept or why dropped"
        self.sentences = self._counter("model_sentences", what, ("outcome",))

    def _count_rooms(self) -> None:
        names = ("system", "kind")
        what = "Answers a system did not give, or that could not be used"
        self.backend_errors = self._counter("backend_errors", what, names)
        self.backend_seconds = self._histogram(
            "backend_seconds", "How long a system took to be read, its failures too", ("system",)
        )

    def _gauge_slack(self) -> None:
        self.sockets = self._gauge("sockets_connected", "Open sockets to Slack")
        self.pong_age = self._gauge(
            "socket_pong_age_seconds", "Age of the oldest last sign of life over all open sockets"
        )
        self.event_age = self._gauge(
            "last_event_age_seconds", "Since Slack last delivered anything; since the start at most"
        )
        self.events_missed = self._counter(
            "events_missed", "Messages found in a channel whose event never came"
        )
        self.ready = self._gauge(
            "ready", "1 when the part was ready at this scrape, else 0", ("part",)
        )

    def _gauge_rows(self) -> None:
        where = ("where",)
        self.waiting = self._gauge("rows_waiting", "Rows not worked off yet", where)
        self.oldest = self._gauge("rows_oldest_seconds", "Age of the oldest of them", where)
        self.cards = self._gauge("cards", "Kill cards, by the state they are in", ("state",))
        self.needs_human = self._gauge(
            "cards_needing_human", "Kill cards of unclear outcome that ask a person to look"
        )
        self.frozen = self._gauge("frozen", "1 while all kills are stopped by the switch")

    @contextmanager
    def turn(self) -> Iterator[Callable[[str, str, bool], None]]:
        """Time a turn, and count it: as failed, or with its agent, intent and whether a model spoke."""
        begun = time.perf_counter()

        def count(agent: str, intent: str, llm: bool) -> None:
            self.seconds.observe(time.perf_counter() - begun)
            self.turns.labels(agent, intent, str(llm).lower()).inc()

        with self.failures.count_exceptions():
            yield count

    def model(self, calls: int, tokens: int) -> None:
        """Count what a language model used."""
        self.model_calls.inc(calls)
        self.model_tokens.inc(tokens)

    def wrote(self, outcomes: Iterable[str]) -> None:
        """Count a model's sentences: `kept`, or why each was dropped."""
        for outcome in outcomes:
            self.sentences.labels(outcome).inc()

    def backend(self, system: str, seconds: float, fault: str | None) -> None:
        """Note that a system was read, how long it took, and the kind of its fault, if any."""
        self.backend_seconds.labels(system).observe(seconds)
        if fault is not None:
            self.backend_errors.labels(system, fault).inc()

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(f"dangjik_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"dangjik_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, labels: tuple[str, ...] = ()) -> Histogram:
        return Histogram(f"dangjik_{name}", what, labels, buckets=BUCKETS, registry=self.registry)
