"""Searching the web through Tavily, with nothing of ours in the query."""

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from tavily import AsyncTavilyClient
from tavily import errors as tavily

from bot.agents.reading.words import load_morphemes
from bot.domain.knowledge import Collection, Passage
from bot.errors import BackendError, FaultKind, FaultReason
from bot.retrieval.tokens import MARK, terms, words_of

# The public words of the trade: all that a query may be made of. Each is found in the public
# documentation of the products named; a host, user, queue, application or path of one company
# has no place here.

# A product is enough for a query by itself.
PRODUCTS = words_of("""
    airflow alertmanager avro cassandra celery cgroup cgroups chroma cloudera databricks datanode
    debezium delta-lake docker elasticsearch emr flink gcs grafana hadoop hbase hdfs hive
    hiveserver2 hudi iceberg impala java jdbc jmx journalnode jupyter jvm kafka kerberos kubernetes
    kudu langchain linux livy log4j mapreduce mysql namenode nodemanager oozie orc pandas parquet
    postgresql presto prometheus pyspark python redis resourcemanager s3 scala spark spark-shell
    spark-sql spark-submit sqoop systemd tez thrift trino yarn zeppelin zkfc zookeeper
    """)

# A technical subject: enough, with a second word, to make a query worth sending.
SUBJECTS = words_of("""
    accumulator ack acl acls allocation api application applications aqe backfill backpressure
    backup balancer bandwidth batch blacklist block blocks bloom broadcast broker bucket bucketing
    buckets byte bytes cache caching capacity catalog catalyst certificate checkpoint checkpointing
    classpath cluster coalesce codec collation collect commit committer compaction compression
    concurrency connection consumer container containers coordinator core cores cpu cron crontab
    daemon dag dataframe dataset deadlock decommission decommissioning delegation deployment
    deserialization device disk dns driver dynamic-allocation edits executor executors exit
    exitcode expunge failover fair-scheduler fencing fetch fifo file files filesystem firewall fsck
    fsimage full-gc g1gc garbage gateway gc groupby hadoop-env hardware heap heartbeat host-memory
    hotspot index inode inodes interval io iops iowait jar jars job jobs join joins journal
    kdestroy kernel keystore keytab kill kinit klist krb5 lag latency leader library lineage load
    loadavg locality lock locks log logrotate logs mapper mapred master memory memoryoverhead
    metadata metastore metrics micro-batch microbatch mode mount mtu nfs nic node nodes ntp numa
    offset offsets oom oomkilled oomkiller operator optimizer orchestration out-of-memory overhead
    packet parallelism partition partitions permission permissions persist pipeline plan planner
    pod pods port predicate preemption principal process processes processor producer profiler
    proxy pushdown queries query queue queues quorum quota race rack raid rebalance rebalancing
    recovery reducer repartition replica replicas replication repository resource resources
    retention rollback row rows rpc runtime safemode salting sasl scheduler schema script sdk
    sensor serialization serializer server servers service session shard shuffle sigkill sigterm
    sink size skew skewed slot slots small-files snapshot snapshots socket source speculation
    speculative spill spilled spilling spot sql ssd ssl stage stages standby state-store statistics
    storage straggler stragglers streaming structured-streaming subnet swap swappiness switch sync
    table tables task tasks tcp telemetry thread threads throttling throughput ticket timestamp
    timezone tls token tokens tombstone topic transaction trash truststore udf ulimit umask
    unhealthy union unpersist upgrade uplink utilization vacuum vcore vcores vectorized version
    view volume wal watermark webhdfs window worker workers writer xcom zombie
    """)

