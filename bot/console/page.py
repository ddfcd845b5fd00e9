"""The page: talk in the middle, the cluster and the kill cards beside it, in one language."""

import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from bot.api.client import GatewayClient, GatewayError, Json
from bot.domain.language import Language
from bot.texts import console as texts
from bot.texts.slack import HOME_EXAMPLES

LOOK_EVERY = 5.0  # seconds between looks at the cards
STATUS_EVERY = 20.0
FINISHED = 3  # cards shown after they were decided
THREAD = "thread"
_SHOW_THREAD = "thread => window.history.replaceState(null, '', '?thread=' + thread)"
STYLE = """
.gradio-container { max-width: 100% !important }
footer, button[aria-label="Clear"] { display: none !important }
header { flex-wrap: wrap }
header h1 { font-size: 1.25rem; margin: 0 }
.message table { display: block; overflow-x: auto; max-width: 100% }
.message :is(td, th) { white-space: nowrap; word-break: normal; padding: .25rem .5rem !important }
#card { border-left: 4px solid #d9480f; padding: .5rem .75rem }
.kill { background: #b3261e !important; color: #fff !important }
"""
Clients = Callable[[str], GatewayClient]
Line = dict[str, Any]


def page(language: Language, clients: Clients) -> Any:
    """Return the `gr.Blocks` of one language; `clients` gives the client of whoever signed in."""
    with gr.Blocks(title=texts.TITLE(language), analytics_enabled=False) as blocks:
        _head(language)
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                _talk(blocks, Talk(language, clients), language)
            with gr.Column(scale=2, min_width=300):
                _panel(blocks, language, clients)
    return blocks


def _head(language: Language) -> None:
    other = Language.EN if language is Language.KO else Language.KO
    gr.HTML(
        f'<header lang="{language.value}" style="display:flex;gap:1rem;align-items:baseline">'
        f"<h1>{texts.TITLE(language)}</h1>"
        f'<a href="/{language.value}/">{texts.NEW_THREAD(language)}</a>'
        f'<a href="/{other.value}/" lang="{other.value}">{texts.OTHER_LANGUAGE(language)}</a>'
        f'<form method="post" action="/logout"><button>{texts.SIGN_OUT(language)}</button></form>'
        "</header>"
    )


def _talk(blocks: Any, talk: "Talk", language: Language) -> None:
    """Make the talk; nothing can be said before the thread is known."""
    thread = gr.Textbox(visible="hidden", elem_id="thread")
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
        placeholder=texts.ASK(language),
        label=texts.ASK(language),
        submit_btn=texts.SEND(language),
        interactive=False,
    )
    box.submit(talk.say, [box, chat, thread], [chat, box], api_visibility="private")
    presses = []
    with gr.Row():
        for example in HOME_EXAMPLES:
            words = example(language)
            button = gr.Button(words, size="sm", interactive=False)
            button.click(talk.ask(words), [chat, thread], [chat, box], api_visibility="private")
            presses.append(button)
    opened = blocks.load(talk.open, outputs=[thread, chat], api_visibility="private")
    opened = opened.then(None, [thread], None, js=_SHOW_THREAD, api_visibility="private")
    ready = [gr.update(interactive=True)] * (1 + len(presses))
    opened.then(lambda: ready, outputs=[box, *presses], api_visibility="private")


class Talk:
    """What happens in the middle of the page."""

    def __init__(self, language: Language, clients: Clients) -> None:
        self._language = language
        self._clients = clients

    async def open(self, request: gr.Request) -> tuple[str, list[Line]]:
        """Return the thread of the address and what was said in it, or a new one."""
        asked = str(request.query_params.get(THREAD, ""))
        if not asked.replace("-", "").replace("_", "").isalnum():
            return secrets.token_hex(8), []
        try:
            kept = await self._clients(_name(request)).thread(asked)
        except GatewayError:
            return asked, []
        roles = {"asker": "user", "user": "user"}
        return asked, [
            _line(roles.get(each["by"], "assistant"), each["text"]) for each in kept["messages"]
        ]

    async def say(
        self, text: str, lines: list[Line], thread: str, request: gr.Request
    ) -> AsyncIterator[tuple[list[Line], str]]:
        """Show what was said, the facts as soon as they stand, and the answer."""
        if not text.strip():
            yield lines, ""
            return
        said = [*lines, _line("user", text)]
        yield said, ""
        try:
            client = self._clients(_name(request))
            async for reply in client.say(thread, text, self._language.value):
                yield [*said, _line("assistant", reply["markdown"])], ""
        except GatewayError as error:
            yield [*said, _line("assistant", told(error, self._language))], text

    def ask(
        self, words: str
    ) -> Callable[[list[Line], str, gr.Request], AsyncIterator[tuple[list[Line], str]]]:
        """Return what a press of a suggestion does: it says the words."""

        async def pressed(
            lines: list[Line], thread: str, request: gr.Request
        ) -> AsyncIterator[tuple[list[Line], str]]:
            async for step in self.say(words, lines, thread, request):
                yield step

        return pressed


