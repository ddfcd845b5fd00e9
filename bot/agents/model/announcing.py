"""Telling whoever follows a turn that its facts stand, before a model is asked for words."""

from langgraph.config import get_stream_writer

from bot.agents.facts import Facts


def announce(facts: Facts) -> None:
    """Hand the facts to the graph's stream; outside of a graph nobody follows."""
    try:
        write = get_stream_writer()
    except RuntimeError:
        return
    write(facts)
