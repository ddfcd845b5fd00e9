"""The command line: parses, runs a command, and turns its end into an exit code.

A command imports its rooms when it runs: `--help` waits for none.
"""

import argparse
import asyncio
import gc
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.language import Language, Text
from bot.errors import DangjikError, SettingsError, StartError

if TYPE_CHECKING:  # each of these takes a while to import
    from rich.table import Table

    from bot.domain.trail import AuditEntry
    from bot.sandbox.world import World
    from bot.settings import Settings

OK, FAILED, USAGE = 0, 1, 2
INCIDENT_AFTER = 6.0  # seconds: time to open the page
API_PORT = 8765  # of `api`, where none is set
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]
FROZEN = {  # by the switch, and whether it moved
    (True, True): Text(
        ko="동결했습니다. 승인된 것도 종료하지 않습니다.",
        en="frozen: no kill will be sent, whatever was approved",
    ),
    (True, False): Text(
        ko="이미 동결되어 있습니다. 승인된 것도 종료하지 않습니다.",
        en="already frozen: no kill will be sent, whatever was approved",
    ),
    (False, True): Text(
        ko="동결을 풀었습니다. 승인된 종료를 실행합니다.",
        en="not frozen any more: approved kills are sent",
    ),
    (False, False): Text(
        ko="동결되어 있지 않습니다. 승인된 종료를 실행합니다.",
        en="was not frozen: approved kills are sent",
    ),
}
TRAIL_HEADS = Text(
    ko="#|시각 (UTC)|제안|일|사람|내용|head",
    en="#|when (UTC)|proposal|what|who|detail|head",
)
TRAIL_EMPTY = Text(ko="기록이 없습니다.", en="The trail is empty.")
TRAIL_SOUND = Text(ko="기록 {rows}건, 바뀐 것 없음.", en="{rows} entries, unchanged.")
TRAIL_BROKEN = Text(
    ko="기록 {rows}건, 문제 {problems}건. 이 데이터베이스를 보존하고 백업과 대조하세요.",
    en="{rows} entries, {problems} problems. Keep this database and compare it with a backup.",
)


async def run(_: argparse.Namespace) -> int:
    """Answer in Slack until told to stop."""
    gc.disable()  # nothing that an import makes is ever garbage: to look for some takes its time
    from bot import app

    gc.freeze()
    gc.enable()
    await app.run_until(_stop_signal(), _prepared())
    return OK


async def api(arguments: argparse.Namespace) -> int:
    """Serve the core without Slack until told to stop; or add a token for a caller."""
    if arguments.add_token:
        from bot.api.tokens import add_token
        from bot.settings import load_settings

        _say(add_token(load_settings().tokens_file, arguments.add_token))
        return OK
    from bot import app

    settings = _prepared()
    served = settings.model_copy(update={"api_port": settings.api_port or API_PORT})
    await app.run_until(_stop_signal(), served, slack=False)
    return OK


async def mcp(arguments: argparse.Namespace) -> int:
    """Speak MCP on stdio for a desktop client until it hangs up."""
    from bot.settings import load_settings

    settings = load_settings()
    if settings.gateway_token is None:
        raise StartError(
            "GATEWAY_TOKEN is needed: python -m bot api --add-token NAME:read makes one"
        )
    try:
        from bot.api.stdio import serve_stdio
    except ModuleNotFoundError as error:
        raise StartError(f"mcp needs the extra: pip install 'dangjik[api]' ({error})") from None
    _with_logs(settings)
    await serve_stdio(arguments.api, settings.gateway_token.get_secret_value())
    return OK


