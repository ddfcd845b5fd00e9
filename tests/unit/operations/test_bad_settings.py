"""Wrong settings and broken files: one line that says what to do, never a traceback, no secret."""

import sqlite3
from pathlib import Path

import pytest
import structlog

from bot.errors import SettingsError, StartError
from bot.observability import Redactor
from bot.settings import load_settings, secrets_of
from bot.storage.checkpoints import open_sqlite_checkpoints
from bot.storage.database import open_beside
from bot.storage.open_database import open_database

SECRET = "OtlS3cr3tH"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{SECRET}@127.0.0.1:notaport/x",
        f"postgresql://u:{SECRET}@[::1/x",
        f"mysql://u:{SECRET}@h/x",
        f"://{SECRET}",
    ],
)
async def test_a_malformed_database_address_is_one_line(address: str) -> None:
    """For the start and for the commands beside it."""
    for opening in (open_database(address), open_beside(address).__aenter__()):
        with pytest.raises(StartError) as raised:
            await opening
        assert "DATABASE_URL" in str(raised.value)
        assert SECRET not in str(raised.value)


@pytest.mark.parametrize("address", [f"http://u:{SECRET}@slack/api/", "slack.com/api/"])
def test_a_slack_address_with_a_login_is_one_line(address: str) -> None:
    """Slack's client has the token alone."""
    with pytest.raises(SettingsError) as raised:
        load_settings(_env_file=None, slack_api_url=address)
    (line,) = raised.value.problems
    assert line.startswith("SLACK_API_URL: ")
    assert SECRET not in line


@pytest.mark.parametrize(
    "name",
    [
        "otel_exporter_otlp_endpoint",
        "prometheus_url",
        "alertmanager_url",
        "openai_base_url",
        "tavily_base_url",
        "chroma_url",
        "yarn_url",
        "spark_master_url",
        "database_url",
    ],
)
def test_a_password_within_an_address_is_in_no_log_line(name: str) -> None:
    """In whatever shape a library writes it, as the exporter of traces does without `://`."""
    settings = load_settings(_env_file=None, **{name: f"http://user:{SECRET}%21@host:4317/x"})
    redact = Redactor(secrets_of(settings))
    for line in (f"traces to user:{SECRET}%21@host", f"password {SECRET}!", f"x{SECRET}%21y"):
        assert SECRET not in redact(line)


async def _remembered(path: Path) -> None:
    async with open_sqlite_checkpoints(path):
        pass


@pytest.mark.parametrize("damage", [b"\0" * 100, b"no database at all"])
async def test_a_broken_memory_of_threads_is_put_aside_and_begun_anew(
    tmp_path: Path, damage: bytes
) -> None:
    """Conversations are lost and no approval is; the file is kept, and the log says so."""
    path = tmp_path / "checkpoints.db"
    await _remembered(path)
    path.write_bytes(damage + path.read_bytes()[len(damage) :])
    with structlog.testing.capture_logs() as logs:
        await _remembered(path)
    (told,) = logs
    assert told["event"] == "checkpoints_begun_anew"
    assert (tmp_path / told["kept_as"]).exists()
    assert sqlite3.connect(path).execute("PRAGMA quick_check").fetchone() == ("ok",)


async def test_a_memory_that_cannot_be_opened_is_one_line_and_left_alone(tmp_path: Path) -> None:
    """A directory in its place, or a disk that may not be written to, is no broken file."""
    path = tmp_path / "checkpoints.db"
    path.mkdir()
    with pytest.raises(StartError, match="cannot be used"):
        await _remembered(path)
    assert path.is_dir()
