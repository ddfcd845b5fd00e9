"""The gateway over REST; OpenAPI is made from the types."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.api.decisions import LONGEST_WAIT, MOST_DAYS, Decision, Decisions, ProposalId
from bot.api.mcp_server import McpFace
from bot.api.problems import CODES, MEDIA_TYPE, Problem, problem_of
from bot.api.threads import Message, ThreadId, Threads, ThreadView
from bot.api.tokens import Scope, Token
from bot.api.tool_calls import KillTask, KillWish, ToolCalls, result_type
from bot.api.views import ProposalView, Reply
from bot.domain.proposals import ProposalState
from bot.errors import DangjikError
from bot.observability.version import own_version
from bot.tools.typed_tool import TypedTool

REPLY = TypeAdapter(Reply)
EVENTS = "text/event-stream"


class ProblemBody(BaseModel):
    """What a refused call gets (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused", "content": {MEDIA_TYPE: {}}, "model": ProblemBody},
    "5XX": {"description": "Failed", "content": {MEDIA_TYPE: {}}, "model": ProblemBody},
}


def needs(*scopes: Scope) -> Any:
    """Return the dependency that gives the caller's token where it has one of the scopes."""

    def caller(request: Request) -> Token:
        token: Token = request.state.token
        if not token.scopes & set(scopes):
            listed = " or ".join(each.value for each in scopes)
            raise Problem(403, "no_scope", f"This token lacks the scope {listed}.")
        return token

    return Depends(caller)


def rest_app(face: McpFace, tools: ToolCalls, threads: Threads, decisions: Decisions) -> FastAPI:
    """Return the application; it stands behind the guard, which leaves the token in its state."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with face.running():
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
    _add_refusals(app)
    _add_tools(app, tools)
    _add_threads(app, threads)
    _add_decisions(app, decisions)

    app.router.routes.append(Route("/mcp", face))

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    return app


def _add_refusals(app: FastAPI) -> None:
    """Make every refusal a problem, FastAPI's own as well."""

    @app.exception_handler(Problem)
    @app.exception_handler(DangjikError)
    async def refused(_: Request, error: Exception) -> Response:
        return problem_of(error).response()

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "refused")
        return Problem(error.status_code, code, str(error.detail), error.headers).response()

    @app.exception_handler(RequestValidationError)
    async def unfit(_: Request, error: RequestValidationError) -> Response:
        places = (
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5]
        )
        return Problem(422, "unfit", "; ".join(places)[:500]).response()


def _add_tools(app: FastAPI, tools: ToolCalls) -> None:
    for tool in tools.readers():
        app.add_api_route(
            f"/v1/tools/{tool.name}",
            _reading(tools, tool),
            operation_id=tool.name,
            description=tool.description,
            response_model=result_type(tool),
            tags=["tools"],
        )

    @app.post("/v1/tools/kill_spark_job", operation_id="kill_spark_job", tags=["tools"])
    async def propose(wish: KillWish, token: Annotated[Token, needs(Scope.PROPOSE)]) -> KillTask:
        """Ask people for a kill: puts up a card; nothing dies before a person approves."""
        return await tools.propose(token, wish)


def _reading(tools: ToolCalls, tool: TypedTool) -> Any:
    """Return the route of a read tool; its arguments are the tool's own."""
    schema: Any = tool.args_schema
    written = TypeAdapter(result_type(tool))

    async def read(
        request: Request,
        asked: Annotated[schema, Query()],
        token: Annotated[Token, needs(Scope.READ)],
    ) -> Any:
        found = await tools.read(token, tool.name, {**request.query_params, **dict(asked)})
        return Response(written.dump_json(found), media_type="application/json")

    return read


def _add_threads(app: FastAPI, threads: Threads) -> None:
    @app.get("/v1/threads/{thread}", operation_id="get_thread", tags=["talk"])
    async def view(thread: ThreadId, token: Annotated[Token, needs(Scope.TALK)]) -> ThreadView:
        """Return what a thread remembers."""
        return await threads.view(token, thread)

    @app.post(
        "/v1/threads/{thread}/messages",
        operation_id="post_message",
        tags=["talk"],
        response_model=Reply,
        responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}},
    )
    async def say(
        thread: ThreadId,
        message: Message,
        request: Request,
        token: Annotated[Token, needs(Scope.TALK)],
    ) -> Reply | Response:
        """Say something; ask for `text/event-stream` to get the facts before the words."""
        if EVENTS not in request.headers.get("accept", ""):
            return await threads.answer(token, thread, message)
        return StreamingResponse(_events(threads.stream(token, thread, message)), media_type=EVENTS)


async def _events(replies: AsyncIterator[Reply]) -> AsyncIterator[str]:
    """Yield server-sent events: `facts` for a draft, `answer` for the whole, `problem` for neither."""
    try:
        async for each in replies:
            name = "facts" if each.draft else "answer"
            yield f"event: {name}\ndata: {REPLY.dump_json(each).decode()}\n\n"
    except (Problem, DangjikError) as error:
        body = problem_of(error).body()
        yield f"event: problem\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"


def _add_decisions(app: FastAPI, decisions: Decisions) -> None:
    path = "/v1/proposals/{proposal_id}"

    @app.get("/v1/proposals", operation_id="get_proposals", tags=["decisions"])
    async def recent(
        token: Annotated[Token, needs(Scope.PROPOSE, Scope.DECIDE)],
        state: ProposalState | None = None,
        days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
    ) -> tuple[ProposalView, ...]:
        """Return recent proposals, newest first: a token that decides sees all, others their own."""
        return await decisions.recent(token, state, days)

    @app.get(path, operation_id="get_proposal", tags=["decisions"])
    async def one(
        proposal_id: ProposalId,
        token: Annotated[Token, needs(Scope.PROPOSE, Scope.DECIDE)],
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
    ) -> ProposalView:
        """Return a proposal: what is to die, who decided, the proof; `wait` seconds for a change."""
        return await decisions.one(token, proposal_id, wait)

    @app.post(f"{path}/decision", operation_id="decide", tags=["decisions"])
    async def decide(
        proposal_id: ProposalId, decision: Decision, token: Annotated[Token, needs(Scope.DECIDE)]
    ) -> ProposalView:
        """Approve or reject what was shown, as the person the token speaks for."""
        return await decisions.decide(token, proposal_id, decision)

    @app.post(f"{path}/withdrawal", operation_id="withdraw", tags=["decisions"])
    async def withdraw(
        proposal_id: ProposalId, token: Annotated[Token, needs(Scope.PROPOSE)]
    ) -> ProposalView:
        """Withdraw a proposal of one's own; nothing happens where it is decided already."""
        return await decisions.withdraw(token, proposal_id)
