"""How long each step of a turn takes, for whoever collects traces; by default nobody does.

Attributes are names of ours and figures: never a message, a person's name or a secret.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

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

Attribute = str | bool | int
TURNS_KEPT = 500
FOLLOWS_WITHIN = 60.0  # seconds; a post that comes later is no part of the turn
EXPORT_SECONDS = 3


class Noted:
    """A step that is being timed."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def note(self, **attributes: Attribute) -> None:
        """Add attributes, each under our own prefix."""
        for name, value in attributes.items():
            self._span.set_attribute(f"dangjik.{name}", value)


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
        with self._span("turn", None) as span:
            self._turns[thread] = (span, self._ticks())
            self._turns.move_to_end(thread)
            while len(self._turns) > TURNS_KEPT:
                self._turns.popitem(last=False)
            yield Noted(span)

    @contextmanager
    def step(self, name: str, thread: str = "", **attributes: Attribute) -> Iterator[Noted]:
        """Time a step of the turn it runs in, or of the last turn of `thread`."""
        with self._span(name, self._parent(thread)) as span:
            noted = Noted(span)
            noted.note(**attributes)
            yield noted

    def _parent(self, thread: str) -> Context | None:
        """Return the thread's last turn, unless a span runs already or that turn is long gone."""
        found = self._turns.get(thread)
        if get_current_span() is not INVALID_SPAN or found is None:
            return None
        span, begun = found
        return set_span_in_context(span) if self._ticks() - begun < FOLLOWS_WITHIN else None

    @contextmanager
    def _span(self, name: str, parent: Context | None) -> Iterator[Span]:
        # An exception's message may hold a person's words: only its class is told.
        with self._tracer.start_as_current_span(
            name, context=parent, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                raise


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
