"""What people and other bots do in the workspace: say, click, edit, submit, open the home tab."""

import copy
from collections.abc import Callable, Iterator

from bot.sandbox.slack.posting import Poster, bot_body, webhook_body
from bot.sandbox.slack.stage import Stage, Trigger
from bot.sandbox.slack.transcript import Envelope, Json, Message
from bot.sandbox.slack.typed import rich_text, wire_text
from bot.sandbox.slack.workspace import Channel, UnknownError

Chosen = str | list[str] | None


class People:
    """Gestures of everybody but the app under test."""

    def __init__(self, stage: Stage, poster: Poster) -> None:
        self._stage = stage
        self._poster = poster

    def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, *, raw: bool = False
    ) -> str:
        """Post as a person and return the ts. `raw` text is wire text already, not typed."""
        author = self._stage.workspace.user(user)
        place = self._stage.workspace.channel(channel)
        if user not in place.members:
            raise UnknownError(f"{user} is not in {channel}")
        content = self._composed(text if raw else wire_text(text, self._stage.workspace))
        home = {"team": author.team_id, "client_msg_id": self._stage.ids.uuid()}
        if author.is_stranger:
            home |= {"user_team": author.team_id, "source_team": author.team_id}
        body = {"type": "message", "user": author.id, **home}
        return self._poster.post(place, body, content, thread_ts=thread_ts or "").ts

    def _composed(self, wire: str) -> Json:
        return {
            "text": wire,
            "blocks": [rich_text(wire, self._stage.ids.new("", 5))] if wire else [],
        }

    def post_as_bot(self, channel: str, payload: Json, bot: str = "") -> str:
        """Post as another bot and return the ts: an app with a token, or a webhook without.

        Without `bot` it is the workspace's first webhook.
        """
        bots = self._stage.workspace.bots
        webhook = next((each for each in bots.values() if not each.token), None)
        author = bots.get(bot) if bot else webhook
        if author is None:
            raise UnknownError(f"no bot {bot}")
        place = self._stage.workspace.channel(channel)
        body = (
            bot_body(author, self._stage.workspace.team.id)
            if author.token
            else webhook_body(author, payload)
        )
        thread_ts = str(payload.get("thread_ts") or "")
        return self._poster.post(place, body, copy.deepcopy(payload), thread_ts=thread_ts).ts

    def put(self, channel: str, body: Json, before: Json | None = None) -> None:
        """Let a message stand exactly as it is, its ts too, and announce it.

        With `before`, what stood there, it is announced as an edit of that.
        """
        known = self._stage.transcript.get(channel, str(body["ts"]))
        message = known or Message(channel, body, "")
        message.body = body
        if known is None:
            self._stage.transcript.add(message)
        if before is None:
            self._poster.announce(message)
        else:
            self._poster.announce_change(message, before)

    def edit(self, channel: str, ts: str, changes: Json) -> None:
        """Change a person's or another bot's message: text, attachments or blocks."""
        message = self._find(channel, ts)
        changes = copy.deepcopy(changes)
        if "client_msg_id" in message.body and "text" in changes:
            changes |= self._composed(wire_text(str(changes["text"]), self._stage.workspace))
        editor = str(message.body.get("user") or message.body.get("bot_id"))
        self._poster.change(message, changes, editor)

    def unfurl(self, channel: str, ts: str, attachments: list[Json]) -> None:
        """Add link previews, which arrives as `message_changed` without an `edited` mark."""
        message = self._find(channel, ts)
        shown = [*message.body.get("attachments", []), *copy.deepcopy(attachments)]
        self._poster.change(message, {"attachments": shown}, "", unfurl=True)

    def delete(self, channel: str, ts: str) -> None:
        """Delete a message."""
        self._poster.remove(self._find(channel, ts))

    def _find(self, channel: str, ts: str) -> Message:
        return self._stage.transcript.find(self._stage.workspace.channel(channel).id, ts)

    def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's home tab, or its message tab."""
        self._poster.open_home(user, tab)

    def click(
        self,
        user: str,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        value: Chosen = None,
        block_id: str | None = None,
    ) -> Envelope:
        """Use a button, menu or checkbox. `value` picks among equals or says what was chosen.

        Nobody acknowledges: the message gets a warning. Raises `UnknownError`.
        """
        message = self._find(channel, message_ts)
        place = self._stage.workspace.channel(channel)
        block, element = _acting(message.body, action_id, value, block_id)
        action = self._action(block, element, value)
        _remember(message, action)
        state = {"values": copy.deepcopy(message.choices)}
        details = {**_where(message, place), "state": state, "actions": [action]}

        def settled(envelope: Envelope) -> None:
            if not envelope.acknowledged:
                message.warnings.append({"action_id": action_id, "user": user})
                self._stage.transcript.touch(message)

        return self._interact("block_actions", user, details, settled)

    def click_view(self, user: str, view_id: str, action_id: str, value: Chosen = None) -> Envelope:
        """Use a button or menu in a modal or in the home tab."""
        view = self._view(view_id)
        block, element = _acting(view, action_id, value, None)
        actions = [self._action(block, element, value)]
        place = {"container": {"type": "view", "view_id": view_id}, "view": copy.deepcopy(view)}
        return self._interact("block_actions", user, {**place, "actions": actions})

    def submit_view(self, user: str, view_id: str, values: Json | None = None) -> Envelope:
        """Submit a modal. `values`: `{block_id: {action_id: state}}` as Slack shapes it."""
        view = copy.deepcopy(self._view(view_id))
        view["state"] = {"values": values or {}}

        def settled(envelope: Envelope) -> None:
            action = envelope.ack_payload.get("response_action", "clear")
            if envelope.acknowledged and action == "clear":
                self.close_view(view_id)

        return self._interact("view_submission", user, {"view": view, "response_urls": []}, settled)

    def use_shortcut(
        self, user: str, callback_id: str, channel: str = "", message_ts: str = ""
    ) -> Envelope:
        """Use one of the app's shortcuts: on a message, or anywhere. Raises `UnknownError`."""
        known = self._stage.workspace.shortcuts.get(callback_id)
        if known is None or (known.kind == "message") is not bool(message_ts):
            raise UnknownError(f"no shortcut {callback_id} there")
        used: Json = {"callback_id": callback_id, "action_ts": self._stage.ids.ts()}
        if not message_ts:
            return self._interact("shortcut", user, used)
        message, place = self._find(channel, message_ts), self._stage.workspace.channel(channel)
        used |= {"channel": _named(place), "message": copy.deepcopy(message.body)}
        return self._interact("message_action", user, {**used, "message_ts": message.ts})

    def close_view(self, view_id: str) -> None:
        """Close a modal."""
        self._view(view_id)
        if view_id in self._stage.transcript.views:
            self._stage.transcript.views[view_id]["open"] = False
            self._stage.transcript.tell({"kind": "view", "id": view_id, "open": False})

    def _view(self, view_id: str) -> Json:
        opened = self._stage.transcript.views.get(view_id)
        if opened:
            return dict(opened["view"])
        for home in self._stage.transcript.homes.values():
            if home["id"] == view_id:
                return home
        raise UnknownError(f"no view {view_id}")

    def _interact(
        self,
        kind: str,
        user_id: str,
        details: Json,
        settled: Callable[[Envelope], None] | None = None,
    ) -> Envelope:
        """Hand the app an interaction: what all of them start with, then its own details."""
        user, ids, team = (
            self._stage.workspace.user(user_id),
            self._stage.ids,
            self._stage.workspace.team,
        )
        trigger_id = f"{ids.new('', 11)}.{ids.new('', 12)}.{ids.new('', 16)}"
        self._stage.triggers[trigger_id] = Trigger(user_id, self._stage.clock())
        payload = {
            "type": kind,
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "api_app_id": self._stage.workspace.bot.app_id,
            "token": "sandbox-verification-token",
            "trigger_id": trigger_id,
            "team": {"id": team.id, "domain": team.domain},
            **details,
        }
        return self._stage.sockets.deliver(
            "interactive", payload, retried=False, on_settled=settled
        )

    def _action(self, block: Json, element: Json, value: Chosen) -> Json:
        action: Json = {
            "action_id": element["action_id"],
            "block_id": block.get("block_id", ""),
            "type": element["type"],
            "action_ts": self._stage.ids.ts(),
        }
        if element["type"] == "button":
            kept: Json = {key: element[key] for key in ("text", "value", "style") if key in element}
            return {**action, **kept}
        wanted = value if isinstance(value, list) else [value]
        chosen = [option for option in element["options"] if option["value"] in wanted]
        return {**action, "selected_options": chosen}