async def console(arguments: argparse.Namespace) -> int:
    """Serve the web console until told to stop; or let somebody sign in."""
    try:
        from bot.console.door import LOOPBACK, PeopleError, add_member
        from bot.console.server import Console, Place
    except ModuleNotFoundError as error:
        raise StartError(
            f"the console needs the extra: pip install 'dangjik[console]' (no module {error.name})"
        ) from None
    from bot.settings import load_settings

    settings = load_settings()
    members = Path(arguments.users or settings.console_users)
    port = settings.console_port if arguments.port is None else arguments.port
    header = arguments.user_header
    try:
        if arguments.add_user:
            add_member(members, arguments.add_user, *_asked_for("password: ", "gateway token: "))
            return OK
        place = Place(
            arguments.api or f"http://127.0.0.1:{settings.api_port or API_PORT}",
            members,
            host=arguments.host,
            port=port,
            names=tuple(arguments.name),
            header=(settings.console_auth_header or "") if header is None else header,
            proxies=tuple(arguments.proxy or LOOPBACK),
        )
        served = Console(place)
    except PeopleError as error:
        raise StartError(str(error)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(f"port {port} cannot be used: {reason}") from None
    _say(f"console: {served.address}")
    await served.run(_stop_signal())
    return OK


def _asked_for(*prompts: str) -> list[str]:
    """Return what is typed, unseen; from a pipe a line for each."""
    import getpass

    if sys.stdin.isatty():
        return [getpass.getpass(prompt) for prompt in prompts]
    return [sys.stdin.readline().rstrip("\n") for _ in prompts]


async def demo(arguments: argparse.Namespace) -> int:
    """Run the product against the sandbox until told to stop."""
    from bot import app
    from bot.sandbox.world import begin_incident, open_world

    stop, console = _stop_signal(), None
    with tempfile.TemporaryDirectory(prefix="dangjik-demo-") as folder:
        async with open_world(arguments.port) as world:
            home = Path(folder)
            settings = _with_logs(_demo_settings(world, home))
            if arguments.console:
                settings = settings.model_copy(update={"api_port": arguments.console + 1})
                console = await _demo_console(arguments.console, home, settings.approvers[0])
            running = asyncio.create_task(app.run_until(stop, settings))
            incident = asyncio.create_task(begin_incident(world, INCIDENT_AFTER))
            _welcome(world.slack.page_url, browse=not arguments.no_browser)
            try:
                await running
            finally:
                incident.cancel()
                if console is not None and console.returncode is None:
                    console.terminate()
                    await console.wait()
    return OK


async def _demo_console(port: int, home: Path, approver: str) -> asyncio.subprocess.Process:
    """Start the console in front of the demo's API, with one approver who may sign in."""
    import secrets

    from rich.console import Console

    from bot.api.tokens import add_token
    from bot.console.door import add_member

    members, password = home / "console-users", secrets.token_urlsafe(9)
    token = add_token(home / "api-tokens", f"oncall:read,talk,propose,decide:{approver}")
    add_member(members, "oncall", password, token)
    Console(stderr=True).print(
        f"\n  콘솔 · console  [bold]http://127.0.0.1:{port}/[/bold]  oncall / {password}"
    )
    options = ("--api", f"http://127.0.0.1:{port + 1}", "--users", str(members), "--user-header=")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "console", *options, "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,  # its address is told already
    )


def ingest(arguments: Sequence[str]) -> int:
    """Index the documents."""
    from bot.retrieval.index import main

    return main(arguments)


async def digest(arguments: argparse.Namespace) -> int:
    """Post the digest of now, or print it."""
    from bot import app
    from bot.handlers.views.answer import printed

    async with app.build(_prepared(), beside=True) as oncall:
        if oncall.digester is None:
            raise StartError("DIGEST_CHANNEL names no channel for the digest")
        if arguments.dry_run:
            writer = oncall.digester.writer
            _, words = await writer.compose()
            _say(printed(writer.manner.language, words))
            return OK
        await oncall.digester.post(f"asked:{_now().isoformat()}")
        await oncall.edge.send_due()
    return OK


