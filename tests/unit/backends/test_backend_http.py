"""The HTTP client of all backends: bounded, single-minded, discreet."""

import asyncio
import re

import httpx
import pytest

from bot.backends.http import HttpLimits, HttpSystem, NotSentError, make_client, shown, until
from bot.errors import BackendError, FaultKind, StartError

PATHS = (re.compile("/known"),)


def soon() -> float:
    return 1.0


def system(
    answer: object, limits: HttpLimits | None = None
) -> tuple[HttpSystem, list[httpx.Request]]:
    """Return a system whose every answer is `answer`, and what it is asked."""
    asked: list[httpx.Request] = []

    async def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    client = make_client(transport=httpx.MockTransport(respond))
    return HttpSystem("yarn", "http://u:pw@rm:8088/base/", client, PATHS, limits), asked


async def kind_of(reader: HttpSystem) -> FaultKind:
    with pytest.raises(BackendError) as raised:
        await reader.read_json("/known", {"token": "s3cret"})
    assert "s3cret" not in str(raised.value)
    assert "pw" not in str(raised.value)
    assert "\n" not in str(raised.value)
    return raised.value.missing.kind


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (httpx.Response(500, text="java.lang.NullPointerException\n\tat x"), FaultKind.FAILED, 2),
        (httpx.Response(503, text="later"), FaultKind.FAILED, 2),
        (httpx.ConnectError("http://u:pw@rm refused"), FaultKind.UNREACHABLE, 2),
        (httpx.RemoteProtocolError("x"), FaultKind.UNREACHABLE, 2),
        (httpx.ReadTimeout("x"), FaultKind.TIMEOUT, 1),
        (httpx.Response(401, text="who"), FaultKind.REFUSED, 1),
        (httpx.Response(403, text="no"), FaultKind.REFUSED, 1),
        (httpx.Response(404, text="what"), FaultKind.BAD_ANSWER, 1),
        (httpx.Response(302, headers={"Location": "http://evil/"}), FaultKind.BAD_ANSWER, 1),
        (httpx.Response(200, text="<html>"), FaultKind.BAD_ANSWER, 1),
        (httpx.Response(200, text='{"apps": {"app": ['), FaultKind.BAD_ANSWER, 1),
        (httpx.Response(200, content=b"[" * 100_000), FaultKind.BAD_ANSWER, 1),
    ],
    ids=str,
)
async def test_every_failure_of_a_read_has_its_kind(
    answer: object, kind: FaultKind, requests: int
) -> None:
    """Only refused connections, lost ones and 5xx are asked again, once."""
    reader, asked = system(answer)
    assert await kind_of(reader) is kind
    assert len(asked) == requests


async def test_json_is_judged_by_its_content() -> None:
    """A JSON body called text is JSON; lone surrogates do not lose the rest."""
    reader, _ = system(httpx.Response(200, text='{"a": "\\ud800", "b": 1}'))
    assert (await reader.read_json("/known"))["b"] == 1


async def test_a_body_past_the_limit_is_not_kept() -> None:
    """Memory stays bounded whatever is sent."""
    limits = HttpLimits(body_bytes=1000)
    reader, _ = system(httpx.Response(200, content=b"x" * 2000), limits)
    assert await kind_of(reader) is FaultKind.BAD_ANSWER


async def test_unknown_paths_are_never_asked() -> None:
    """A path outside the list is a mistake of ours, not an answer of theirs."""
    reader, asked = system(httpx.Response(200))
    for path in ("/ws", "/known/../secret", "/known\n", "//evil/known"):
        with pytest.raises(ValueError, match="not a path"):
            await reader.read(path)
        with pytest.raises(ValueError, match="not a path"):
            await reader.send_once("PUT", path, soon)
    assert not asked


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x")])
async def test_a_request_that_never_left_says_so(error: Exception) -> None:
    """Nothing was done, which is a definite answer."""
    writer, asked = system(error)
    with pytest.raises(NotSentError):
        await writer.send_once("PUT", "/known", soon)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.WriteError("x")]
)
async def test_a_request_that_may_have_arrived_is_not_repeated(error: Exception) -> None:
    """One request, and an error that does not claim to know."""
    writer, asked = system(error)
    with pytest.raises(BackendError):
        await writer.send_once("PUT", "/known", soon)
    assert len(asked) == 1


async def test_a_base_path_is_kept() -> None:
    """Gateways put clusters below a path."""
    reader, asked = system(httpx.Response(200, json={}))
    await reader.read_json("/known")
    assert asked[0].url.path == "/base/known"


def test_only_host_and_port_are_shown() -> None:
    """No user, no password, no path."""
    assert shown("https://u:pw@rm.example.com:8090/x?y=z") == "rm.example.com:8090"
    assert shown("rm:8088") == "rm:8088"
    assert shown("http://[::1]:8088") == "[::1]:8088"


@pytest.mark.parametrize("address", ["http://a b:x", "ftp://rm", "http://", "http://rm/?u=s3cret"])
async def test_an_address_that_is_none_ends_the_start(address: str) -> None:
    """One line for the operator, without the value, which may hold a password."""
    async with make_client() as client:
        with pytest.raises(StartError) as raised:
            HttpSystem("yarn", address, client, PATHS)
    assert "s3cret" not in str(raised.value)


async def test_the_first_wanted_answer_ends_the_asking() -> None:
    """The rest is given up, not waited for."""
    forever = asyncio.Event()
    ended = []

    async def slow() -> str:
        try:
            await forever.wait()
        finally:
            ended.append("slow")
        return "never"

    async def fast(word: str) -> str:
        return word

    answers = await until([slow(), fast("no"), fast("yes")], lambda word: word == "yes")
    assert answers[-1] == "yes"
    assert "never" not in answers
    assert ended == ["slow"]
