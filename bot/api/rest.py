"""The gateway over REST; OpenAPI is made from the types."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from bot.api.cluster import ClusterDoor
from bot.api.gateway import Gateway, Offer, needed
from bot.api.mcp_server import mcp_manager
from bot.api.problems import MEDIA_TYPE, Problem, ProblemBody, problem_of
from bot.api.tokens import Scope, Token
from bot.api.views import Caller, Message, Reply, ThreadId
from bot.errors import DangjikError
from bot.observability.version import own_version

EVENTS = "text/event-stream"
REFUSALS: dict[int | str, dict[str, Any]] = {
    kind: {"description": word, "content": {MEDIA_TYPE: {}}, "model": ProblemBody}
    for kind, word in (("4XX", "Refused"), ("5XX", "Failed"))
}


def needs(*scopes: Scope) -> Any:
    """Return the dependency that lets in whoever's token has one of the scopes."""

    def checked(token: Caller) -> Token:
        return needed(token, *scopes)

    return Depends(checked)


def rest_app(gateway: Gateway) -> FastAPI:
    """Return the application; it stands behind the guard, which leaves the token in its state."""
    manager = mcp_manager(gateway)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with manager.run():
            yield

    app = FastAPI(
        lifespan=lifespan,
        title="Dangjik gateway",
        version=own_version(),
        description="Tools, talk and decisions; nothing is killed before a person approves.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=REFUSALS,
    )
    answer_errors(app)
    _add_readers(app, gateway)
    _add_methods(app, gateway)
    add_cluster(app, gateway.cluster)
    _add_talk(app, gateway)

    class _Mcp:  # an application, not a function of a request
        async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
            await manager.asgi_app(scope, receive, send)

    app.router.routes.append(Route("/mcp", _Mcp()))

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    return app


def answer_errors(app: FastAPI) -> None:
    """Let every error be answered as a problem."""
    for kind in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _refused)


async def _refused(_: Request, error: Exception) -> Response:
    return problem_of(error).response()


def _add_readers(app: FastAPI, gateway: Gateway) -> None:
    for offer in gateway.readers:
        app.add_api_route(
            f"/v1/tools/{offer.name}",
            _reading(offer),
            operation_id=offer.name,
            description=offer.about,
            response_model=offer.gives,
            dependencies=[needs(Scope.READ)],
            tags=["tools"],
        )


def _reading(offer: Offer) -> Any:
    """Return the route of a read tool; its arguments are the tool's own."""
    asked_for: Any = offer.takes

    async def read(asked: Annotated[asked_for, Query()], token: Caller) -> Any:
        return await offer.call(token, asked)

    return read


def _add_methods(app: FastAPI, gateway: Gateway) -> None:
    """Open the gateway's methods: arguments, description and answer of a route are the method's."""
    one, seen = "/v1/proposals/{proposal_id}", (Scope.PROPOSE, Scope.DECIDE)
    for verb, path, tag, scopes, method in (
        ("POST", "/v1/tools/kill_spark_job", "tools", (Scope.PROPOSE,), gateway.kill_spark_job),
        ("GET", "/v1/investigations", "talk", (Scope.TALK,), gateway.get_investigations),
        ("GET", "/v1/threads", "talk", (Scope.TALK,), gateway.get_threads),
        ("GET", "/v1/threads/{thread}", "talk", (Scope.TALK,), gateway.get_thread),
        ("GET", "/v1/threads/{thread}/export", "talk", (Scope.TALK,), gateway.export_thread),
        ("POST", "/v1/threads/{thread}/undo", "talk", (Scope.TALK,), gateway.undo_message),
        ("GET", "/v1/digest", "records", (Scope.READ,), gateway.get_digest),
        ("GET", "/v1/audit", "records", (Scope.READ,), gateway.get_audit),
        ("GET", "/v1/proposals", "decisions", seen, gateway.get_proposals),
        ("GET", one, "decisions", seen, gateway.get_proposal),
        ("POST", f"{one}/decision", "decisions", (Scope.DECIDE,), gateway.decide),
        ("POST", f"{one}/withdrawal", "decisions", (Scope.PROPOSE,), gateway.withdraw),
    ):
        _add(app, f"{verb} {path}", tag, scopes, method)


def add_cluster(app: FastAPI, door: ClusterDoor) -> None:
    """Open a cluster to tokens with the scope `execute`; a path ends in its method's name."""
    reads = (
        door.now,
        door.running,
        door.application,
        door.cpu,
        door.cores,
        door.usage,
        door.around,
    )
    told = (door.nodes, door.risen, door.kill)
    for verb, method in (*(("GET", each) for each in reads), *(("POST", each) for each in told)):
        _add(app, f"{verb} /v1/cluster/{method.__name__}", "cluster", (Scope.EXECUTE,), method)


def _add(
    app: FastAPI, place: str, tag: str, scopes: Sequence[Scope], method: Callable[..., Any]
) -> None:
    verb, path = place.split()
    app.add_api_route(
        path,
        method,
        methods=[verb],
        operation_id=method.__name__,
        include_in_schema=tag != "cluster",  # between two processes of ours
        dependencies=[needs(*scopes)],
        tags=[tag],
    )


def _add_talk(app: FastAPI, gateway: Gateway) -> None:
    @app.post(
        "/v1/threads/{thread}/messages",
        operation_id="post_message",
        dependencies=[needs(Scope.TALK)],
        tags=["talk"],
        response_model=Reply,
        responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}},
    )
    async def say(
        thread: ThreadId,
        message: Message,
        request: Request,
        token: Caller,
    ) -> Reply | Response:
        """Say something; ask for `text/event-stream` to get the facts before the words."""
        if EVENTS not in request.headers.get("accept", ""):
            return await gateway.answer(token, thread, message)
        return StreamingResponse(_events(gateway.stream(token, thread, message)), media_type=EVENTS)


async def _events(replies: AsyncIterator[Reply]) -> AsyncIterator[str]:
    """Yield server-sent events: `facts` for a draft, `answer` for the whole, `problem` for neither."""
    try:
        async for each in replies:
            yield f"event: {'facts' if each.draft else 'answer'}\ndata: {each.model_dump_json()}\n\n"
    except (Problem, DangjikError) as error:
        yield f"event: problem\ndata: {problem_of(error).body.model_dump_json()}\n\n"
