"""Serves the console on one port: the page, and what only tells."""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt
from pydantic import StringConstraints

from bot.api.client import GatewayClient, GatewayError, Json
from bot.console.door import GUESTS, LOOPBACK, Door, Member, MemberBook, Network, behind_door
from bot.console.page import MEND, STYLE, failed, moment, page, quiet, table_html
from bot.domain.language import Language
from bot.texts import console as texts
from bot.texts.cards import REASONS

# Pages that only tell: the audit trail, the digest, and a thread as a file.


SHORT = 8  # characters of an id or a hash, as on a card
PLAIN_STYLE = """:root { color-scheme: light dark; font-family: system-ui, sans-serif }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; line-height: 1.5 }
nav a { margin-right: 1rem }
h1 { font-size: 1.25rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem }
caption { text-align: left; padding: .25rem 0 }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid #8886 }
td:first-child, .wide.digest td { white-space: nowrap }
th, td { min-width: 4rem; word-break: keep-all }
td small { display: block; min-width: 16rem; overflow-wrap: anywhere }
.warn { border-left: 4px solid #d9480f; padding-left: .5rem }"""
ThreadId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def add_records(app: FastAPI, client: Callable[[Request], GatewayClient]) -> None:
    """Serve the pages; `client` speaks to the gateway as whoever asks."""

    @app.exception_handler(GatewayError)
    async def lost(request: Request, error: GatewayError) -> Response:
        language = Language(request.path_params["language"])
        warning = f'<p class="warn">{failed(error, language)}</p>'
        return _page(language, texts.TITLE(language), warning, 502)

    @app.get("/{language}/audit")
    async def audit(language: Language, request: Request) -> Response:
        found = await client(request).get("audit")
        return _page(language, texts.AUDIT(language), audit_html(found, language))

    @app.get("/{language}/digest")
    async def digest(language: Language, request: Request) -> Response:
        found = await client(request).get("digest", language=language.value)
        return _page(language, texts.DIGEST(language), digest_html(found["markdown"], language))

    @app.get("/{language}/threads/{thread}.md")
    async def export(language: Language, thread: ThreadId, request: Request) -> Response:
        found = await client(request).get(f"threads/{thread}/export", language=language.value)
        named = {"Content-Disposition": f'attachment; filename="dangjik-{thread}.md"'}
        return Response(found["markdown"], media_type="text/markdown; charset=utf-8", headers=named)


def digest_html(markdown: str, language: Language) -> str:
    """Return Markdown as HTML: no tag of its own, no picture, no script address; tables scroll."""
    label = escape(texts.DIGEST(language))
    scrolls = f'<div class="wide digest" tabindex="0" role="region" aria-label="{label}"><table>'
    html = str(_MARKDOWN.render(markdown))
    return html.replace("<table>", scrolls).replace("</table>", "</table></div>")


def audit_html(found: Json, language: Language) -> str:
    """Return whether the chain holds, then the trail: when, what, who, about which jobs."""
    lines = []
    if found["sound"]:
        lines.append(f"<p><b>✓ {texts.CHAIN_SOUND(language, rows=found['rows'])}</b></p>")
    else:
        lines.append(f'<p class="warn"><b>{texts.CHAIN_BROKEN(language)}</b></p>')
        lines += [f"<p>{escape(each)}</p>" for each in found["problems"]]
    lines.append(quiet(texts.CHECKED(language, at=moment(found["checked_at"]))))
    named = _named(found["entries"])
    heads = [head(language) for head in (texts.WHEN, texts.WHAT, texts.WHO, texts.DETAIL)]
    rows = (
        (
            moment(each["at"]),
            escape(_event(each["event"], language)),
            escape(each["actor"]),
            _detail(each, named, language),
        )
        for each in found["entries"]
    )
    caption = texts.TRAIL(language, count=len(found["entries"]))
    lines.append(table_html(caption, heads, rows) if found["entries"] else "")
    return "".join(lines)