def _named(place: Channel) -> Json:
    return {"id": place.id, "name": "directmessage" if place.kind == "im" else place.name}


def _where(message: Message, place: Channel) -> Json:
    seen = {"message_ts": message.ts, "is_ephemeral": bool(message.visible_to)}
    container: Json = {"type": "message", "channel_id": place.id, **seen}
    if message.in_thread:
        container["thread_ts"] = message.root
    shown = {} if message.visible_to else {"message": copy.deepcopy(message.body)}
    return {"container": container, "channel": _named(place), **shown}


def _remember(message: Message, action: Json) -> None:
    state = {key: action[key] for key in action if key.startswith("selected_")}
    if state:
        held = message.choices.setdefault(action["block_id"], {})
        held[action["action_id"]] = {"type": action["type"], **state}


def _acting(holder: Json, action_id: str, value: Chosen, block_id: str | None) -> tuple[Json, Json]:
    found = [
        (block, element)
        for block, element in _elements(holder)
        if element.get("action_id") == action_id and block_id in (None, block.get("block_id"))
    ]
    exact = [pair for pair in found if value is not None and pair[1].get("value") == value]
    menus = [pair for pair in found if value is None or pair[1]["type"] != "button"]
    if not (exact or menus):
        raise UnknownError(f"no element {action_id} with value {value!r}")
    return (exact or menus)[0]


def _elements(holder: Json) -> Iterator[tuple[Json, Json]]:
    attached = [each.get("blocks", []) for each in holder.get("attachments", [])]
    for block in [*holder.get("blocks", []), *(block for blocks in attached for block in blocks)]:
        held = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element
