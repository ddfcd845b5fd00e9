"""The nearest known question by the real local embedding."""

import asyncio

import pytest

from bot.agents.nearest import VERY_NEAR
from bot.agents.understanding.overlap import examples
from bot.domain.conversation import AgentName
from bot.retrieval.embeddings import LocalEmbeddings
from bot.retrieval.nearest_example import NearestByMeaning


@pytest.fixture(scope="module")
def embeddings() -> LocalEmbeddings:
    return LocalEmbeddings()


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("are the machines under pressure at the moment?", AgentName.INFRA_ENGINEER),
        ("서버들 형편이 어떤가요", AgentName.INFRA_ENGINEER),
        ("which spark programs are being executed?", AgentName.DATA_ENGINEER),
        ("what happened in earlier incidents of this kind?", AgentName.ADMIN_GUIDE),
        ("recommend me a nice movie", AgentName.NONE),
    ],
)
async def test_questions_in_other_words_find_their_agent(
    embeddings: LocalEmbeddings, text: str, agent: AgentName
) -> None:
    """No word of the examples is needed, in either language."""

    async def embed(texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(embeddings.embed_documents, texts)

    found = await NearestByMeaning(embed, examples(), patience=60.0)(text)
    assert found is not None
    assert found.example.agent is agent


async def test_a_known_question_is_its_own_neighbour(embeddings: LocalEmbeddings) -> None:
    """With a cosine of 1."""

    async def embed(texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(embeddings.embed_documents, texts)

    example = examples()[0]
    found = await NearestByMeaning(embed, examples(), patience=60.0)(example.text)
    assert found is not None
    assert found.example == example
    assert found.nearness > VERY_NEAR