def _event(name: str, language: Language) -> str:
    return texts.EVENTS[name](language) if name in texts.EVENTS else name


def _named(entries: list[Json]) -> dict[str, str]:
    """Return the names of applications by their ids, as the trail's proposals froze them."""
    frozen = (each["detail"].get("targets") for each in entries if each["event"] == "proposed")
    return {each["id"]: each["name"] for targets in frozen for each in targets or ()}


def _detail(entry: Json, named: Mapping[str, str], language: Language) -> str:
    """Return the jobs an entry is about and, smaller, all else that it holds."""
    detail = dict(entry["detail"])
    shown = []
    if entry["event"] == "proposed":
        shown = [f"{each['name']} ({each['id']})" for each in detail.pop("targets", ())]
    elif "application" in detail:
        id_ = detail.pop("application")
        shown = [f"{named[id_]} ({id_})" if id_ in named else id_]
    moves, _ = detail.pop("targets", {}), detail.pop("state", None)
    rest = [REASONS[why](language) for _, _, why in moves.values() if why in REASONS]
    rest += [
        f"{key}={_value(value)}" for key, value in detail.items() if value not in (None, "", [])
    ]
    if entry["proposal_id"]:
        rest.append(f"{texts.CARD(language)} {entry['proposal_id'][:SHORT]}")
    number, _, digest = entry["head"].partition(".")
    rest.append(f"head {number}.{digest[:SHORT]}")
    return f"{escape(', '.join(shown))}<small>{escape(' · '.join(rest))}</small>"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _page(language: Language, title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f"""<!doctype html><html lang="{language.value}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · {escape(texts.TITLE(language))}</title><style>{PLAIN_STYLE}</style>
<nav><a href="/{language.value}/">{escape(texts.BACK(language))}</a></nav>
<main><h1>{escape(title)}</h1>{body}</main><script>({MEND})()</script></html>""",
        status_code=status,
    )


FONTS = ("system-ui", "sans-serif")  # nothing is fetched from elsewhere


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console listens, and where the gateway is; port 0: any.

    `header` names the user header of a proxy, which connects from one of `proxies`.
    """

    api: str
    members: Path
    host: str = "127.0.0.1"
    port: int = 7860
    names: tuple[str, ...] = ()
    header: str = ""
    proxies: tuple[Network, ...] = LOOPBACK


class Console:
    """Listens from its making; answers while it runs."""

    def __init__(self, place: Place) -> None:
        """Read who may sign in, and take the port. Raises PeopleError, or OSError when it is taken."""
        self._book = MemberBook(place.members)
        self._api = place.api
        self._clients: dict[str, GatewayClient] = {}
        door = Door(self._book, place.header, place.proxies)
        app = behind_door(door, (place.host, *place.names))
        add_records(app, lambda request: self._client(door.who(request) or ""))
        for language in Language:
            gr.mount_gradio_app(
                app,
                page(language, self._client),
                f"/{language.value}",
                auth_dependency=door.who,
                footer_links=[],
                show_error=False,
                allowed_paths=[],
                max_file_size=0,
                ssr_mode=False,
                enable_monitoring=False,
                mcp_server=False,
                theme=gr.themes.Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
                css=STYLE,
            )
        config = uvicorn.Config(
            app,
            log_config=None,
            server_header=False,
            proxy_headers=not place.header,  # the peer's address must be the peer's
        )
        self._server = uvicorn.Server(config)
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        self._socket = socket.create_server((place.host, place.port), family=family)

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def _client(self, name: str) -> GatewayClient:
        """Return the client that speaks to the gateway as this person."""
        member = self._book.named(name) or Member("", "", "")
        if member.name not in self._clients:
            guest = member.name == GUESTS
            client = GatewayClient(self._api, member.token, reads_only=guest)
            self._clients[member.name] = client
        return self._clients[member.name]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        serving = asyncio.create_task(self._server.serve([self._socket]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        self._server.should_exit = True
        await serving
        stopping.cancel()
        for client in self._clients.values():
            await client.close()