async def doctor(_: argparse.Namespace) -> int:
    """Look at everything and say in a line each what to fix."""
    from bot import app
    from bot.doctor import examination as doctor
    from bot.doctor.findings import Level
    from bot.observability import Redactor
    from bot.settings import secrets_of

    settings = _prepared()
    checks = await doctor.examine(settings, _now, lambda: app.build(settings, beside=True))
    redact = Redactor(secrets_of(settings))
    _say("\n".join(doctor.report(checks, _language(settings), redact)))
    return FAILED if any(check.level is Level.FAIL for check in checks) else OK


async def freeze(arguments: argparse.Namespace) -> int:
    """Stop all kills, or lift that: at once, so nothing is loaded or checked that it can do without."""
    gc.disable()  # as in `run`; it ends before anything is garbage
    from bot.settings import load_settings
    from bot.storage.audit import SqlFreeze
    from bot.storage.database import open_beside

    settings, on = load_settings(), arguments.switch == "on"
    async with open_beside(settings.database) as database:
        changed = await SqlFreeze(database, _now).turn(on=on, actor="cli")
    _say(FROZEN[on, changed](_language(settings)))
    return OK


async def audit(arguments: argparse.Namespace) -> int:
    """Print the trail, or verify its chain; what is stored is printed as it is."""
    from rich.console import Console
    from rich.text import Text as Characters

    from bot.storage.audit import Audit
    from bot.storage.database import open_beside

    settings, console = _prepared(), Console()
    language = _language(settings)
    async with open_beside(settings.database) as database:
        trail = Audit(database)
        if not arguments.verify:
            console.print(_trail_table(await trail.trail(arguments.proposal), language))
            return OK
        found = await trail.verify(arguments.head)
    for problem in found.problems:
        console.print(Characters(problem))
    sums = TRAIL_SOUND if found.sound else TRAIL_BROKEN
    console.print(sums(language, rows=found.rows, problems=len(found.problems)))
    return OK if found.sound else FAILED


def _trail_table(entries: "Iterable[AuditEntry]", language: Language) -> "Table | str":
    """Return the entries oldest first, a row each."""
    from rich.table import Table
    from rich.text import Text as Characters

    table = Table(*TRAIL_HEADS(language).split("|"), box=None)
    for entry in entries:
        number, _, digest = entry.head.partition(".")
        known = (f"{key}={value}" for key, value in entry.detail.items() if value not in (None, ""))
        table.add_row(
            number,
            entry.at.strftime("%Y-%m-%d %H:%M:%S"),
            entry.proposal_id[:8],
            entry.event,
            Characters(entry.actor),
            Characters(", ".join(known)),
            digest[:8],
        )
    return table if table.row_count else TRAIL_EMPTY(language)


async def read(arguments: argparse.Namespace) -> int:
    """Print how a message is read, and why."""
    from bot.agents.reading.labelled import view_of
    from bot.agents.reading.reader import explained
    from bot.wiring import load_reader

    view = view_of(arguments.context)
    _say("\n".join(explained(arguments.text, view, load_reader(), arguments.before)))
    return OK


def _prepared() -> "Settings":
    from bot.settings import load_settings

    return _with_logs(load_settings())


def _with_logs(settings: "Settings") -> "Settings":
    from bot.observability import configure_logs
    from bot.settings import secrets_of

    configure_logs(settings.log_format, secrets_of(settings))
    return settings


def _language(settings: "Settings") -> Language:
    """Return what a terminal is spoken to in: English, unless Korean is set."""
    return Language.KO if settings.language == "ko" else Language.EN


def _demo_settings(world: "World", folder: Path) -> "Settings":
    """Return the demo's settings: the world's own, and nothing of a `.env` lying around."""
    from tzlocal import get_localzone

    from bot.settings import load_settings

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
    import webbrowser

    from rich.console import Console

    console = Console(stderr=True)
    console.print(f"\n  당직 · Dangjik demo  [bold]{address}[/bold]")
    console.print("  곧 CPU 알람이 올라옵니다. 끝내려면 Ctrl-C.")
    console.print("  A CPU alert will arrive shortly. Ctrl-C ends everything.\n")
    if browse:
        webbrowser.open(address)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _now() -> datetime:
    return datetime.now(UTC)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command talks


