"""The drawn graph is the compiled one."""

from pathlib import Path

import pytest

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
