"""Logging: one line an event, console or JSON, with secrets cut out at the last moment."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

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