def _add(subparsers: Any, name: str, what: str, run: Command) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = subparsers.add_parser(name, help=what, description=what)
    sub.set_defaults(command=run)
    return sub


def _add_servers(command: Callable[[str, str, Command], argparse.ArgumentParser]) -> None:
    sub = command("api", "serve tools, talk and decisions over REST and MCP", api)
    sub.add_argument(
        "--add-token",
        metavar="NAME:SCOPES[:U…]",
        help="add a caller to the tokens' file, print the token once, and end",
    )
    sub = command("mcp", "MCP over stdio: a client of a running API", mcp)
    sub.add_argument("--api", metavar="URL", required=True, help="such as http://127.0.0.1:8765")
    sub = command("console", "serve the web console of a running API", console)
    sub.add_argument(
        "--api", metavar="URL", help="address of the gateway (default: API_PORT of this machine)"
    )
    sub.add_argument("--host", default="127.0.0.1", help="address to listen on")
    sub.add_argument("--port", type=int, help="port of the page (default: CONSOLE_PORT)")
    sub.add_argument("--name", action="append", default=[], help="a host name it answers to")
    sub.add_argument("--users", help="who may sign in (default: CONSOLE_USERS_FILE)")
    sub.add_argument(
        "--user-header",
        metavar="NAME",
        help="a proxy's header that names the user (default: CONSOLE_AUTH_HEADER)",
    )
    sub.add_argument(
        "--proxy",
        action="append",
        type=ip_network,
        metavar="NETWORK",
        help="where that proxy connects from (default: this machine)",
    )
    sub.add_argument("--add-user", metavar="NAME", help="let somebody sign in, and end")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dangjik", description="The on-call engineer in your alert thread."
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    command = partial(_add, subparsers)
    command("run", "answer alerts and questions in Slack", run)
    sub = command("demo", "the whole product against a local sandbox, no key needed", demo)
    sub.add_argument("--port", type=int, default=8899, help="port of the page (default 8899)")
    sub.add_argument(
        "--console", type=int, default=0, metavar="PORT", help="serve the web console as well"
    )
    sub.add_argument("--no-browser", action="store_true", help="do not open the page")
    _add_servers(command)
    subparsers.add_parser("ingest", help="index the documents of knowledge/ for the search")
    command(
        "doctor",
        "check tokens, channels, approvers, backends, storage, and say what to fix",
        doctor,
    )
    sub = command("digest", "post the health digest", digest)
    sub.add_argument("--now", action="store_true", required=True, help="without waiting")
    sub.add_argument("--dry-run", action="store_true", help="print it instead")
    sub = command("freeze", "stop all kills at once, whatever was approved", freeze)
    sub.add_argument("switch", choices=("on", "off"))
    sub = command("audit", "print the trail of every kill decision", audit)
    sub.add_argument("--verify", action="store_true", help="check that no entry was changed")
    sub.add_argument("--proposal", help="only this proposal")
    sub.add_argument(
        "--head", action="append", default=[], help="a digest noted outside, e.g. from a card"
    )
    sub = command("read", "tell how a message is read, and why", read)
    sub.add_argument("text", help="the message, without the mention")
    sub.add_argument(
        "--context",
        choices=("none", "A", "L3", "L5", "P12", "P34", "P2", "K", "D2"),
        default="none",
        help="no thread, an alert's, a list of so many, a card for these ranks, killed, details",
    )
    sub.add_argument("--before", default="", help="what somebody else wrote just before")
    return parser


def main() -> None:
    """Run one command and exit with its code."""
    parser = _parser()
    if sys.argv[1:2] == ["ingest"]:  # has a parser of its own, shared with scripts/ingest.py
        sys.exit(ingest(sys.argv[2:]))
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
        print(error, file=sys.stderr)  # noqa: T201 - a command talks
        return FAILED
    except KeyboardInterrupt:
        return OK


if __name__ == "__main__":
    main()