# Words that only shade a subject: never enough alone.
SHADES = words_of("""
    accepted access action active add after alert alerts average avoid before best big block
    blocked bottleneck broken busy cancel cannot cause causes change check clean cleanup clear
    close code command compare configuration configure corrupt corrupted count crash crashed
    critical data dead debug decrease default delay delayed delete denied detect diagnose
    difference disable drop duplicate during enable error errors exceeded exceeding exceeds
    exception execution expired fail failed failing fails failure failures fast finish finished fix
    forever free full grow growing hang hanging hangs heavy high how idle improve inactive increase
    increased invalid investigate issue keep keeps large latest leak leaks limit limits list long
    lost low maintenance manager many max maximum mean measure minimum missing monitor monitoring
    move not number of old open option options overload parameter pause pending performance policy
    practice prevent priority problem property purge raise reached read reason rebuild reduce
    refused register rejected release remove repair repeated request reset resize response restart
    restarted restore retries retry root rotate run running runs safe scale scaling set setting
    settings several shrink shutdown signal single size slow slower small solution space spike
    split stale start started status stop stopped stuck submit submitted suspend symptom terminate
    threshold throws time timed timeout timeouts too total troubleshoot troubleshooting tune tuning
    unable unavailable unbalanced under unexpected usage use used user-defined value values verify
    wait waiting warning what when why with without write writes wrong
    """)

KEY_ROOTS = words_of("""
    airflow datanucleus dfs fs ha hadoop hbase hive io ipc join kafka kernel mapred mapreduce
    memory net node query spark task tez vm yarn zookeeper
    """)

# Parts of configuration keys, and of the names of public error classes, in lower case.
PARTS = (
    PRODUCTS
    | SUBJECTS
    | SHADES
    | KEY_ROOTS
    | words_of("""
    abort aborted adaptive address admin advise advisory aggregation algorithm all allocated allow
    allowed already am analysis app arithmetic array arrow assertion attempt attempts auth
    authentication authorization auto autoscaling aux available backlog backoff bad balance bind
    bit buffer cached cancelled cast cbo channel checksum class cleaner client clock closed
    collector combine common compress concurrent conf config connect connector constraint context
    conversion crc credential database decimal decode def delta dependency deploy dir directory
    dirs display dynamic empty enabled encode env eof eviction exclude excluded exec exists
    external extra factor fair fatal field filter flush format found fraction framework global
    graceful group gss handler handshake hard health history home host hosts http https ill illegal
    import initial initializer inmemory input instance instances int interrupted intervals
    invalidate invocation ivy json keeper key killed kryo kryoserializer launch lease length level
    link linkage listener local login loss malformed map mb merge meta method min mkdir module ms
    multiplier name namespace native negative network no null num object off offheap operation opts
    order out outdated output overcommit overflow pages parallel parse parsing password path per
    percent percentage period physical plugin pmem pointer poll pool ports processing properties
    protocol provider push py quantile range rate ratio ready record records recoverable reference
    reflection region registration remote replace report require resolution result results retained
    retriable route scan schedule sec seconds secs security segment serializable shared shell shm
    side soft sort splits stack state stats store stream strict such supported syntax system target
    temp tmp tmpdir trace tracker transfer transform transport trigger type ui unauthorized unbound
    unchecked unhandled unicode unknown unsafe unsatisfied unsupported update user utf validation
    virtual vmem warehouse webapp work xml zip zk zoo
    """)
)
ERROR_ENDS = ("Exception", "Error", "Failed", "Killed", "Exceeded", "Timeout")
ERROR_WORDS = frozenset({"oomkilled", "fetchfailed", "metadatafetchfailed", "sigkill", "sigterm"})
PUBLIC_PACKAGES = (
    *("java.", "javax.", "scala.", "org.apache.", "com.google.common.", "io.netty.", "io.trino."),
    *("io.prestosql.", "com.facebook.presto.", "pyspark.", "py4j.", "sun.", "com.mysql."),
    "org.postgresql.",
)
CODES = words_of("1 52 127 137 139 143 403 404 429 500 502 503 504")
BEFORE_CODES = words_of("code exit exitcode signal status http error")


