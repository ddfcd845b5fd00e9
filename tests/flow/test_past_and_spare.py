"""Through Slack and real wires: the cluster against an earlier time, and jobs to be given up."""

from pathlib import Path

from bot.sandbox.platform import load
from tests.flow.world import payload_of, words_of, world


async def test_an_earlier_time_is_read_from_prometheus_and_the_list_can_be_killed_from(
    tmp_path: Path,
) -> None:
    """The answers say who answered; the numbered candidates are a list like any other."""
    async with world(tmp_path, load("incident")) as at, at.product():
        compared = await at.ask("@당직 어제 이 시간이랑 비교해줘")
        assert payload_of(compared)["intent"] == "compare"
        told = words_of(compared)
        assert "무렵의 평균과 비교했습니다" in told
        older = await at.ask("한 달 전이랑 비교해줘", compared.root)
        assert "비교할 수 없습니다" in words_of(older)
        spare = await at.ask("adhoc 큐에서 줄여도 되는 잡은?", compared.root)
        assert payload_of(spare)["intent"] == "list"
        assert payload_of(spare)["applications"]
        card = await at.card(await at.ask("1번 죽여줘", compared.root))
        first = payload_of(spare)["applications"][0]
        assert payload_of(card)["applications"] == [first]
        assert at.platform.kill_requests == []
