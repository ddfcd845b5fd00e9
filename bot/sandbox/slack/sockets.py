"""Socket Mode: tickets, connections, envelopes, acknowledgements and retries."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import WSMsgType, web

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.transcript import Attempt, Envelope, Json, Transcript

MAX_CONNECTIONS = 10  # per app, as node-slack-sdk#1654 tells
Cut = Literal["message", "close", "half_open", "abort", "deaf"]


@dataclass(slots=True, eq=False)
class Connection:
    """One open socket of the app.

    A half-open one still takes frames and answers nothing; a deaf one answers pings, and what is
    delivered through it is never written.
    """

    number: int
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    half_open: bool = False
    deaf: bool = False


@dataclass(slots=True)
class _Pending:
    envelope: Envelope
    attempt: Attempt
    acknowledged: asyncio.Event
    sent: float


class SocketHub:
    """Hands every envelope to one random connection and tries again until it is acknowledged."""

    def __init__(
        self,
        transcript: Transcript,
        identifiers: Identifiers,
        ack_timeout_s: float,
        retry_delays_s: tuple[float, ...],
    ) -> None:
        self._transcript = transcript
        self._ids = identifiers
        self._ack_timeout_s = ack_timeout_s
        self._retry_delays_s = retry_delays_s
        self._tickets: set[str] = set()
        self._pending: dict[str, _Pending] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._opened = 0
        self.connections: list[Connection] = []

    def ticket(self) -> str:
        """Return a ticket that opens one socket, once."""
        ticket = self._ids.uuid()
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve `/link/`: one socket until it closes. A bad or used ticket is a 401."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, timeout=1.0)
        await socket.prepare(request)
        if len(self.connections) >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._opened += 1
        connection = Connection(self._opened, socket, request.transport)
        self.connections.append(connection)
        try:
            await socket.send_json({"type": "hello", "num_connections": len(self.connections)})
            self._transcript.tell({"kind": "socket", "open": len(self.connections)})
            await self._receive(connection)
        finally:
            self._forget(connection)
        return socket

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
            self._transcript.tell({"kind": "socket", "open": len(self.connections)})

    async def _receive(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if connection.half_open:
                continue
            if frame.type is WSMsgType.PING:
                await connection.socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                self._acknowledge(connection, frame.data)

    def _acknowledge(self, connection: Connection, text: str) -> None:
        try:
            reply = json.loads(text)
        except ValueError:
            return
        pending = self._pending.get(str(reply.get("envelope_id"))) if reply else None
        # Slack does not say whether another socket than the one it was sent on may acknowledge:
        # the careful answer is that it may not.
        if pending is None or pending.attempt.connection != connection.number:
            return
        pending.attempt.ack_after_s = asyncio.get_running_loop().time() - pending.sent
        pending.envelope.ack_payload = reply.get("payload") or {}
        pending.acknowledged.set()

    def deliver(
        self,
        kind: str,
        payload: Json,
        *,
        retried: bool = True,
        on_settled: Callable[[Envelope], None] | None = None,
    ) -> Envelope:
        """Start handing out an envelope. `on_settled` is called when it is acknowledged or given up."""
        envelope = Envelope(kind, payload)
        self._transcript.envelopes.append(envelope)
        delays = self._retry_delays_s if retried else ()
        self._spawn(self._hand_out(envelope, delays, on_settled))
        return envelope

    def redeliver(self, event_id: str) -> Envelope:
        """Send an event's last envelope once more, under the same envelope id."""
        known = [each for each in self._transcript.envelopes if each.event_id == event_id]
        if not known:
            raise LookupError(f"no event {event_id}")
        envelope = known[-1]
        last = envelope.attempts[-1].envelope_id if envelope.attempts else self._ids.uuid()
        self._spawn(self._attempt(envelope, len(envelope.attempts), last))
        return envelope

    async def send_raw(self, text: str) -> bool:
        """Write any text to one connection; false when none is open."""
        if not self.connections:
            return False
        await self._ids.random.choice(self.connections).socket.send_str(text)
        return True

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_out(
        self,
        envelope: Envelope,
        delays: tuple[float, ...],
        on_settled: Callable[[Envelope], None] | None,
    ) -> None:
        for number, delay in enumerate((0.0, *delays)):
            if number:
                await asyncio.sleep(delay)
            if await self._attempt(envelope, number, self._ids.uuid()):
                break
        envelope.settled.set()
        if on_settled:
            on_settled(envelope)
        self._transcript.tell({"kind": "envelope", "acknowledged": envelope.acknowledged})

    async def _attempt(self, envelope: Envelope, number: int, envelope_id: str) -> bool:
        attempt = Attempt(envelope_id)
        envelope.attempts.append(attempt)
        if not self.connections:
            return False
        connection = self._ids.random.choice(self.connections)
        attempt.connection = connection.number
        now = asyncio.get_running_loop().time()
        pending = _Pending(envelope, attempt, asyncio.Event(), now)
        self._pending[envelope_id] = pending
        try:
            if not connection.deaf:
                await connection.socket.send_json(_frame(envelope, envelope_id, number))
            async with asyncio.timeout(self._ack_timeout_s):
                await pending.acknowledged.wait()
        except (TimeoutError, ConnectionError):
            return False
        finally:
            self._pending.pop(envelope_id, None)
        envelope.acknowledged = True
        self._transcript.tell({"kind": "envelope", "acknowledged": True})
        return True

    async def disconnect(
        self, reason: str = "refresh_requested", cut: Cut = "message", number: int = 0
    ) -> int:
        """End connections (all, or one by number) the way `cut` says; return how many.

        `message` sends the disconnect frame, `close` a close frame, `abort` drops TCP,
        `half_open` keeps TCP but never answers again, `deaf` answers and delivers nothing.
        """
        chosen = [each for each in self.connections if number in (0, each.number)]
        for connection in chosen:
            if cut == "half_open":
                connection.half_open = True
            elif cut == "deaf":
                connection.deaf = True
            elif cut == "message":
                await connection.socket.send_json({"type": "disconnect", "reason": reason})
            else:
                await self._drop(connection, abort=cut == "abort")
        return len(chosen)

    async def _drop(self, connection: Connection, *, abort: bool) -> None:
        self._forget(connection)
        if not abort:
            await connection.socket.close()
            return
        if connection.transport is not None:
            connection.transport.abort()

    async def stop(self) -> None:
        """Close every socket and end every delivery."""
        for connection in list(self.connections):
            connection.half_open = False
            await connection.socket.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _frame(envelope: Envelope, envelope_id: str, number: int) -> Json:
    frame: Json = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": number, "retry_reason": "timeout" if number else ""}
    return frame
