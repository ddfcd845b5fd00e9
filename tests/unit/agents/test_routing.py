"""The drawn graph is the compiled one."""

from pathlib import Path

import pytest

from bot.agents.answer import TEMPLATES
from bot.agents.facts import AgentFacts
from bot.tools.kill_spark_job import KillFacts
from tests.drawing import DOCUMENTS, drawn


@pytest.mark.parametrize("document", DOCUMENTS, ids=["en", "ko"])
def test_the_graph_in_the_document_is_the_compiled_one(document: Path) -> None:
    """Otherwise: python -m tests.drawing."""
    text = document.read_text(encoding="utf-8")
    assert drawn(text) == text
    for node in (
        "understand",
        "route",
        "infra_engineer",
        "data_engineer",
        "admin_guide",
        "generate_answer",
    ):
        assert f"{node}({node})" in text


def test_every_kind_of_facts_has_its_words() -> None:
    """A kind without a template would fail the turn it is found in."""
    kinds = {each.__name__ for each in (*AgentFacts.__subclasses__(), KillFacts)}
    assert {each.__name__ for each in TEMPLATES} == kinds
