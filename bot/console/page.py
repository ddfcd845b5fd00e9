"""The page: threads, the talk, and the cluster with its kill cards, in one language."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import gradio as gr

from bot.api.client import GatewayClient, GatewayError, Json
from bot.domain.language import Language
from bot.texts import console as texts
from bot.texts.cards import CAUTIONS, TARGET
from bot.texts.slack import HOME_EXAMPLES

# What stands beside the talk, as HTML: threads, the cluster, kill cards. All names are escaped.


HIGH_CPU = 80.0  # percent; an open alert's own threshold goes before it
GIB = 2**30
# Times in the reader's zone; tables that scroll can be reached by keyboard.
MEND = """() => {
  const told = new Intl.DateTimeFormat(undefined, {month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    timeZoneName: "short"});
  const here = () => {
    document.querySelectorAll("time:not([data-here])").forEach(each => {
      each.dataset.here = "";
      each.textContent = told.format(new Date(each.dateTime));
    });
    document.querySelectorAll(".message table").forEach(each => { each.tabIndex = 0; });
  };
  here();
  new MutationObserver(here).observe(document.body, {childList: true, subtree: true});
}"""


def threads_html(
    threads: Sequence[Json], investigations: Sequence[Json], open_id: str, language: Language
) -> str:
    """Return the lists on the left: a link for each thread, a line for each alert."""
    links = (
        f'<li><a href="?thread={escape(each["thread"])}"'
        f"{' aria-current=page' if each['thread'] == open_id else ''}>"
        f"{escape(each['title']) or escape(each['thread'])}</a></li>"
        for each in threads
    )
    saved = f"/{language.value}/threads/{escape(open_id)}.md"
    save = f'<a href="{saved}" download>{texts.SAVE(language)}</a>'
    kept = any(each["thread"] == open_id for each in threads)
    alerts = (
        f"<li><b>{texts.OPEN(language) if each['closed_at'] is None else texts.OVER(language)}</b> "
        f"{escape(each['title'])} <small>{moment(each['opened_at'])}</small></li>"
        for each in investigations
    )
    return (
        f'<nav aria-label="{texts.THREADS(language)}"><h2>{texts.THREADS(language)}</h2>'
        f"{_listed(links) or quiet(texts.NO_THREADS(language))}{quiet(save) if kept else ''}</nav>"
        f"<section><h2>{texts.ALERTS(language)}</h2>"
        f"{_listed(alerts) or quiet(texts.NO_ALERTS(language))}</section>"
    )


def threshold_of(investigations: Iterable[Json]) -> float:
    """Return the percentage that an open alert fires above, else the usual one."""
    told = (each["threshold"] for each in investigations if each["closed_at"] is None)
    return next((float(each) for each in told if each), HIGH_CPU)


def cluster_html(metrics: Json, jobs: Json, threshold: float, language: Language) -> str:
    """Return how busy the cluster is, and the jobs that hold most of it."""
    found = metrics["result"]
    lines = [
        f"<h2>{texts.NOW(language)}</h2>",
        _gauge("CPU", found["cpu"], language, threshold),
        _gauge(texts.MEMORY(language), found["memory"], language),
        f"<p>{_nodes(found, language)}</p>",
    ]
    if missing := {each["system"] for each in (*metrics["missing"], *jobs["missing"])}:
        names = escape(", ".join(sorted(missing)))
        lines.append(f'<p class="warn">{texts.UNREAD(language, systems=names)}</p>')
    rows = jobs["result"]["listing"]["rows"]
    heads = (texts.NAME_OF_JOB, texts.USER, texts.CORES)
    told = ((each["name"], each["user"], _figure(each["cores"])) for each in rows)
    lines.append(
        table_html(texts.TOP_JOBS(language), [head(language) for head in heads], map(_cells, told))
    )
    lines.append(quiet(texts.AS_OF(language, at=moment(metrics["at"]))))
    return "".join(lines)


def card_html(card: Json, language: Language) -> str:
    """Return a card: where it stands, exactly what would die, who asked, the effect."""
    named = (texts.NAME_OF_JOB, texts.USER, texts.QUEUE, texts.CORES, texts.MEMORY)
    heads = ("#", *(each(language) for each in named))
    rows = (
        (
            _figure(each["rank"]),
            f"{each['name']}\n{each['id']}",
            each["user"],
            each["queue"],
            _figure(each["cores"]),
            "?" if each["memory"] is None else f"{each['memory'] / GIB:.0f} GiB",
        )
        for each in card["targets"]
    )
    lines = [table_html(card["message"], heads, map(_cells, rows))]
    if card["state"] in {"claimed", "done"}:
        ends = (f"{each['name']}: {TARGET[each['state']](language)}" for each in card["targets"])
        lines += [f"<p>{escape(end)}</p>" for end in ends]
    for each in card["targets"]:
        if told := [CAUTIONS[one](language, user=each["user"]) for one in each["cautions"]]:
            words = f"⚠ {each['name']}: {', '.join(told)}"
            lines.append(f'<p class="warn">{escape(words)}</p>')
    if card["cpu_before"] is not None and card["cpu_after"] is not None:
        before, after = round(card["cpu_before"]), round(card["cpu_after"])
        lines.append(f"<p><b>{texts.EFFECT(language, before=before, after=after)}</b></p>")
    who, until = escape(card["requester"]), moment(card["expires_at"])
    asked = texts.ASKED_BY_UNTIL if card["state"] == "pending" else texts.ASKED_BY
    lines.append(quiet(asked(language, who=who, until=until)))
    return f'<div class="card {escape(card["state"])}">{"".join(lines)}</div>'


def failed(error: GatewayError, language: Language) -> str:
    """Return a failure in a person's words, as HTML or Markdown takes them."""
    if error.code == "unreachable":
        return texts.UNREACHABLE(language)
    if error.code == "no_scope":
        return texts.NO_SCOPE(language)
    return texts.FAILED(language, reason=escape(str(error)))


