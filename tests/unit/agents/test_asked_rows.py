"""A question shows the rows its words mean: by place, by filter, less what it leaves out."""

from dataclasses import replace

import pytest

from tests.evals import talk
from tests.evals.platform import platform_scene
from tests.evals.world import World

LISTED, FRESH, CARD, LOOKED_AT = "L5", "none", "P12", "D2"


async def _shown(context: str, question: str) -> tuple[str, list[int]]:
    """Return the intent of the answer, and the ranks by cores of the jobs in it."""
    world = await talk._in_context(context)
    answer = await world.ask(question)
    ranks = {each.ref.id: rank for rank, each in enumerate(world.scene.applications, start=1)}
    return answer.intent.value, [ranks[one] for one in answer.applications]


@pytest.mark.parametrize(
    ("context", "question", "rows"),
    [
        (FRESH, "list every job except the ones in etl", [1, 3, 5, 6, 7, 8]),
        (FRESH, "show all jobs other than carol's", [1, 2, 4, 5, 6, 7, 8]),
        (FRESH, "alice 거 말고 전부 보여줘", [1, 3, 4, 5, 6, 7, 8]),
        (FRESH, "아무것도 끄지는 말고, ml 큐에 뭐가 도는지만 보여줘", [3]),
        (FRESH, "list jobs between 10 and 35 cores", [2, 3, 4]),
        (FRESH, "under 15 cores, list them all", [4, 5, 6, 7, 8]),
        (FRESH, "보호 안 걸린 잡 목록", [1, 2, 3, 4, 6, 7, 8]),
        (LISTED, "sort these five by memory", [3, 1, 2, 4, 5]),
        (LISTED, "그 다섯 개를 메모리 순으로 보여줘", [3, 1, 2, 4, 5]),
        (LISTED, "which of these run in etl", [2, 4]),
        (LISTED, "what else runs besides those five", [6, 7, 8]),
        (LOOKED_AT, "what other jobs are in the same queue", [4]),
    ],
)
async def test_a_list_holds_what_was_asked_for(
    context: str, question: str, rows: list[int]
) -> None:
    assert await _shown(context, question) == ("list", rows)


@pytest.mark.parametrize(
    ("context", "question", "rows"),
    [
        (FRESH, "show me the details of number 4", [4]),
        (FRESH, "2번 자세히 보여줘", [2]),
        (LISTED, "details of the second from the bottom please", [4]),
        (LISTED, "아래에서 세 번째 자세히 알려줘", [3]),
        (LISTED, "details of the last two", [4, 5]),
        (LISTED, "give me the details on #7", [7]),
        (LISTED, "hourly_sessionize 바로 위에 있는 거 자세히", [3]),
        (LISTED, "tell me more about the job right below daily_user_features", [3]),
        (LOOKED_AT, "바로 아래 잡도 자세히 보여줘", [3]),
    ],
)
async def test_details_are_of_the_rows_that_are_meant(
    context: str, question: str, rows: list[int]
) -> None:
    assert await _shown(context, question) == ("detail", rows)


@pytest.mark.parametrize(
    ("context", "question", "rows"),
    [
        (FRESH, "what would we get back if 2 and 4 were killed?", [2, 4]),
        (LISTED, "if all of them but 5 were killed, how many cores come back?", [1, 2, 3, 4]),
        (LISTED, "3번만 남기고 목록의 나머지를 다 죽이면 코어가 얼마나 돌아와?", [1, 2, 4, 5]),
        (LISTED, "how far would CPU drop without 1 and 3", [1, 3]),
        (LOOKED_AT, "what would killing it together with 3 free?", [2, 3]),
        (LOOKED_AT, "이거랑 3번을 같이 죽이면 얼마나 확보돼?", [2, 3]),
        (CARD, "저 둘에다 4번까지 죽이면 얼마나 확보돼?", [1, 2, 4]),
    ],
)
async def test_what_an_end_would_bring_is_told_of_the_rows_that_are_meant(
    context: str, question: str, rows: list[int]
) -> None:
    assert await _shown(context, question) == ("what_if", rows)


async def test_an_everyday_word_is_no_name_that_sounds_like_it() -> None:
    """상위 (the top) sounds like sunghwi, and 실행 (run) like the first half of salinity."""
    scene = platform_scene()
    first, second, *others = scene.applications
    named = (replace(first, user="sunghwi"), replace(second, name="salinity_load"), *others)
    world = World(replace(scene, applications=named, passages=()))
    answer = await world.ask("실행 중인 상위 5개 잡 보여줘")
    assert answer.applications == tuple(each.ref.id for each in named[:5])


async def test_somebody_called_by_the_whole_name_is_the_owner_whose_id_has_its_parts() -> None:
    scene = platform_scene()
    first, *others = scene.applications
    owned = (replace(first, user="seojun.bae"), *others)
    for question in ("배서준님이 돌리는 잡 보여줘", "서준님 잡 보여줘"):
        world = World(replace(scene, applications=owned, passages=()))
        answer = await world.ask(question)
        assert answer.applications == (first.ref.id,), question
