"""What leaves for the web: public words only, whatever the investigation says."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.knowledge import Collection
from bot.errors import BackendError, FaultKind
from bot.retrieval.web import DOMAINS, TavilyWeb, allowed_query
from bot.settings import load_settings
from bot.wiring import open_web

KEY = SecretStr("tvly-test")


@pytest.mark.parametrize(
    ("question", "query"),
    [
        (
            "java.lang.OutOfMemoryError: Java heap space on dn-117.acme.internal by kimcs",
            "OutOfMemoryError java heap space",
        ),
        ("FetchFailedException 계속 나는데 retry 설정", "FetchFailedException retry configuration"),
        ("spark.executor.memoryOverhead=4g 설정", "spark.executor.memoryOverhead configuration"),
        ("Spark 3.5.1 셔플이 느려요", "spark 3.5.1 shuffle slow"),
        ("org.apache.hadoop.hdfs.BlockMissingException", "BlockMissingException"),
        ("yarn container exit code 137", "yarn container exit code 137"),
        ("네임노드 안전 모드 해제 안 됨", "namenode safemode"),
    ],
)
def test_public_words_pass(question: str, query: str) -> None:
    """Error classes, keys, products with versions, and Korean words in English."""
    words = set(query.split())
    assert words <= set(allowed_query(question).split())


@pytest.mark.parametrize(
    "question",
    [
        "dn-117.acme.internal",
        "payroll-settlement",
        "/data/spark/shuffle 는 왜",
        "hdfs://nn1/user/kim/spark",
        "spark.acme.secret.key",
        "com.acme.spark.LedgerException",
        "org.apache.spark.acme.AcmeException",
        "<@U123456> 죽여줘",
        "kafka.prod-01.corp:9092",
        "hive.metastore.local",
        "10.20.30.40",
        "application_1700000000000_0001",
        "spark-payroll@acme.com",
        "how to fix slow",
        "",
    ],
)
def test_private_names_and_empty_words_do_not_leave(question: str) -> None:
    """Nothing is sent rather than a guess."""
    assert allowed_query(question) == ""


@given(st.text(max_size=300))
def test_any_text_gives_only_known_words(question: str) -> None:
    """Twelve words at most, none of them with a sign of a host, path or address."""
    query = allowed_query(question)
    assert len(query.split()) <= 12
    assert not re.search(r"[/\\@:#$_]", query)


@pytest.mark.parametrize("question", ["Flink savepoint는 어떻게 만들어?", "trino?"])
def test_a_listed_product_is_reason_enough_to_ask(question: str) -> None:
    """One word of it leaves, nothing beside it."""
    assert allowed_query(question).split()[0] in {"flink", "trino"}


@dataclass
class Tavily:
    """A recording stand-in: POST /search with a bearer key, as Tavily's API answers."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    status: int = 200
    reply: object = None

    async def search(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        if isinstance(self.reply, str):
            return web.Response(text=self.reply, status=self.status)
        return web.json_response(self.reply or {"results": []}, status=self.status)


@pytest_asyncio.fixture
async def tavily() -> AsyncIterator[tuple[Tavily, str]]:
    made = Tavily()
    application = web.Application()
    application.router.add_post("/search", made.search)
    async with TestServer(application, host="127.0.0.1") as server:
        yield made, str(server.make_url("")).rstrip("/")


def internal_names(pick: random.Random) -> list[str]:
    """Return 1,000 names as companies give them: hosts, users, queues, applications, paths."""
    words = (
        "ledger",
        "payroll",
        "settle",
        "promo",
        "fraud",
        "churn",
        "basket",
        "orchid",
        "maple",
        "comet",
    )
    makers = (
        lambda a, b, n: f"{a}-{b}-{n:03}.corp.internal",
        lambda a, b, n: f"{a}_{b}_v{n}",
        lambda a, b, n: f"spark-{a}-{b}-{n}",
        lambda a, b, n: f"/data/{a}/{b}/dt={n}",
        lambda a, b, n: f"{a}{b}{n}",
        lambda a, b, n: f"root.{a}.{b}{n}",
        lambda a, b, n: f"com.{a}.{b}{n}.Main{a.title()}Exception",
        lambda a, b, n: f"{a.title()}{b.title()}{n}Job",
        lambda a, b, n: f"{a}.{b}{n}@corp.example",
        lambda a, b, n: f"yarn-{a}{n}:8088",
        lambda a, b, n: f"{KOREAN_NAMES[n % len(KOREAN_NAMES)]}{a}{n}",
    )
    names: set[str] = set()
    while len(names) < 1000:
        names.add(pick.choice(makers)(pick.choice(words), pick.choice(words), pick.randrange(999)))
    return sorted(names)


KOREAN_NAMES = ("정산원장", "추천봇", "고객이탈", "급여집계", "단풍팀", "난초프로젝트")
SAID = (
    "{0} failed with java.lang.OutOfMemoryError: GC overhead limit exceeded on {1}",
    "{0} 잡이 {1} 노드에서 FetchFailedException 으로 계속 실패합니다. spark.shuffle.io.maxRetries 설정?",
    "user {0} queue {1}: container killed by YARN for exceeding memory limits, Spark 3.5.1",
    "{0} 애플리케이션이 {1} 큐에서 ACCEPTED 상태로 대기 중, 스케줄러 선점 설정이 궁금합니다",
    "org.apache.hadoop.hdfs.server.namenode.SafeModeException on {0} while writing {1}",
    "{0}의 셔플 spill이 너무 커서 {1} 디스크가 가득 찼습니다. spark.sql.shuffle.partitions?",
    "Kafka consumer lag of {0} on broker {1} keeps growing after rebalance",
    "{0} Trino query exceeded per-node memory limit, submitted by {1}",
    "{0} {1} 왜 이래요?",
    "NameNode {0} GC pause 20s, hdfs client {1} sees StandbyException",
)


async def test_no_internal_name_ever_leaves(tavily: tuple[Tavily, str]) -> None:
    """500 investigations over 1,000 names: no name in any request, four of five still useful."""
    server, url = tavily
    pick = random.Random(20261122)
    names = internal_names(pick)
    sent, refused = 0, list[FaultKind]()
    async with TavilyWeb(KEY, url) as searching:
        for number in range(500):
            said = SAID[number % len(SAID)].format(pick.choice(names), pick.choice(names))
            try:
                await searching.search(said)
                sent += 1
            except BackendError as error:
                refused.append(error.missing.kind)
    assert sent >= 0.8 * 500
    assert len(server.bodies) == sent
    assert set(refused) <= {FaultKind.NO_DATA}
    pieces = {part for name in names for part in re.split(r"[^0-9A-Za-z\uac00-\ud7a3]+", name)}
    private = {part.lower() for part in pieces if len(part) > 3} - {"spark", "data", "root", "yarn"}
    leaked = [
        body["query"]
        for body in server.bodies
        if any(name in body["query"] for name in names)
        or private & set(re.split(r"[^0-9a-z\uac00-\ud7a3]+", body["query"].lower()))
    ]
    assert leaked == []
    assert all(set(body) <= KNOWN_FIELDS for body in server.bodies)


KNOWN_FIELDS = {"query", "search_depth", "max_results", "include_domains"}


async def test_tavily_is_asked_as_agreed(tavily: tuple[Tavily, str]) -> None:
    """Advanced search, five results, trusted domains, the key in the header alone."""
    server, url = tavily
    async with TavilyWeb(KEY, url) as searching:
        await searching.search("Spark executor OOM")
    assert server.bodies == [
        {
            "query": "spark executor oom",
            "search_depth": "advanced",
            "max_results": 5,
            "include_domains": list(DOMAINS),
        }
    ]
    assert server.keys == ["Bearer tvly-test"]


async def test_results_keep_their_domain_and_strangers_are_dropped(
    tavily: tuple[Tavily, str],
) -> None:
    """Text is cut, control characters vanish, another domain is not shown."""
    server, url = tavily
    server.reply = {
        "results": [
            {
                "url": "https://spark.apache.org/docs",
                "title": "T",
                "content": "a\u202eb\x00 c" * 900,
            },
            {"url": "https://evil-apache.org/x", "title": "E", "content": "no"},
            {"url": "javascript:alert(1)", "title": "E", "content": "no"},
            {"url": "http://[", "title": "E", "content": "no"},
            {"url": "https://medium.com/a", "title": None, "content": "fine", "score": 7},
            "odd",
        ]
    }
    async with TavilyWeb(KEY, url) as searching:
        first, second = await searching.search("Spark executor OOM")
    assert (first.collection, first.source, first.title) == (
        Collection.WEB,
        "spark.apache.org",
        "T",
    )
    assert first.text.startswith("ab c")
    assert len(first.text) == 1200
    assert (second.source, second.title, second.score) == ("medium.com", "medium.com", 1.0)


@pytest.mark.parametrize(
    ("status", "reply", "kind"),
    [
        (401, {"detail": {"error": "bad key"}}, FaultKind.REFUSED),
        (403, {}, FaultKind.REFUSED),
        (429, {}, FaultKind.REFUSED),
        (432, {}, FaultKind.REFUSED),
        (400, {}, FaultKind.FAILED),
        (500, "oops", FaultKind.FAILED),
        (302, "", FaultKind.FAILED),
        (200, "<html>", FaultKind.BAD_ANSWER),
        (200, ["a"], FaultKind.BAD_ANSWER),
        (200, {"results": "none"}, FaultKind.BAD_ANSWER),
    ],
)
async def test_each_failure_has_its_kind(
    tavily: tuple[Tavily, str], status: int, reply: object, kind: FaultKind
) -> None:
    """And a line that names the query and the reason, never the key."""
    server, url = tavily
    server.status, server.reply = status, reply
    async with TavilyWeb(KEY, url) as searching:
        with pytest.raises(BackendError) as caught:
            await searching.search("Spark executor OOM")
    assert caught.value.missing.kind is kind
    assert "spark executor oom" in str(caught.value)
    assert "tvly" not in str(caught.value)


async def test_without_a_key_nothing_is_sent(tavily: tuple[Tavily, str]) -> None:
    """Not even in the keyless mode that Tavily's client would choose by itself."""
    server, url = tavily
    settings = load_settings(_env_file=None, tavily_base_url=url)
    async with open_web(settings) as search:
        assert search is None
    assert server.bodies == []


async def test_a_closed_port_is_unreachable(unused_tcp_port: int) -> None:
    """Nobody listens there."""
    async with TavilyWeb(KEY, f"http://127.0.0.1:{unused_tcp_port}") as searching:
        with pytest.raises(BackendError) as caught:
            await searching.search("Spark executor OOM")
    assert caught.value.missing.kind is FaultKind.UNREACHABLE


async def test_a_late_answer_is_a_timeout() -> None:
    """The wait is bounded."""
    ended = asyncio.Event()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(late, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, TavilyWeb(KEY, f"http://127.0.0.1:{port}", timeout=0.05) as searching:
        with pytest.raises(BackendError) as caught:
            await searching.search("Spark executor OOM")
        ended.set()
    assert caught.value.missing.kind is FaultKind.TIMEOUT
