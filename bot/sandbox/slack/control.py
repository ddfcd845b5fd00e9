"""The control API over HTTP, through which the page acts.

Every action is a POST of a JSON object to `/control/{action}`. A wrong
argument is a 400, a thing that does not exist a 404, both `{"error": text}`.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.slack.people import People
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.transcript import Envelope, Json
from bot.sandbox.slack.workspace import UnknownError


class Control:
    """Maps HTTP to the gestures of `People`."""

    def __init__(self, stage: Stage, people: People) -> None:
        self._stage = stage
        self._people = people

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under `/control/`."""
        return [
            web.get("/control/connections", self._connections),
            web.post("/control/{action}", self._act),
        ]

    async def _connections(self, _: web.Request) -> web.Response:
        return web.json_response([each.number for each in self._stage.sockets.connections])

    async def _act(self, request: web.Request) -> web.Response:
        actions: dict[str, Callable[..., Any]] = {
            "say": self._people.say,
            "open_home": self._people.open_home,
            "close_view": self._people.close_view,
            "use_shortcut": self._use_shortcut,
            "click": self._click,
            "click_view": self._click_view,
            "submit_view": self._submit_view,
        }
        name = request.match_info["action"]
        if name not in actions:
            return _error(404, f"no action {name}")
        try:
            arguments = json.loads(await request.text() or "{}")
            result = actions[name](**arguments)
            if isinstance(result, Awaitable):
                result = await result
        except UnknownError as missing:
            return _error(404, str(missing))
        except (TypeError, ValueError) as wrong:
            return _error(400, str(wrong))
        return web.json_response({"ok": True, "result": result})

    async def _click(self, *, wait: bool = False, **arguments: Any) -> Json:
        return await _outcome(self._people.click(**arguments), wait=wait)

    async def _click_view(self, *, wait: bool = False, **arguments: Any) -> Json:
        return await _outcome(self._people.click_view(**arguments), wait=wait)

    async def _submit_view(self, *, wait: bool = False, **arguments: Any) -> Json:
        return await _outcome(self._people.submit_view(**arguments), wait=wait)

    async def _use_shortcut(self, *, wait: bool = False, **arguments: Any) -> Json:
        return await _outcome(self._people.use_shortcut(**arguments), wait=wait)


def workspace_json(stage: Stage) -> Json:
    """Return team, bot, users, channels and groups, as the page needs them."""
    workspace = stage.workspace
    return {
        "team": {"id": workspace.team.id, "name": workspace.team.name},
        "bot": {"id": workspace.bot.id, "user_id": workspace.bot.user_id},
        "bots": [bot.to_json() for bot in workspace.bots.values()],
        "users": [user.to_json() for user in workspace.users.values()],
        "groups": [{"id": each.id, "handle": each.handle} for each in workspace.groups.values()],
        "shortcuts": [
            {"id": each.callback_id, "kind": each.kind, "ko": each.name, "en": each.name_en}
            for each in workspace.shortcuts.values()
        ],
        "channels": [
            {
                "id": each.id,
                "name": each.name,
                "kind": each.kind,
                "members": sorted(each.members),
                "topic": each.topic,
            }
            for each in workspace.channels.values()
        ],
    }


async def _outcome(envelope: Envelope, *, wait: bool) -> Json:
    if wait:
        await envelope.settled.wait()
    return envelope.to_json()


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