def _panel(blocks: Any, language: Language, clients: Clients) -> None:
    gr.Markdown(f"## {texts.NOW(language)}")
    status = gr.Markdown()
    gr.Markdown(f"## {texts.CARDS(language)}")
    cards = gr.State(None)
    desk = Cards(language, clients)
    for seconds, look, inputs, outputs in (
        (STATUS_EVERY, desk.status, None, [status]),
        (LOOK_EVERY, desk.look, [cards], [cards]),
    ):
        timer = gr.Timer(seconds)
        timer.tick(look, inputs, outputs, api_visibility="private", show_progress="hidden")
        blocks.load(look, inputs, outputs, api_visibility="private", show_progress="hidden")
    gr.render([cards])(desk.show)


class Cards:
    """The panel: how busy the cluster is, and what waits for a decision."""

    def __init__(self, language: Language, clients: Clients) -> None:
        self._language = language
        self._clients = clients

    async def status(self, request: gr.Request) -> str:
        """Return how the cluster is, in the words of an answer."""
        words = ""
        try:
            client = self._clients(_name(request))
            asked = texts.STATUS(self._language)
            async for reply in client.say("console-panel", asked, self._language.value):
                words = reply["markdown"]
        except GatewayError as error:
            return told(error, self._language)
        return words

    async def look(self, shown: Any, request: gr.Request) -> Any:
        """Return the cards that wait and the last ones decided; a skip where nothing changed."""
        try:
            found: Any = await self._clients(_name(request)).proposals()
        except GatewayError as error:
            found = texts.READ_ONLY(self._language) if error.code == "no_scope" else None
            found = found or told(error, self._language)
        if isinstance(found, list):
            waiting = [each for each in found if each["state"] == "pending"]
            found = waiting + [each for each in found if each["state"] != "pending"][:FINISHED]
        return gr.skip() if found == shown else found

    def show(self, cards: Any) -> None:
        """Render them; what is typed stays while nothing changes."""
        language = self._language
        if isinstance(cards, str):
            gr.Markdown(cards)
            return
        if not any(each["state"] == "pending" for each in cards or ()):
            gr.Markdown(texts.NO_CARDS(language))
        for card in cards or ():
            with gr.Group():
                gr.Markdown(card_words(card, language), elem_id="card")
                if card["state"] == "pending":
                    self._decision(card)

    def _decision(self, card: Json) -> None:
        language, count = self._language, len(card["targets"])
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
            client = self._clients(_name(request))
            decided = await client.decide(card["id"], card["digest"], approve=approve)
        except GatewayError as error:
            return told(error, self._language)
        return str(decided["message"])


def card_words(card: Json, language: Language) -> str:
    """Return a card as Markdown: where it stands, exactly what would die, who asked, the effect."""
    rows = [
        texts.TARGET(
            language,
            rank=each["rank"] or "-",
            name=_code(each["name"]),
            user=_code(each["user"]),
            queue=_code(each["queue"]),
            cores="?" if each["cores"] is None else f"{each['cores']:g}",
            id=_code(each["id"]),
        )
        for each in card["targets"]
    ]
    lines = [
        f"**{card['message']}**",
        *rows,
        texts.ASKED_BY(language, who=_code(card["requester"])),
    ]
    if card["cpu_before"] is not None and card["cpu_after"] is not None:
        before, after = round(card["cpu_before"]), round(card["cpu_after"])
        lines.append(texts.EFFECT(language, before=before, after=after))
    return "\n\n".join(lines)


def told(error: GatewayError, language: Language) -> str:
    """Return a failure in a person's words."""
    if error.code == "unreachable":
        return texts.UNREACHABLE(language)
    return texts.FAILED(language, reason=str(error))


def _code(text: str) -> str:
    """Return a name as it may stand in Markdown: names come from outside."""
    return "".join(each if each.isalnum() or each in "-_.:@/ " else "?" for each in text)[:120]


def _line(role: str, text: str) -> Line:
    return {"role": role, "content": text}


def _name(request: gr.Request) -> str:
    return str(request.username or "")
