"""Builds the backends out of the settings; their connections are closed at the end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import httpx
from pydantic import SecretStr

from bot.backends import remote
from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.cluster import ClusterGateway
from bot.backends.http import HttpLimits, HttpSystem, NotAuthenticatedError, Way, make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Dialect
from bot.backends.remote import RemoteCluster
from bot.backends.shapes import one_line
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.used_cores import AT_ONCE, NodeManagers, ReadUsed, read_busy_slots
from bot.backends.yarn import YarnApplications
from bot.errors import StartError
from bot.ports import Clock
from bot.settings import Settings, headers_of

QUERY_PREFIX = "prometheus_query_"


@dataclass(frozen=True, slots=True)
class Backends:
    """The systems the settings name; None for one they do not."""

    yarn: YarnApplications | None = None
    spark: SparkStandalone | None = None
    prometheus: PrometheusReader | None = None
    alertmanager: AlertmanagerReader | None = None
    node_managers: NodeManagers | None = None

    @property
    def schedulers(self) -> dict[str, YarnApplications | SparkStandalone]:
        """Those that run applications, by the `backend` of an ApplicationRef."""
        named = (("yarn", self.yarn), ("spark", self.spark))
        return {name: one for name, one in named if one is not None}

    @property
    def sources(self) -> tuple[ReadUsed, ...]:
        """What tells used cores where Prometheus does not, the best first."""
        asked = tuple(self.schedulers.values())
        measured = () if self.node_managers is None else (self.node_managers.read,)
        return (*measured, partial(read_busy_slots, asked)) if asked else ()


BESIDE = ("yarn", "spark_master", "prometheus", "alertmanager")


def split_problem(settings: Settings) -> str:
    """Return what keeps this process from knowing no cluster but by its gateway; or nothing."""
    given = settings.model_dump(exclude_defaults=True)
    known = [
        name.upper()
        for system in BESIDE
        for name in (f"{system}_url", f"{system}_token", f"{system}_headers")
        if given.get(name)
    ]
    if known:
        return f"GATEWAY_URL leaves no cluster to this process: take out {', '.join(known)}"
    if settings.gateway_token is None:
        return "GATEWAY_URL needs GATEWAY_TOKEN: `python -m bot api --add-token slack:execute`"
    if settings.database_url is None:
        return "GATEWAY_URL needs DATABASE_URL: the PostgreSQL that the gateway reads, too"
    return ""


@asynccontextmanager
async def reach_cluster(
    settings: Settings, clock: Clock
) -> AsyncIterator[ClusterGateway | RemoteCluster]:
    """Give the cluster: by its own systems, or in split mode by the gateway. Raises StartError."""
    if settings.gateway_url is None:
        async with build_cluster(settings, clock) as cluster:
            yield cluster
        return
    if problem := split_problem(settings):
        raise StartError(problem)
    async with make_client(headers=_headers(settings, "gateway"), way=way_of(settings)) as client:
        limits = HttpLimits(read_s=remote.READ_S, send_s=remote.SEND_S)
        gateway = HttpSystem(remote.SYSTEM, settings.gateway_url, client, remote.PATHS, limits)
        yield RemoteCluster(settings.cluster_name, clock, gateway)


@asynccontextmanager
async def build_cluster(settings: Settings, clock: Clock) -> AsyncIterator[ClusterGateway]:
    """Give a reader over every system the settings name; nothing is connected to yet."""
    async with build_backends(settings, clock) as found:
        yield ClusterGateway(
            settings.cluster_name,
            clock,
            found.schedulers,
            found.prometheus,
            found.alertmanager,
            sources=found.sources,
        )


@asynccontextmanager
async def build_backends(settings: Settings, clock: Clock) -> AsyncIterator[Backends]:
    """Give every system the settings name.

    Raises StartError when Kerberos is not installed or a certificate cannot be read.
    """
    name = settings.cluster_name
    async with AsyncExitStack() as stack:

        async def client(
            system: str, auth: httpx.Auth | None = None, connections: int = 32
        ) -> httpx.AsyncClient:
            headers, way = _headers(settings, system), way_of(settings)
            made = make_client(headers=headers, auth=auth, way=way, connections=connections)
            return await stack.enter_async_context(made)

        yarn = spark = prometheus = alertmanager = node_managers = None
        if settings.yarn_url:
            kerberos = settings.yarn_auth == "kerberos"
            auth = kerberos_auth() if kerberos else None
            yarn = YarnApplications(
                name,
                settings.yarn_url,
                await client("yarn", auth),
                user="" if kerberos else settings.yarn_user,
                types=()
                if "*" in settings.yarn_application_types
                else settings.yarn_application_types,
                rest_path=settings.yarn_rest_path,
            )
            if settings.node_metrics == "auto":
                asked = await client("yarn", auth, AT_ONCE)
                scheme = "https" if settings.yarn_url[0].startswith("https:") else "http"
                node_managers = NodeManagers(yarn.node_managers, asked, scheme, yarn.who)
        if settings.spark_master_url:
            drivers = await stack.enter_async_context(make_client(way=way_of(settings)))
            asked = await client("spark_master")
            spark = SparkStandalone(name, settings.spark_master_url, asked, drivers=drivers)
        if settings.prometheus_url:
            asked = await client("prometheus")
            prometheus = PrometheusReader(
                settings.prometheus_url, asked, clock, dialect_of(settings)
            )
        if settings.alertmanager_url:
            asked = await client("alertmanager")
            alertmanager = AlertmanagerReader(settings.alertmanager_url, asked)
        yield Backends(yarn, spark, prometheus, alertmanager, node_managers)


def dialect_of(settings: Settings) -> Dialect:
    """Return what the settings say of the queries."""
    given = settings.model_dump()
    return Dialect(
        settings.prometheus_selector,
        settings.prometheus_rate_window,
        settings.prometheus_node_label,
        {
            name.removeprefix(QUERY_PREFIX): query
            for name, query in given.items()
            if name.startswith(QUERY_PREFIX) and query
        },
    )


def way_of(settings: Settings) -> Way:
    """Return how the settings say that systems are reached."""
    proxy = settings.backend_proxy
    return Way(
        settings.ca_bundle, settings.client_cert, proxy.get_secret_value() if proxy else None
    )


def _headers(settings: Settings, system: str) -> dict[str, str]:
    token: SecretStr | None = getattr(settings, f"{system}_token")
    bearer = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    return {**headers_of(getattr(settings, f"{system}_headers", None)), **bearer}


# SPNEGO from the ticket cache, by httpx-gssapi, which is an extra; how its failures are told.


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
