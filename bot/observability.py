"""What operators see of the product: logs, metrics and traces, with secrets cut out of them."""

import asyncio
import logging
import re
import sys
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    NoOpTracerProvider,
    Span,
    StatusCode,
    TracerProvider,
    get_current_span,
    set_span_in_context,
)
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot import own_version

# Logs: one line an event, console or JSON, with secrets cut out at the last moment.


REDACTED = "[redacted]"
TOKENS = re.compile(
    r"xox[abeprs]-[\w-]+|xapp-[\w-]+|sk-[\w-]{8,}|tvly-[\w-]+|dj_[\w-]{16,}|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?i:(?<=password=)|(?<=secret=)|(?<=token=)|(?<=key=))[^\s&\"',;]+"
)
NOISY = (
    "aiosqlite",
    "alembic",
    "apscheduler",
    "bm25s",
    "chromadb",
    "httpcore",
    "httpx",
    "mcp",
    "slack_bolt",
    "slack_sdk",
    "uvicorn",
)
SHORTEST_SECRET = 6


class Redactor:
    """Cuts known secret values, and whatever looks like a token, out of text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        return TOKENS.sub(REDACTED, text)

    def value(self, value: Any) -> Any:
        """Return any JSON-like value with its texts cleaned."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self(str(value))


def configure_logs(
    style: Literal["console", "json"] | None, secrets: Iterable[str], level: int = logging.INFO
) -> None:
    """Send structlog's and the standard library's lines to stderr in one shape."""
    style = style or ("console" if sys.stderr.isatty() else "json")
    redact = Redactor(secrets)

    def redacted(
        _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {
            key: item if key.startswith("_") else redact.value(item) for key, item in event.items()
        }

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_quieted)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redacted,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _quieted(record: logging.LogRecord) -> bool:
    """Keep only warnings of the libraries named above, whatever level they set themselves."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in NOISY


# Figures for Prometheus to scrape, and the steps of each turn, timed.


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


Attribute = str | bool | int
TURNS_KEPT = 500
FOLLOWS_WITHIN = 60.0  # seconds; a post that comes later is no part of the turn
EXPORT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Noted:
    """A step that is being timed."""

    span: Span

    def note(self, **attributes: Attribute) -> None:
        """Add attributes, each under our own prefix."""
        for name, value in attributes.items():
            self.span.set_attribute(f"dangjik.{name}", value)


class Spans:
    """Times steps; a step inside another one is its child. Nothing is registered globally."""

    def __init__(
        self, provider: TracerProvider | None = None, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._tracer = (provider or NoOpTracerProvider()).get_tracer("dangjik")
        self._ticks = ticks
        self._turns: OrderedDict[str, tuple[Span, float]] = OrderedDict()

    @contextmanager
    def turn(self, thread: str) -> Iterator[Noted]:
        """Time a whole turn; `thread` finds it again for what comes of it later."""
        with self.step("turn") as noted:
            self._turns[thread] = (noted.span, self._ticks())
            self._turns.move_to_end(thread)
            while len(self._turns) > TURNS_KEPT:
                self._turns.popitem(last=False)
            yield noted

    @contextmanager
    def step(self, name: str, thread: str = "", **attributes: Attribute) -> Iterator[Noted]:
        """Time a step of the turn it runs in, or of the last turn of `thread`."""
        # An exception's message may hold a person's words: only its class is told.
        with self._tracer.start_as_current_span(
            name,
            context=self._parent(thread),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            noted = Noted(span)
            noted.note(**attributes)
            try:
                yield noted
            except BaseException as error:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                raise

    def _parent(self, thread: str) -> Context | None:
        """Return the thread's last turn, unless a span runs already or that turn is long gone."""
        found = self._turns.get(thread)
        if get_current_span() is not INVALID_SPAN or found is None:
            return None
        span, begun = found
        return set_span_in_context(span) if self._ticks() - begun < FOLLOWS_WITHIN else None


@asynccontextmanager
async def open_spans(endpoint: str | None, cluster: str) -> AsyncIterator[Spans]:
    """Send spans to an OTLP collector (gRPC) at `endpoint` until closed; to nobody without one.

    A collector that is down costs nothing but the spans.
    """
    if endpoint is None:
        yield Spans()
        return
    # gRPC and the SDK: the extra `otel`, and 30 MB.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider as Provider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": "dangjik", "dangjik.cluster": cluster})
    provider = Provider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(
        endpoint=endpoint, insecure=not endpoint.startswith("https"), timeout=EXPORT_SECONDS
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Spans(provider)
    finally:
        await asyncio.to_thread(provider.shutdown)
