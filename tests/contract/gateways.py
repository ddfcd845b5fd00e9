"""A gateway's door over the sandbox's YARN, and the adapter that asks there."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI

from bot.api.cluster import ClusterDoor
from bot.api.server import Guard, add_cluster, answer_errors
from bot.api.tokens import Limits, TokenBook, TokenPeople, add_token
from bot.approvals.desk import ApprovalDesk, Cluster
from bot.approvals.model import ApprovalPolicy
from bot.backends.cluster import ClusterGateway
from bot.backends.http import HttpSystem, make_client
from bot.backends.remote import PATHS, SYSTEM, RemoteCluster
from bot.backends.yarn import YarnApplications
from bot.sandbox.platform import PlatformStandIn, load
from bot.settings import load_settings
from bot.storage.database import Database
from bot.storage.proposals import SqlProposals
from bot.tools.toolbox import Toolbox
from bot.wiring import open_storage
from tests.contract.orders import APPROVER

CLUSTER = "prod"


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@asynccontextmanager
async def yarn_stand_in(
    clock: Callable[[], datetime],
) -> AsyncIterator[tuple[ClusterGateway, PlatformStandIn]]:
    """Start YARN as the sandbox speaks it, the standby named first."""
    async with AsyncExitStack() as stack:
        platform = PlatformStandIn(load("incident"), clock, seed=3)
        await platform.start()
        stack.push_async_callback(platform.stop)
        client = await stack.enter_async_context(make_client())
        yarn = YarnApplications(CLUSTER, [platform.yarn_standby_url, platform.yarn_url], client)
        yield ClusterGateway(CLUSTER, clock, {"yarn": yarn}), platform


@dataclass
class Split:
    """The adapter of a Slack process, what it stands for, the database both share, and what the cluster counted."""

    remote: RemoteCluster
    inner: ClusterGateway
    database: Database
    clock: Clock
    kills: Callable[[], int]


@asynccontextmanager
async def split(folder: Path, scopes: str = "execute") -> AsyncIterator[Split]:
    """Open the door for one token; only the approver may approve."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        inner, platform = await stack.enter_async_context(yarn_stand_in(clock))
        secret = add_token(folder / "tokens", f"slack:{scopes}")
        book = TokenBook(folder / "tokens")
        settings = load_settings(_env_file=None, data_dir=folder)
        database = await stack.enter_async_context(open_storage(settings))
        desk = ApprovalDesk(
            SqlProposals(database, clock),
            Cluster(inner, inner, inner),
            TokenPeople(book),
            ApprovalPolicy(frozenset({APPROVER})),
            clock,
        )
        app = FastAPI()
        answer_errors(app)
        add_cluster(app, ClusterDoor(Toolbox(inner, inner, desk, history=inner), desk))
        door = httpx.ASGITransport(Guard(app, book, (SYSTEM,), Limits(), lambda *_: None))
        headers = {"Authorization": f"Bearer {secret}"}
        client = await stack.enter_async_context(make_client(headers=headers, transport=door))
        asked = HttpSystem(SYSTEM, f"http://{SYSTEM}", client, PATHS)
        remote = RemoteCluster(CLUSTER, clock, asked)
        yield Split(remote, inner, database, clock, lambda: len(platform.kill_requests))