MAX_WORDS = 12
MAX_QUESTION = 4000
RUN = re.compile(r"[A-Za-z0-9_.:/\\@#$%+=~&*-]+|[\uac00-\ud7a3]+(?: [\uac00-\ud7a3]+)*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
VERSION = re.compile(r"v?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)")
KEY = re.compile(r"[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
CLASS = re.compile(r"[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_$]+)*")
CAMEL = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|[A-Z]+|\d+")
HOST_ENDS = frozenset({"local", "net", "io"})  # hive.metastore.local is a machine, not a key
TRAILING = ".,:;!?%"


class Weight(IntEnum):
    """How much a word tells: a shade, a subject, or a product, an error class or a setting's key."""

    SHADE = 0
    SUBJECT = 1
    ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the vocabulary that the question chose."""

    text: str
    weight: Weight


def allowed_query(question: str) -> str:
    """Return the query that may leave, at most 12 words; empty when it would say nothing.

    A product, an error class or a configuration key is enough; a subject needs a second word.
    """
    words: dict[str, Word] = {}
    for word in _words(question):
        words.setdefault(word.text, word)
    # What tells most goes first when there is too much: long questions end in pleasantries.
    kept = sorted(words.values(), key=lambda word: -word.weight)[:MAX_WORDS]
    weights = [word.weight for word in kept]
    if Weight.ENOUGH not in weights and not (Weight.SUBJECT in weights and len(kept) > 1):
        return ""
    return " ".join(word.text for word in words.values() if word in kept)


def _words(question: str) -> Iterator[Word]:
    before = ""
    for match in RUN.finditer(question[:MAX_QUESTION]):
        run = match.group()
        if "\uac00" <= run[0] <= "\ud7a3":
            yield from _korean(run)
            before = ""
            continue
        for part in filter(None, run.split("=", 1)):
            word = _latin(part.rstrip(TRAILING), before)
            if word is not None:
                yield word
            before = word.text if word is not None else ""


def _latin(run: str, before: str) -> Word | None:
    if PLAIN.fullmatch(run):
        return _plain(run)
    version = VERSION.fullmatch(run)
    if version:
        return Word(version.group(1), Weight.SHADE) if before in PRODUCTS else None
    if run in CODES:
        return Word(run, Weight.SHADE) if before in BEFORE_CODES else None
    if KEY.fullmatch(run) and _is_key(run):
        return Word(run, Weight.ENOUGH)
    if CLASS.fullmatch(run) and run.startswith(PUBLIC_PACKAGES):
        last = re.split(r"[.$]", run)[-1]
        return Word(last, Weight.ENOUGH) if _is_error(last) else None
    return None


def _plain(run: str) -> Word | None:
    word = run.lower()
    if word in ERROR_WORDS:
        return Word(word, Weight.ENOUGH)
    return _weighed(word) or (Word(run, Weight.ENOUGH) if _is_error(run) else None)


def _weighed(word: str) -> Word | None:
    if word in PRODUCTS:
        return Word(word, Weight.ENOUGH)
    if word in SUBJECTS:
        return Word(word, Weight.SUBJECT)
    return Word(word, Weight.SHADE) if word in SHADES else None


def _is_error(name: str) -> bool:
    parts = CAMEL.findall(name)
    return (
        name.endswith(ERROR_ENDS)
        and len(parts) > 1
        and "".join(parts) == name
        and all(part.lower() in PARTS for part in parts)
    )


def _is_key(key: str) -> bool:
    segments = re.split(r"[._-]", key)
    if segments[0] not in KEY_ROOTS or "." not in key or segments[-1] in HOST_ENDS:
        return False
    parts = [part for segment in segments for part in CAMEL.findall(segment)]
    return "".join(parts) == "".join(segments) and all(part.lower() in PARTS for part in parts)


def _korean(run: str) -> Iterator[Word]:
    """Yield the public English of each notion of the trade that is said."""
    for notion in sorted(terms(run, load_morphemes()).notions):
        word = _weighed(notion.removeprefix(MARK))
        if word is not None:
            yield word


DOMAINS = (
    "apache.org",
    "spark.apache.org",
    "hadoop.apache.org",
    "databricks.com",
    "cloudera.com",
    "trino.io",
    "prestodb.io",
    "prometheus.io",
    "stackoverflow.com",
    "serverfault.com",
    "medium.com",
    "aws.amazon.com",
    "cloud.google.com",
    "learn.microsoft.com",
)
SYSTEM = "web"
MAX_RESULTS = 5
MAX_TITLE = 200
MAX_TEXT = 1200
TIMEOUT_SECONDS = 10.0
# The first that fits counts. Tavily's client reads a body without looking: HTML and lists end as
# the last kinds.
FAULTS: tuple[tuple[tuple[type[Exception], ...], FaultKind, FaultReason | None], ...] = (
    ((tavily.TimeoutError, httpx.TimeoutException), FaultKind.TIMEOUT, None),
    (
        (tavily.InvalidAPIKeyError, tavily.ForbiddenError),
        FaultKind.REFUSED,
        FaultReason.CREDENTIALS,
    ),
    ((tavily.UsageLimitExceededError,), FaultKind.REFUSED, FaultReason.LIMIT),
    ((tavily.BadRequestError, httpx.HTTPStatusError), FaultKind.FAILED, None),
    ((httpx.HTTPError,), FaultKind.UNREACHABLE, None),
    ((ValueError, TypeError, AttributeError, KeyError), FaultKind.BAD_ANSWER, None),
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SPACES = re.compile(r"\s+")


class TavilyWeb(AbstractAsyncContextManager["TavilyWeb"]):
    """Searches the web; connections are made on first use.

    What leaves is `allowed_query` of what is asked, built here so that no caller can forget it.
    """

    def __init__(
        self,
        key: SecretStr,
        base_url: str | None = None,
        domains: Iterable[str] = (),
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._domains = tuple(domain.lower() for domain in domains) or DOMAINS
        self._timeout = timeout
        self._client = AsyncTavilyClient(api_key=key.get_secret_value(), api_base_url=base_url)

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.close()

    async def search(self, query: str) -> tuple[Passage, ...]:
        """Return at most 5 results from trusted domains, best first; their text is untrusted.

        Raises BackendError: NO_DATA when no word of the query may leave, TIMEOUT, UNREACHABLE,
        REFUSED (key or quota), FAILED, BAD_ANSWER.
        """
        allowed = allowed_query(query)
        if not allowed:
            raise BackendError(
                SYSTEM,
                FaultKind.NO_DATA,
                "nothing was sent: the question names no public product, error or setting",
            )
        return self._passages(await self._asked(allowed))

    async def _asked(self, query: str) -> dict[str, Any]:
        try:
            answer = await self._client.search(
                query,
                search_depth="advanced",
                max_results=MAX_RESULTS,
                include_domains=list(self._domains),
                timeout=self._timeout,
            )
        except tuple(each for kinds, *_ in FAULTS for each in kinds) as error:
            kind, reason = next(
                (one, why) for kinds, one, why in FAULTS if isinstance(error, kinds)
            )
            raise _fault(kind, query, type(error).__name__, reason) from None
        if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
            raise _fault(FaultKind.BAD_ANSWER, query, "no list of results")
        return answer

    def _passages(self, answer: dict[str, Any]) -> tuple[Passage, ...]:
        found = (self._passage(result) for result in answer["results"] if isinstance(result, dict))
        return tuple(passage for passage in found if passage is not None)[:MAX_RESULTS]

    def _passage(self, result: dict[str, Any]) -> Passage | None:
        domain = self._trusted(str(result.get("url", "")))
        text = _cleaned(result.get("content"), MAX_TEXT)
        if domain is None or not text:
            return None
        score = result.get("score")
        return Passage(
            collection=Collection.WEB,
            source=domain,
            title=_cleaned(result.get("title"), MAX_TITLE) or domain,
            heading="",
            text=text,
            score=min(1.0, max(0.0, float(score))) if isinstance(score, int | float) else 0.0,
            url=str(result["url"]),
        )

    def _trusted(self, url: str) -> str | None:
        """Return the address's domain when it is one of ours, or below one of ours."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        domain = (parts.hostname or "").lower()
        known = any(domain == own or domain.endswith(f".{own}") for own in self._domains)
        return domain if parts.scheme in {"http", "https"} and known else None


def _fault(
    kind: FaultKind, query: str, told: str, reason: FaultReason | None = None
) -> BackendError:
    return BackendError(SYSTEM, kind, f"tavily search {query!r}: {told}", reason)


def _cleaned(value: object, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    return SPACES.sub(" ", CONTROL.sub("", value)).strip()[:limit]