def _gauge(name: str, gauge: Json | None, language: Language, threshold: float = 0.0) -> str:
    if gauge is None:
        return f"<p>{name}: {texts.UNKNOWN(language)}</p>"
    percent = float(gauge["percent"])
    high = bool(threshold) and percent >= threshold
    limit = texts.THRESHOLD(language, percent=f"{threshold:g}") if threshold else ""
    mark = f'<i style="left:{threshold:g}%"></i>' if threshold else ""
    basis = "" if gauge["basis"] == "measured" else f" · {texts.GRANTED(language)}"
    return (
        f"<p><b>{name} {percent:.0f}%</b>{' · ⚠' if high else ''} <small>{limit}{basis}</small></p>"
        f'<div class="bar{" high" if high else ""}" aria-hidden="true">'
        f'<b style="width:{min(percent, 100):g}%"></b>{mark}</div>'
    )


def _nodes(found: Json, language: Language) -> str:
    counts = found["node_counts"] or {"members": len(found["nodes"])}
    faulty = sum(counts.get(each, 0) for each in ("unhealthy", "lost", "rebooted"))
    told = texts.NODES(language, members=counts["members"], faulty=faulty)
    running, waiting = found["applications_running"], found["applications_waiting"]
    jobs = texts.JOBS(language, running=_figure(running), waiting=_figure(waiting))
    return f"{told} · {jobs}"


