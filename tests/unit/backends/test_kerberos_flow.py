"""SPNEGO around any inner authentication: the flow it passes on, and a failure told in words."""

from collections.abc import Generator

import httpx
import pytest

from bot.backends.http import HttpSystem, NotSentError, make_client
from bot.backends.kerberos import Spnego
from bot.backends.yarn import paths
from bot.errors import BackendError, FaultKind

INFO = "/ws/v1/cluster/info"
NO_TICKET = "initiating context failed: No Kerberos credentials available"


class ExchangeError(httpx.RequestError):
    """What the inner authentication raises."""


class Negotiating(httpx.Auth):
    """Sends a token at once, and another after each 401; without tokens it fails."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        while True:
            if not self._tokens:
                raise ExchangeError(NO_TICKET, request=request)
            request.headers["Authorization"] = f"Negotiate {self._tokens.pop(0)}"
            if (yield request).status_code != 401:
                return


def asked(inner: httpx.Auth, seen: list[str]) -> HttpSystem:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200 if seen[-1].endswith("good") else 401, json={})

    auth = Spnego(inner, ExchangeError)
    client = make_client(auth=auth, transport=httpx.MockTransport(answer))
    return HttpSystem("yarn", "http://rm:8088", client, paths())


async def test_a_token_is_sent_at_once() -> None:
    """One request and no 401 before it, so that a kill is one request."""
    seen: list[str] = []
    assert (await asked(Negotiating("good"), seen).send_once("PUT", INFO, lambda: 1.0)).ok
    assert seen == ["Negotiate good"]


async def test_a_second_round_is_passed_on() -> None:
    """A server may want another token."""
    seen: list[str] = []
    assert (await asked(Negotiating("bad", "good"), seen).read(INFO)).ok
    assert seen == ["Negotiate bad", "Negotiate good"]


async def test_no_ticket_is_a_refusal_in_the_library_s_words() -> None:
    """Of a read; a kill was then not sent."""
    seen: list[str] = []
    with pytest.raises(BackendError) as caught:
        await asked(Negotiating(), seen).read(INFO)
    assert caught.value.missing.kind is FaultKind.REFUSED
    assert NO_TICKET in caught.value.missing.detail
    with pytest.raises(NotSentError, match="Kerberos: initiating context failed"):
        await asked(Negotiating(), seen).send_once("PUT", INFO, lambda: 1.0)
    assert seen == []
