"""A client of the gateway for programs of ours; it imports no other room."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

Json = dict[str, Any]
PATIENCE = httpx.Timeout(10.0, read=70.0)  # seconds; a turn is given 55


class GatewayError(Exception):
    """The gateway refused or did not answer; the message is one line, `code` its reason's name."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class GatewayClient:
    """Calls one gateway with one token; with `reads_only` whatever else is refused here already."""

    def __init__(self, address: str, token: str, *, reads_only: bool = False) -> None:
        self._reads_only = reads_only
        self._http = httpx.AsyncClient(
            base_url=f"{address.rstrip('/')}/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, **asked: Any) -> Any:
        """Return what stands at a path below /v1/. Raises GatewayError."""
        return await self._call("GET", path, params=asked)

    async def undo(self, thread: str, text: str) -> None:
        """Take back the last message of a thread. Raises GatewayError (not_undone)."""
        await self._call("POST", f"threads/{thread}/undo", json={"text": text})

    async def say(self, thread: str, text: str, language: str) -> AsyncIterator[Json]:
        """Say something; yield the facts as far as they stand, then the answer.

        Raises GatewayError.
        """
        self._allow("POST")
        path = f"threads/{thread}/messages"
        headers = {"Accept": "text/event-stream"}
        body, event = {"text": text, "language": language}, ""
        try:
            async with self._http.stream("POST", path, json=body, headers=headers) as response:
                if response.is_error:
                    await response.aread()
                    raise _refused(response)
                async for line in response.aiter_lines():
                    if line.startswith("event: "):
                        event = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        told = json.loads(line.removeprefix("data: "))
                        if event == "problem":
                            raise GatewayError(str(told.get("code")), str(told.get("detail")))
                        yield told
        except httpx.HTTPError as error:
            raise _lost(error) from None
        if event != "answer":
            raise GatewayError("unreachable", "the gateway ended before its answer")

    async def decide(self, proposal_id: str, digest: str, *, approve: bool) -> Json:
        """Decide on exactly what the digest stands for. Raises GatewayError."""
        body = {"decision": "approve" if approve else "reject", "digest": digest}
        decided: Json = await self._call("POST", f"proposals/{proposal_id}/decision", json=body)
        return decided

    def _allow(self, method: str) -> None:
        if self._reads_only and method != "GET":
            raise GatewayError("no_scope", "This caller may only read.")

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        self._allow(method)
        try:
            response = await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise _lost(error) from None
        if response.is_error:
            raise _refused(response)
        return response.json()


def _refused(response: httpx.Response) -> GatewayError:
    try:
        body = response.json()
        return GatewayError(str(body["code"]), str(body["detail"]))
    except (ValueError, KeyError, TypeError):
        return GatewayError("refused", f"HTTP {response.status_code}")


def _lost(error: httpx.HTTPError) -> GatewayError:
    return GatewayError("unreachable", type(error).__name__)
