"""Builds the backends out of the settings; their connections are closed at the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.cluster import ClusterGateway, Scheduler
from bot.backends.http import make_client
from bot.backends.kerberos import kerberos_auth
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Queries
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.ports import Clock
from bot.settings import Settings

QUERY_PREFIX = "prometheus_query_"


@dataclass(frozen=True, slots=True)
class Backends:
    """The systems the settings name; None for one they do not."""

    yarn: YarnApplications | None = None
    spark: SparkStandalone | None = None
    prometheus: PrometheusReader | None = None
    alertmanager: AlertmanagerReader | None = None

    @property
    def schedulers(self) -> dict[str, Scheduler]:
        """Those that run applications, by the `backend` of an ApplicationRef."""
        named = {"yarn": self.yarn, "spark": self.spark}
        return {name: one for name, one in named.items() if one is not None}


@asynccontextmanager
async def build_cluster(settings: Settings, clock: Clock) -> AsyncIterator[ClusterGateway]:
    """Give a reader over every system the settings name; nothing is connected to yet."""
    async with build_backends(settings, clock) as found:
        yield ClusterGateway(
            settings.cluster_name, clock, found.schedulers, found.prometheus, found.alertmanager
        )


@asynccontextmanager
async def build_backends(settings: Settings, clock: Clock) -> AsyncIterator[Backends]:
    """Give every system the settings name. Raises StartError when Kerberos is not installed."""
    name = settings.cluster_name
    async with AsyncExitStack() as stack:
        yarn = spark = prometheus = alertmanager = None
        if settings.yarn_url:
            kerberos = settings.yarn_auth == "kerberos"
            client = make_client(auth=kerberos_auth() if kerberos else None)
            await stack.enter_async_context(client)
            user = "" if kerberos else settings.yarn_user
            yarn = YarnApplications(name, settings.yarn_url, client, user=user)
        if settings.spark_master_url:
            client = await stack.enter_async_context(make_client(headers=_bearer(settings)))
            spark = SparkStandalone(name, settings.spark_master_url, client)
        if settings.prometheus_url:
            client = await stack.enter_async_context(make_client())
            queries = queries_of(settings)
            prometheus = PrometheusReader(settings.prometheus_url, client, clock, queries)
        if settings.alertmanager_url:
            client = await stack.enter_async_context(make_client())
            alertmanager = AlertmanagerReader(settings.alertmanager_url, client)
        yield Backends(yarn, spark, prometheus, alertmanager)


def queries_of(settings: Settings) -> Queries:
    """Return the queries, each replaced by its setting where there is one."""
    given = settings.model_dump()
    return Queries.overridden(
        {
            name.removeprefix(QUERY_PREFIX): query
            for name, query in given.items()
            if name.startswith(QUERY_PREFIX)
        }
    )


def _bearer(settings: Settings) -> dict[str, str]:
    token = settings.spark_master_token
    return {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
