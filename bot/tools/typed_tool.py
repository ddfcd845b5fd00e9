"""A LangChain tool that gives a typed value beside its text."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Annotated, Any, get_type_hints

from langchain_core.tools import StructuredTool
from pydantic import AfterValidator, Field, TypeAdapter

from bot.errors import Missing

Run = Callable[..., Awaitable[Any]]
LONGEST = 200  # characters of a question that are searched with
Question = Annotated[str, Field(min_length=1), AfterValidator(lambda text: text[:LONGEST])]


class TypedTool(StructuredTool):
    """A tool whose artifact is a value of the type `result`; its text is that value as JSON.

    Units, and what may be unknown, stand in the docstrings of the types, which are part of the
    schema of the result.
    """

    result: Any

    async def value(self, arguments: Mapping[str, Any]) -> Any:
        """Return the typed value. Raises pydantic's ValidationError for arguments that do not fit."""
        call = {"type": "tool_call", "id": "", "name": self.name, "args": dict(arguments)}
        return (await self.ainvoke(call)).artifact


def typed(name: str, run: Run) -> TypedTool:
    """Return a function as a tool: its docstring, arguments and result type are the tool's."""
    result = get_type_hints(run, include_extras=True)["return"]
    adapter = TypeAdapter[Any](result)

    @wraps(run)
    async def told(**given: Any) -> tuple[str, Any]:
        value = _without_detail(await run(**given))
        return adapter.dump_json(value, exclude_none=True).decode(), value

    bare = StructuredTool.from_function(coroutine=run, name=name)
    return TypedTool(
        name=name,
        description=bare.description,
        args_schema=bare.args_schema,
        coroutine=told,
        response_format="content_and_artifact",
        result=result,
    )


def _without_detail(value: Any) -> Any:
    """Leave out of what is missing the line for the log, which may hold addresses."""
    missing = getattr(value, "missing", None)
    if isinstance(missing, Missing):
        return replace(value, missing=replace(missing, detail=""))
    if missing:
        return replace(value, missing=tuple(replace(each, detail="") for each in missing))
    return value
