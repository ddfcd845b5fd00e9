"""SPNEGO from the ticket cache, by httpx-gssapi, which is an extra; how its failures are told."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from importlib import import_module

import httpx

from bot.backends.http import NotAuthenticatedError
from bot.backends.shapes import one_line
from bot.errors import StartError

Flow = Generator[httpx.Request, httpx.Response, None]


class Spnego(httpx.Auth):
    """Runs another authentication in a thread, for it may wait for a KDC; tells of its failure.

    Raises NotAuthenticatedError, before anything was sent or after a 401, so nothing was done.
    """

    def __init__(self, inner: httpx.Auth, failure: type[httpx.RequestError]) -> None:
        self._inner = inner
        self._failure = failure

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield the requests to send, the first one authenticated already."""
        flow = self._inner.auth_flow(request)
        following = await asyncio.to_thread(self._step, flow, None)
        while following is not None:
            response = yield following
            following = await asyncio.to_thread(self._step, flow, response)

    def _step(self, flow: Flow, response: httpx.Response | None) -> httpx.Request | None:
        """Return the next request; None at the end, which no thread may raise."""
        try:
            return next(flow) if response is None else flow.send(response)
        except StopIteration:
            return None
        except self._failure as error:
            raise NotAuthenticatedError(f"Kerberos: {one_line(str(error))}") from None


def principal() -> str:
    """Return whose ticket or keytab is used, as the Kerberos library has it; it may wait for a KDC."""
    try:
        gssapi = import_module("gssapi")
        return one_line(str(gssapi.Credentials(usage="initiate").name))
    except Exception:  # noqa: BLE001 - the library's own errors; the name is a help, not a need
        return "Kerberos"


def kerberos_auth() -> httpx.Auth:
    """Return SPNEGO authentication from the ticket cache, sent without waiting for a 401.

    A kill is thus one request. Raises StartError without the extra `kerberos`.
    """
    try:
        module = import_module("httpx_gssapi")
        failures = import_module("httpx_gssapi.exceptions")
    except ImportError:
        raise StartError(
            "YARN_AUTH=kerberos needs the extra: pip install 'dangjik[kerberos]'"
        ) from None
    return Spnego(module.HTTPSPNEGOAuth(opportunistic_auth=True), failures.SPNEGOExchangeError)
