"""The command line: parses, runs a command, and turns its end into an exit code."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from functools import partial
from ipaddress import ip_network
from typing import Any

from bot import cli as commands
from bot.errors import DangjikError, SettingsError


def main() -> None:
    """Run one command and exit with its code."""
    parser = _parser()
    if sys.argv[1:2] == ["ingest"]:  # has a parser of its own, shared with scripts/ingest.py
        sys.exit(commands.ingest(sys.argv[2:]))
    arguments = parser.parse_args()
    if not hasattr(arguments, "command"):
        parser.print_help()
        sys.exit(commands.USAGE)
    sys.exit(_run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    try:
        command: commands.Command = arguments.command
        return asyncio.run(command(arguments))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)  # noqa: T201 - a command talks
        return commands.USAGE
    except (DangjikError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks
        return commands.FAILED
    except KeyboardInterrupt:
        return commands.OK


def _add(subparsers: Any, name: str, what: str, run: commands.Command) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = subparsers.add_parser(name, help=what, description=what)
    sub.set_defaults(command=run)
    return sub


def _add_servers(command: Callable[[str, str, commands.Command], argparse.ArgumentParser]) -> None:
    api = command("api", "serve tools, talk and decisions over REST and MCP", commands.api)
    api.add_argument(
        "--add-token",
        metavar="NAME:SCOPES[:U…]",
        help="add a caller to the tokens' file, print the token once, and end",
    )
    mcp = command("mcp", "MCP over stdio: a client of a running API", commands.mcp)
    mcp.add_argument("--api", metavar="URL", required=True, help="such as http://127.0.0.1:8765")
    console = command("console", "serve the web console of a running API", commands.console)
    console.add_argument(
        "--api", metavar="URL", help="address of the gateway (default: API_PORT of this machine)"
    )
    console.add_argument("--host", default="127.0.0.1", help="address to listen on")
    console.add_argument("--port", type=int, help="port of the page (default: CONSOLE_PORT)")
    console.add_argument("--name", action="append", default=[], help="a host name it answers to")
    console.add_argument("--users", help="who may sign in (default: CONSOLE_USERS_FILE)")
    console.add_argument(
        "--user-header",
        metavar="NAME",
        help="a proxy's header that names the user (default: CONSOLE_AUTH_HEADER)",
    )
    console.add_argument(
        "--proxy",
        action="append",
        type=ip_network,
        metavar="NETWORK",
        help="where that proxy connects from (default: this machine)",
    )
    console.add_argument("--add-user", metavar="NAME", help="let somebody sign in, and end")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dangjik", description="The on-call engineer in your alert thread."
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    command = partial(_add, subparsers)
    command("run", "answer alerts and questions in Slack", commands.run)
    demo = command(
        "demo", "the whole product against a local sandbox, no key needed", commands.demo
    )
    demo.add_argument("--port", type=int, default=8899, help="port of the page (default 8899)")
    demo.add_argument(
        "--console", type=int, default=0, metavar="PORT", help="serve the web console as well"
    )
    demo.add_argument("--no-browser", action="store_true", help="do not open the page")
    _add_servers(command)
    subparsers.add_parser("ingest", help="index the documents of knowledge/ for the search")
    command(
        "doctor",
        "check tokens, channels, approvers, backends, storage, and say what to fix",
        commands.doctor,
    )
    digest = command("digest", "post the health digest", commands.digest)
    digest.add_argument("--now", action="store_true", required=True, help="without waiting")
    digest.add_argument("--dry-run", action="store_true", help="print it instead")
    freeze = command("freeze", "stop all kills at once, whatever was approved", commands.freeze)
    freeze.add_argument("switch", choices=("on", "off"))
    audit = command("audit", "print the trail of every kill decision", commands.audit)
    audit.add_argument("--verify", action="store_true", help="check that no entry was changed")
    audit.add_argument("--proposal", help="only this proposal")
    audit.add_argument(
        "--head", action="append", default=[], help="a digest noted outside, e.g. from a card"
    )
    read = command("read", "tell how a message is read, and why", commands.read)
    read.add_argument("text", help="the message, without the mention")
    read.add_argument(
        "--context",
        choices=("none", "A", "L3", "L5", "P12", "P34", "P2", "K", "D2"),
        default="none",
        help="no thread, an alert's, a list of so many, a card for these ranks, killed, details",
    )
    read.add_argument("--before", default="", help="what somebody else wrote just before")
    return parser


if __name__ == "__main__":
    main()
