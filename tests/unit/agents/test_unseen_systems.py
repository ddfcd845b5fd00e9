"""Systems that are not looked at: told in the first line, and never taken for ours."""

from dataclasses import replace

import pytest

from bot.agents.graph import Help
from bot.agents.templates.talk import unseen_systems
from bot.domain.conversation import Intent, ThreadView
from tests.evals.platform import platform_scene
from tests.evals.world import World, read_now

# The field case's own words.
ASKED = (
    "Presto 쿼리 목록 보여줘",
    "trino 쿼리 많이 쓰는 거 죽여줘",
    "쿠버네티스에서 도는 스파크 executor pod 죽여줘",
    "우리는 Spark on Kubernetes 쓰는데 잡 목록 볼 수 있어?",
    "Tez 잡도 보여줘",
    "EMR 클러스터인데 step 취소해줘",
)


@pytest.mark.parametrize("text", ASKED)
async def test_the_first_line_says_what_is_looked_at(text: str) -> None:
    at = World(platform_scene())
    answer = await at.ask(text)
    assert "YARN과 Spark standalone만 봅니다" in answer.summary.splitlines()[0]
    assert not await at.tools.proposals.in_thread("", "")
    assert answer.proposal_id is None


@pytest.mark.parametrize("types", [("SPARK", "TEZ"), ("*",)])
async def test_a_type_that_is_looked_at_is_ours(types: tuple[str, ...]) -> None:
    at = World(platform_scene(), given=Help(read_now, types=types))
    answer = await at.ask("Tez 잡도 보여줘")
    assert "standalone" not in answer.summary
    assert answer.intent is Intent.LIST


def test_a_word_of_a_known_name_is_that_name() -> None:
    """A job called trino_backfill, an owner called presto."""
    known = ThreadView(names=frozenset({"trino_backfill"}), users=frozenset({"presto"}))
    assert unseen_systems("trino 그 잡 죽여줘, presto 거 말이야", known, ()) == ()
    assert unseen_systems("trino_backfill은 그대로", ThreadView(), ()) == ()
    assert unseen_systems("k8s랑 Trino", replace(known, names=frozenset()), ()) == (
        "Trino",
        "Kubernetes",
    )
