"""What a model looks up side by side is told in the order it asked."""

import asyncio

from bot.agents.model.evidence import Evidence
from bot.agents.model.prose import _LookedUp
from bot.agents.model.untrusted_text import UntrustedText, fresh_marker
from bot.domain.knowledge import Collection, Found, Passage
from bot.tools.toolbox import typed


def page(name: str) -> Found:
    text = f"What {name} says."
    return Found((Passage(Collection.MANUAL, name, "Title", "Heading", text, 0.9),))


async def test_passages_are_numbered_in_the_order_of_the_calls_whichever_is_found_first() -> None:
    """What a model cites as [1] is what it asked for first, each time."""
    found_second = asyncio.Event()

    async def search_first() -> Found:
        """Find a page, after the other one was found."""
        await found_second.wait()
        return page("manual/first#a")

    async def search_second() -> Found:
        """Find a page."""
        found_second.set()
        return page("manual/second#b")

    looked = _LookedUp(Evidence(), UntrustedText(fresh_marker), str)
    tools = [looked.by(typed(run.__name__, run)) for run in (search_first, search_second)]
    first, second = await asyncio.gather(*(tool.ainvoke({}) for tool in tools))
    assert "[1] (manual/first#a)" in first
    assert "[2] (manual/second#b)" in second


async def test_a_search_that_fails_holds_up_none_behind_it() -> None:
    """The next one is told all the same."""

    async def search_first() -> Found:
        """Find nothing, loudly."""
        raise OSError("away")

    async def search_second() -> Found:
        """Find a page."""
        return page("manual/second#b")

    looked = _LookedUp(Evidence(), UntrustedText(fresh_marker), str)
    tools = [looked.by(typed(run.__name__, run)) for run in (search_first, search_second)]
    failed, told = await asyncio.wait_for(
        asyncio.gather(*(tool.ainvoke({}) for tool in tools), return_exceptions=True), 10
    )
    assert isinstance(failed, OSError)
    assert "[1] (manual/second#b)" in str(told)
