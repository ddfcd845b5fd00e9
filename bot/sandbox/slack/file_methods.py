"""Web API: the three-step upload of `files.*`, and serving what was uploaded."""

import mimetypes
from typing import Any

from aiohttp import web

from bot.sandbox.slack.arguments import ApiError, check_content, needed, text_of
from bot.sandbox.slack.method import Method, Methods, joined_channel
from bot.sandbox.slack.posting import Poster, bot_body
from bot.sandbox.slack.stage import Stage, Upload
from bot.sandbox.slack.transcript import Json
from bot.sandbox.slack.workspace import Bot

MAX_BYTES = 20 * 1024 * 1024


class FileMethods:
    """Uploads: address, bytes, completion with an optional post."""

    def __init__(self, stage: Stage, poster: Poster) -> None:
        self._stage = stage
        self._poster = poster

    def table(self) -> Methods:
        """Return the methods by name."""
        return {
            "files.getUploadURLExternal": Method(self._address, ("files:write",)),
            "files.completeUploadExternal": Method(self._complete, ("files:write",)),
        }

    def _address(self, bot: Bot, arguments: Json) -> Json:
        del bot
        name = needed(arguments, "filename")
        length = needed(arguments, "length")
        if not length.isdigit() or not 0 < int(length) <= MAX_BYTES:
            raise ApiError("invalid_arguments")
        file_id = self._stage.ids.new("F")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        alt = text_of(arguments, "alt_txt")
        self._stage.uploads[file_id] = Upload(name, int(length), content_type=kind, alt=alt)
        return {"upload_url": f"{self._stage.base_url}/upload/{file_id}", "file_id": file_id}

    async def receive(self, request: web.Request) -> web.Response:
        """Take the bytes at an upload address: raw, or the first file of a form."""
        upload = self._stage.uploads.get(request.match_info["file_id"])
        if upload is None:
            return web.Response(status=404, text="not found")
        content = await _content(request)
        if len(content) != upload.length:
            return web.Response(status=400, text="length mismatch")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def serve(self, request: web.Request) -> web.Response:
        """Return an uploaded file, never as a page."""
        upload = self._stage.uploads.get(request.match_info["file_id"])
        if upload is None or upload.content is None:
            return web.Response(status=404, text="not found")
        shown = upload.content_type.startswith("image/") and "svg" not in upload.content_type
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline" if shown else "attachment",
        }
        kind = upload.content_type if shown else "application/octet-stream"
        return web.Response(body=upload.content, content_type=kind, headers=headers)

    def _complete(self, bot: Bot, arguments: Json) -> Json:
        listed: Any = arguments.get("files")
        if not isinstance(listed, list) or not listed:
            raise ApiError("invalid_arguments")
        files = [self._file(bot, each) for each in listed]
        for each in files:
            self._stage.transcript.files[each["id"]] = each
        channel_id = text_of(arguments, "channel_id")
        if channel_id:
            channel = joined_channel(self._stage, bot, channel_id)
            words = {"text": text_of(arguments, "initial_comment")}
            if arguments.get("blocks") is not None:
                words["blocks"] = arguments["blocks"]
            content = check_content(words, allow_empty=True)
            author = bot_body(bot, self._stage.workspace.team.id)
            thread_ts = text_of(arguments, "thread_ts")
            content["files"] = files
            self._poster.post(channel, author, content, thread_ts=thread_ts)
        return {"files": files}

    def _file(self, bot: Bot, entry: Any) -> Json:
        file_id = str(entry.get("id")) if isinstance(entry, dict) else ""
        upload = self._stage.uploads.get(file_id)
        if upload is None or upload.content is None:
            raise ApiError("file_not_found")
        url = f"{self._stage.base_url}/files/{file_id}/{upload.name}"
        return {
            "id": file_id,
            "name": upload.name,
            "title": entry.get("title") or upload.name,
            "mimetype": upload.content_type,
            "size": upload.length,
            "user": bot.user_id,
            "url_private": url,
            "permalink": url,
            "alt_txt": upload.alt,
        }


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    for part in form.values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""
