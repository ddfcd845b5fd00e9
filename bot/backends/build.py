"""Builds the cluster's reader out of the settings; closes its connections at the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.backends.cluster import ClusterReader, Scheduler
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Queries
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.yarn import YarnApplications
from bot.ports import Clock
from bot.settings import Settings

QUERY_PREFIX = "prometheus_query_"


@asynccontextmanager
async def build_cluster(settings: Settings, clock: Clock) -> AsyncIterator[ClusterReader]:
    """Give a reader over every system the settings name; nothing is connected to yet."""
    async with AsyncExitStack() as stack:
        schedulers: dict[str, Scheduler] = {}
        if settings.yarn_url:
            client = await stack.enter_async_context(make_client())
            schedulers["yarn"] = YarnApplications(
                settings.cluster_name, settings.yarn_url, client, user=settings.yarn_user
            )
        if settings.spark_master_url:
            client = await stack.enter_async_context(make_client(headers=_bearer(settings)))
            schedulers["spark"] = SparkStandalone(
                settings.cluster_name, settings.spark_master_url, client
            )
        prometheus = None
        if settings.prometheus_url:
            client = await stack.enter_async_context(make_client())
            prometheus = PrometheusReader(
                settings.prometheus_url, client, clock, queries_of(settings)
            )
        yield ClusterReader(settings.cluster_name, clock, schedulers, prometheus)


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