def table_html(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table that scrolls by itself; what stands in its cells is HTML."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{each}</td>' for each in row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: Iterable[str]) -> Iterator[str]:
    """Yield cells; what stands on a second line is less than the first."""
    for text in row:
        first, _, second = text.partition("\n")
        yield f"{escape(first)}{f'<small>{escape(second)}</small>' if second else ''}"


def _listed(items: Iterable[str]) -> str:
    body = "".join(items)
    return f"<ul>{body}</ul>" if body else ""


def quiet(text: str) -> str:
    """Return a line that is less than the others; it is HTML."""
    return f"<p><small>{text}</small></p>"


def moment(text: str) -> str:
    """Return a time as a `time` element, which the page shows in the reader's own zone."""
    at = datetime.fromisoformat(text)
    return f'<time datetime="{escape(text)}">{at:%m-%d %H:%M} {at:%Z}</time>'


def _figure(value: Any) -> str:
    return "?" if value is None else f"{value:g}"


# The page itself.


LOOK_EVERY = 5.0  # seconds between looks at the cards
CLUSTER_EVERY = 15.0
FINISHED = 3  # cards shown after they were decided
TOP = 5
THREAD = "thread"
_SHOW_THREAD = "thread => window.history.replaceState(null, '', '?thread=' + thread)"
STYLE = """
.gradio-container { max-width: 100% !important }
footer, button[aria-label="Clear"] { display: none !important }
header { flex-wrap: wrap }
header button { font: inherit; color: inherit !important; background: none !important;
  border: 1px solid currentColor !important; padding: .1rem .6rem !important }
header h1 { font-size: 1.25rem; margin: 0 }
h2 { font-size: 1rem; margin: .25rem 0 .5rem }
nav ul, section ul { list-style: none; padding: 0; margin: 0 0 1rem }
nav li, section li { padding: .25rem 0; overflow-wrap: anywhere }
nav a { display: block; padding: 0 !important; text-align: left }
nav a[aria-current] { font-weight: 700; text-decoration: none }
small { font-size: .85rem }
.message table { display: block; overflow-x: auto; max-width: 100%; border: 0; padding: 0;
  font-size: .85rem }
.message :is(td, th) { white-space: nowrap; word-break: normal; padding: .2rem .4rem !important }
.wide { overflow-x: auto }
.wide :is(table, thead, tbody, tr) { border: 0 !important }
.wide table { border-collapse: collapse; width: 100%; margin: 0; font-size: .85rem }
.wide td small { display: block; font-size: .75rem }
.wide caption { text-align: left; font-weight: 600; padding: .25rem 0 }
.wide :is(td, th) { text-align: left; padding: .2rem .5rem .2rem 0 !important; border: 0;
  border-bottom: 1px solid #8886 !important; white-space: nowrap }
.bar { position: relative; height: .75rem; background: #8884; margin: .2rem 0 .6rem }
.bar b { display: block; height: 100%; background: #2b6cb0 }
.bar.high b { background: #c92a2a }
.bar i { position: absolute; top: -2px; bottom: -2px; border-left: 2px solid currentColor }
.warn { border-left: 4px solid #d9480f; padding-left: .5rem }
.card { border-left: 4px solid #868e96; padding: .25rem .75rem }
.card.pending { border-color: #d9480f }
@media (max-width: 700px) { .lists { order: 3 } .desk { order: 2 } }
.kill { background: #b3261e !important; color: #fff !important }
"""
Clients = Callable[[str], GatewayClient]
Line = dict[str, Any]
Step = tuple[list[Line], str]


def page(language: Language, clients: Clients) -> Any:
    """Return the `gr.Blocks` of one language; `clients` gives the client of whoever signed in."""
    with gr.Blocks(title=texts.TITLE(language), analytics_enabled=False, fill_width=True) as blocks:
        _head(language)
        desk = Desk(language, clients)
        with gr.Row():
            with gr.Column(scale=2, min_width=180, elem_classes="lists"):
                lists = gr.HTML()
            with gr.Column(scale=6, min_width=320):
                thread, said = _talk(blocks, Talk(language, clients), language)
            with gr.Column(scale=5, min_width=320, elem_classes="desk"):
                _panel(blocks, desk)
        for event in (thread.change, *(each.then for each in said)):
            event(desk.lists, [thread], [lists], api_visibility="private", show_progress="hidden")
        blocks.load(None, js=MEND, api_visibility="private")
    return blocks


def _head(language: Language) -> None:
    other = Language.EN if language is Language.KO else Language.KO
    gr.HTML(
        f'<header lang="{language.value}" style="display:flex;gap:1rem;align-items:baseline">'
        f"<h1>{texts.TITLE(language)}</h1>"
        f'<a href="/{language.value}/">{texts.NEW_THREAD(language)}</a>'
        f'<a href="/{language.value}/digest">{texts.DIGEST(language)}</a>'
        f'<a href="/{language.value}/audit">{texts.AUDIT(language)}</a>'
        f'<a href="/{other.value}/" lang="{other.value}">{texts.OTHER_LANGUAGE(language)}</a>'
        f'<form method="post" action="/logout"><button>{texts.SIGN_OUT(language)}</button></form>'
        "</header>"
    )


def _talk(blocks: Any, talk: "Talk", language: Language) -> Any:
    """Make the talk; nothing can be said before the thread is known.

    Return the thread, and what is done when something was said.
    """
    thread = gr.Textbox(visible="hidden", elem_id="thread", label=texts.THREADS(language))
    chat = gr.Chatbot(
        label=texts.TITLE(language),
        show_label=False,
        height="60vh",
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=[],
        feedback_options=None,
        buttons=["copy"],
    )
    box = gr.Textbox(
        label=texts.ASK(language),
        submit_btn=texts.SEND(language),
        interactive=False,
    )
    said = [
        box.submit(talk.say, [box, chat, thread], [chat, box], api_visibility="private"),
        chat.retry(talk.again, [chat, thread], [chat, box], api_visibility="private"),
        chat.undo(talk.undo, [chat, thread], [chat, box], api_visibility="private"),
    ]
    presses = []
    with gr.Row():
        for example in HOME_EXAMPLES:
            words = example(language)
            button = gr.Button(words, size="sm", interactive=False)
            asked = talk.ask(words)
            said.append(button.click(asked, [chat, thread], [chat, box], api_visibility="private"))
            presses.append(button)
    opened = blocks.load(talk.open, outputs=[thread, chat], api_visibility="private")
    opened = opened.then(None, [thread], None, js=_SHOW_THREAD, api_visibility="private")
    ready = [gr.update(interactive=True)] * (1 + len(presses))
    opened.then(lambda: ready, outputs=[box, *presses], api_visibility="private")
    return thread, said


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """What happens in the middle of the page."""

    language: Language
    clients: Clients

    async def open(self, request: gr.Request) -> tuple[str, list[Line]]:
        """Return the thread of the address and what was said in it, or a new one."""
        asked = str(request.query_params.get(THREAD, ""))
        if not asked.replace("-", "").replace("_", "").isalnum():
            return secrets.token_hex(8), []
        try:
            kept = await self.clients(_name(request)).get(f"threads/{asked}")
        except GatewayError:
            return asked, []
        return asked, [
            _line("user", each["text"])
            if each["by"] == "person"
            else _line("assistant", each["markdown"])
            for each in kept["messages"]
        ]

    async def say(
        self, text: str, lines: list[Line], thread: str, request: gr.Request
    ) -> AsyncIterator[Step]:
        """Show what was said, the facts as soon as they stand, and the answer."""
        if not text.strip():
            yield lines, ""
            return
        said = [*lines, _line("user", text)]
        yield said, ""
        try:
            client = self.clients(_name(request))
            async for reply in client.say(thread, text, self.language.value):
                yield [*said, _line("assistant", reply["markdown"])], ""
        except GatewayError as error:
            yield [*said, _line("assistant", failed(error, self.language))], text

    def ask(self, words: str) -> Callable[[list[Line], str, gr.Request], AsyncIterator[Step]]:
        """Return what a press of a suggestion does: it says the words."""

        async def pressed(
            lines: list[Line], thread: str, request: gr.Request
        ) -> AsyncIterator[Step]:
            async for step in self.say(words, lines, thread, request):
                yield step

        return pressed

    async def again(
        self, lines: list[Line], thread: str, request: gr.Request, retry: gr.RetryData
    ) -> AsyncIterator[Step]:
        """Take the last message back and say it again."""
        kept, text = await self._undone(lines, thread, request, retry)
        if not text:
            yield kept, ""
            return
        async for step in self.say(text, kept, thread, request):
            yield step

    async def undo(
        self, lines: list[Line], thread: str, request: gr.Request, last: gr.UndoData
    ) -> Step:
        """Take the last message and its answer back; return what is left, and its words."""
        return await self._undone(lines, thread, request, last)

    async def _undone(
        self,
        lines: list[Line],
        thread: str,
        request: gr.Request,
        last: gr.UndoData | gr.RetryData,
    ) -> Step:
        text = _text(last.value)
        try:
            await self.clients(_name(request)).undo(thread, text)
        except GatewayError as error:
            stays = error.code == "not_undone"
            why = texts.STAYS(self.language) if stays else failed(error, self.language)
            return [*lines, _line("assistant", why)], ""
        index = last.index if isinstance(last.index, int) else last.index[0]
        return lines[:index], text


def _panel(blocks: Any, desk: "Desk") -> None:
    cards = gr.State(None)
    gr.render([cards])(desk.show)
    cluster = gr.HTML()
    for seconds, look, inputs, outputs in (
        (CLUSTER_EVERY, desk.cluster, None, [cluster]),
        (LOOK_EVERY, desk.look, [cards], [cards]),
    ):
        timer = gr.Timer(seconds)
        timer.tick(look, inputs, outputs, api_visibility="private", show_progress="hidden")
        blocks.load(look, inputs, outputs, api_visibility="private", show_progress="hidden")


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Beside the talk: the threads, how busy the cluster is, and what waits for a decision."""

    language: Language
    clients: Clients

    async def lists(self, thread: str, request: gr.Request) -> str:
        """Return the lists on the left."""
        client = self.clients(_name(request))
        try:
            threads, alerts = await client.get("threads"), await client.get("investigations")
        except GatewayError as error:
            return f"<p>{failed(error, self.language)}</p>"
        return threads_html(threads, alerts, thread, self.language)

    async def cluster(self, request: gr.Request) -> str:
        """Return how the cluster is; without a model, so that looking costs nothing."""
        client = self.clients(_name(request))
        try:
            metrics = await client.get("tools/get_cluster_metrics")
            jobs = await client.get("tools/get_spark_jobs", count=TOP)
            threshold = threshold_of(await client.get("investigations"))
        except GatewayError as error:
            return f'<p class="warn">{failed(error, self.language)}</p>'
        return cluster_html(metrics, jobs, threshold, self.language)

    async def look(self, shown: Any, request: gr.Request) -> Any:
        """Return the cards that wait and the last ones decided; a skip where nothing changed."""
        try:
            found: Any = await self.clients(_name(request)).get("proposals")
        except GatewayError as error:
            found = texts.READ_ONLY(self.language) if error.code == "no_scope" else None
            found = found or failed(error, self.language)
        if isinstance(found, list):
            waiting = [each for each in found if each["state"] == "pending"]
            found = waiting + [each for each in found if each["state"] != "pending"][:FINISHED]
        return gr.skip() if found == shown else found

    def show(self, cards: Any) -> None:
        """Render them; what is typed stays while nothing changes."""
        language = self.language
        words, shown = (cards, ()) if isinstance(cards, str) else ("", cards or ())
        if not words and not any(each["state"] == "pending" for each in shown):
            words = texts.NO_CARDS(language)
        gr.HTML(f"<h2>{texts.CARDS(language)}</h2>{words}")
        for card in shown:
            with gr.Group():
                gr.HTML(card_html(card, language))
                if card["state"] == "pending":
                    self._decision(card)

    def _decision(self, card: Json) -> None:
        language, count = self.language, len(card["targets"])
        label = texts.TYPE_COUNT(language, count=count)
        typed = gr.Textbox(label=label, max_lines=1, elem_classes="count")
        with gr.Row():
            approve = gr.Button(texts.APPROVE(language), elem_classes="kill")
            reject = gr.Button(texts.REJECT(language))
        said = gr.Markdown()

        async def approved(number: str, request: gr.Request) -> str:
            if number.strip() != str(count):
                return texts.OTHER_COUNT(language)
            return await self._decide(card, request, approve=True)

        async def rejected(request: gr.Request) -> str:
            return await self._decide(card, request, approve=False)

        approve.click(approved, [typed], [said], api_visibility="private")
        reject.click(rejected, None, [said], api_visibility="private")

    async def _decide(self, card: Json, request: gr.Request, *, approve: bool) -> str:
        try:
            client = self.clients(_name(request))
            decided = await client.decide(card["id"], card["digest"], approve=approve)
        except GatewayError as error:
            return failed(error, self.language)
        return str(decided["message"])


def _line(role: str, text: str) -> Line:
    return {"role": role, "content": text}


def _name(request: gr.Request) -> str:
    return str(request.username or "")


def _text(content: Any) -> str:
    """Return the words of a line, as Gradio hands it back."""
    if isinstance(content, str):
        return content
    return "".join(str(each.get("text", "")) for each in content if isinstance(each, dict))
