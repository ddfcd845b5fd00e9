"""The commands: parse, build, run."""

import argparse
import asyncio
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console
from tzlocal import get_localzone

from bot import app, audit_view, doctor, wiring
from bot.domain.findings import Level
from bot.domain.language import Language
from bot.errors import DangjikError, SettingsError, StartError
from bot.handlers.digest import printed
from bot.logs import Redactor, configure_logs
from bot.retrieval import command as ingest
from bot.sandbox.world import World, begin_incident, open_world
from bot.settings import Settings, load_settings, secrets_of
from bot.storage.audit import Audit
from bot.storage.freeze import SqlFreeze

OK, FAILED, USAGE = 0, 1, 2
INCIDENT_AFTER = 6.0  # seconds: time to open the page
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def main() -> None:
    """Run one command and exit with its code."""
    parser = _parser()
    if sys.argv[1:2] == ["ingest"]:  # has a parser of its own, shared with scripts/ingest.py
        sys.exit(ingest.main(sys.argv[2:]))
    arguments = parser.parse_args()
    if not hasattr(arguments, "command"):
        parser.print_help()
        sys.exit(USAGE)
    sys.exit(_run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    try:
        command: Command = arguments.command
        return asyncio.run(command(arguments))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)  # noqa: T201 - a command talks
        return USAGE
    except (DangjikError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return FAILED
    except KeyboardInterrupt:
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dangjik", description="The on-call engineer in your alert thread."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, what: str, run: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=what, description=what)
        sub.set_defaults(command=run)
        return sub

    command("run", "answer alerts and questions in Slack", _serve)
    demo = command("demo", "the whole product against a local sandbox, no key needed", _demo)
    demo.add_argument("--port", type=int, default=8899, help="port of the page (default 8899)")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page")
    commands.add_parser("ingest", help="index the documents of knowledge/ for the search")
    command(
        "doctor",
        "check tokens, channels, approvers, backends, storage, and say what to fix",
        _doctor,
    )
    digest = command("digest", "post the health digest", _digest)
    digest.add_argument("--now", action="store_true", required=True, help="without waiting")
    digest.add_argument("--dry-run", action="store_true", help="print it instead")
    freeze = command("freeze", "stop all kills at once, whatever was approved", _freeze)
    freeze.add_argument("switch", choices=("on", "off"))
    audit = command("audit", "print the trail of every kill decision", _audit)
    audit.add_argument("--verify", action="store_true", help="check that no entry was changed")
    audit.add_argument("--proposal", help="only this proposal")
    audit.add_argument(
        "--head", action="append", default=[], help="a digest noted outside, e.g. from a card"
    )
    return parser


def _prepared(settings: Settings) -> Settings:
    configure_logs(settings.log_format, secrets_of(settings))
    return settings


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _serve(_: argparse.Namespace) -> int:
    await app.run_until(_stop_signal(), _prepared(load_settings()))
    return OK


async def _demo(arguments: argparse.Namespace) -> int:
    stop = _stop_signal()
    with tempfile.TemporaryDirectory(prefix="dangjik-demo-") as folder:
        async with open_world(arguments.port) as world:
            settings = _demo_settings(world, Path(folder))
            running = asyncio.create_task(app.run_until(stop, _prepared(settings)))
            incident = asyncio.create_task(begin_incident(world, INCIDENT_AFTER))
            _welcome(world.slack.page_url, browse=not arguments.no_browser)
            try:
                await running
            finally:
                incident.cancel()
    return OK


def _demo_settings(world: World, folder: Path) -> Settings:
    """Return the demo's settings: the world's own, and nothing of a `.env` lying around."""
    return load_settings(
        _env_file=None,
        data_dir=folder,
        health_port=0,
        database_url=None,
        log_format="console",
        timezone=str(get_localzone()),
        **world.settings(),
    )


def _welcome(address: str, *, browse: bool) -> None:
    console = Console(stderr=True)
    console.print(f"\n  당직 · Dangjik demo  [bold]{address}[/bold]")
    console.print("  곧 CPU 알람이 올라옵니다. 끝내려면 Ctrl-C.")
    console.print("  A CPU alert will arrive shortly. Ctrl-C ends everything.\n")
    if browse:
        webbrowser.open(address)


async def _digest(arguments: argparse.Namespace) -> int:
    settings = _prepared(load_settings())
    async with app.build(settings) as oncall:
        if oncall.digester is None:
            raise StartError("DIGEST_CHANNEL names no channel for the digest")
        if arguments.dry_run:
            _, words = await oncall.digester.compose()
            print(printed(oncall.digester.language, words))  # noqa: T201
            return OK
        await oncall.digester.post(f"asked:{app.utc_now().isoformat()}")
        await oncall.edge.messenger.stop()
    return OK


async def _doctor(_: argparse.Namespace) -> int:
    settings = _prepared(load_settings())
    checks = await doctor.examine(settings, app.utc_now)
    language = Language.KO if settings.language == "ko" else Language.EN
    print("\n".join(doctor.report(checks, language, Redactor(secrets_of(settings)))))  # noqa: T201
    return FAILED if any(check.level is Level.FAIL for check in checks) else OK


async def _freeze(arguments: argparse.Namespace) -> int:
    on = arguments.switch == "on"
    async with wiring.open_storage(_prepared(load_settings())) as database:
        changed = await SqlFreeze(database, app.utc_now).turn(on=on, actor="cli")
    state = "frozen: no kill will be sent" if on else "not frozen: approved kills are sent"
    print(state if changed else f"already {state}")  # noqa: T201
    return OK


async def _audit(arguments: argparse.Namespace) -> int:
    async with wiring.open_storage(_prepared(load_settings())) as database:
        audit = Audit(database)
        if arguments.verify:
            return audit_view.verified(await audit.verify(arguments.head), Console())
        audit_view.show(await audit.trail(arguments.proposal), Console())
    return OK


if __name__ == "__main__":
    main()
