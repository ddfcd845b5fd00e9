"""What stands in the way on the network, each with a reason of its own, against real sockets."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.backends.http import HttpSystem, Way, make_client
from bot.errors import BackendError, FaultReason
from tests.free_ports import free_port

CERTIFICATE = Path(__file__).with_name("own_certificate.pem")  # with its key: of these tests alone
HOST = "127.0.0.1"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
SIGN_IN = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x0a"  # fatal, unexpected message
GO = b"Client sent an HTTP request to an HTTPS server.\n"
NGINX = (
    b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"
)
APACHE = b"Reason: You're speaking plain HTTP to an SSL-enabled server port."


@asynccontextmanager
async def listening(reply: bytes, *, tls: bool = False) -> AsyncIterator[int]:
    """Answer every request alike until the block ends; give the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(reply)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(answer, HOST, 0, ssl=context)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def reason(address: str, way: Way | None = None) -> FaultReason | None:
    """Return why an address cannot be read; None when it can."""
    async with make_client(way=way) as client:
        system = HttpSystem("prometheus", address, client, (re.compile("/known"),))
        try:
            await system.read_json("/known")
        except BackendError as error:
            return error.missing.reason
    return None


async def test_a_certificate_of_ones_own_is_trusted_once_its_file_is_named() -> None:
    async with listening(FINE, tls=True) as port:
        address = f"https://{HOST}:{port}"
        assert await reason(address) is FaultReason.FOREIGN_CA
        assert await reason(address, Way(ca=CERTIFICATE)) is None


async def test_https_asked_of_a_plain_port_is_told() -> None:
    async with listening(FINE) as port:
        assert await reason(f"https://{HOST}:{port}") is FaultReason.NOT_TLS


@pytest.mark.parametrize(
    "reply",
    [
        TLS_ALERT,
        *(
            b"HTTP/1.0 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            for body in (GO, NGINX, APACHE)
        ),
    ],
    ids=["alert", "go", "nginx", "apache"],
)
async def test_http_asked_of_a_tls_port_is_told(reply: bytes) -> None:
    async with listening(reply) as port:
        assert await reason(f"http://{HOST}:{port}") is FaultReason.TLS_WANTED


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_a_sign_in_is_told(scheme: str) -> None:
    """It answers in the system's place, or refuses the tunnel to it."""
    async with listening(SIGN_IN) as proxy:
        way = Way(proxy=f"http://{HOST}:{proxy}")
        assert await reason(f"{scheme}://prometheus.invalid:9090", way) is FaultReason.PROXY


async def test_a_name_without_address_and_a_closed_port_are_told_apart() -> None:
    assert await reason("http://prometheus.invalid:9090") is FaultReason.NAME
    assert await reason(f"http://{HOST}:{free_port()}") is FaultReason.CLOSED
