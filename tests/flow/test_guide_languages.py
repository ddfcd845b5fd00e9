"""The same question in Korean and in English: the same pages, each answered in its language."""

from pathlib import Path

import pytest

from bot.domain.language import Language, language_of
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import plain_text
from bot.retrieval.documents import load_documents, split
from bot.retrieval.knowledge import default_source
from tests.evals.howto import our_documents as opened
from tests.evals.howto import right, rows
from tests.evals.platform import platform_scene
from tests.evals.world import World
from tests.flow.test_guide_answers import MANUAL

IN_THE_OTHER_LANGUAGE = {
    "D004": "Can we just restart the metastore?",
    "D016": "I want to grow our queue's guaranteed capacity a little; once the file is edited, in which order do I apply it?",
    "D021": "Would it be all right to delete the streaming checkpoint directory to make the error go away?",
    "D025": "I would like to limit the run time and the scanned data of Trino queries beforehand. Which settings do that?",
    "D027": "I heard that a dashboard once kept sending a query again after it had been killed. How was that solved?",
    "D033": "no space left on device가 뜨는데 df -h로 보면 공간이 남아 있어요. 왜 그런가요?",
    "D042": "backfill이 클러스터를 다 잡아먹는데 안전하게 돌리는 방법이 뭔가요?",
    "D044": "예전에 distcp 때문에 shuffle이 다 느려졌던 게 언제였나요?",
    "D047": "컨테이너 종료 코드(exit code)가 무슨 뜻인지 알고 싶습니다. -103과 -102가 계속 보입니다.",
    "D052": "메타스토어 커넥션 풀과 DB 접속 한도는 어떤 관계인가요?",
    "D055": "failover 뒤에 큐 용량이 슬그머니 옛 값으로 되돌아갔습니다. 전에도 그런 적이 있었나요? 왜 그랬나요?",
    "D056": "NodeManager는 얼마나 응답이 없으면 LOST가 되고, 그때 무엇을 확인해야 하나요?",
    "D059": "가장 큰 잡 두 개를 죽였는데도 CPU가 하나도 안 내려간 적이 있었나요?",
}


@MANUAL
async def test_both_languages_get_the_same_page(our_documents: Path) -> None:
    """The passage shown is of the asker's twin of the page that answers."""
    async with opened(our_documents) as documents:
        for row in (each for each in rows() if each["id"] in IN_THE_OTHER_LANGUAGE):
            pages = []
            for question in (row["text"], IN_THE_OTHER_LANGUAGE[row["id"]]):
                answer = await World(platform_scene(), documents=documents).ask(question)
                assert right(answer.sources[:1], row["gold"]), (question, answer.sources)
                shown = plain_text(render(answer, answer.language).blocks)
                assert language_of(shown) is language_of(question), shown
                pages.append(answer.sources[0].partition("#")[0])
            assert sorted(each.endswith("-en.md") for each in pages) == [False, True], pages
            assert len({each.replace("-en.md", ".md") for each in pages}) == 1


@MANUAL
@pytest.mark.parametrize("asked", ["has this happened before?", "전에도 이런 적 있어?"])
async def test_what_is_searched_for_the_asker_leaves_the_language(
    our_documents: Path, asked: str
) -> None:
    """A question that only points is searched by words in both; the past is told in the asker's."""
    async with opened(our_documents) as documents:
        answer = await World(platform_scene(), documents=documents).ask(asked)
    pages = {each.partition("#")[0] for each in answer.sources}
    assert pages
    assert {each.startswith("operation_history/") for each in pages} == {True}
    english = language_of(asked) is Language.EN
    assert {each.endswith("-en.md") for each in pages} == {english}
    assert len({each.replace("-en.md", ".md") for each in pages}) == len(pages)


def test_every_page_has_its_twin_section_by_section() -> None:
    """A section and its twin bear one anchor; the pages have one date, each its own language."""
    anchors: dict[bool, set[tuple[str, ...]]] = {False: set(), True: set()}
    loaded = load_documents(default_source())
    assert loaded.broken == ()
    for page in loaded.documents:
        assert language_of(page.title).value == page.language, page.file
        for chunk in split(page):
            assert not chunk.section.isdecimal(), chunk.source
            anchors[chunk.english].add((chunk.collection, *chunk.place, chunk.dated))
    assert anchors[False] == anchors[True]
