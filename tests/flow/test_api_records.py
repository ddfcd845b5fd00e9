"""What the API tells of what was: the audit trail with its chain, the digest, a thread as a document."""

from pathlib import Path

import sqlalchemy as sa

from bot.storage.database import open_beside
from bot.storage.tables import audit
from tests.flow.gateway import gateway
from tests.flow.test_api_decisions import decided, ended, proposed
from tests.flow.test_api_talk import said


async def test_the_trail_tells_who_asked_decided_and_what_was_proved(tmp_path: Path) -> None:
    """Newest first, to whoever may read; the chain is checked."""
    async with gateway(tmp_path, slack=False) as at, at.caller("oncall") as oncall:
        card = await proposed(oncall)
        await decided(oncall, card)
        await ended(at, oncall, card["id"])
        async with at.caller("reader") as reader:
            found = (await reader.get(f"/v1/audit?proposal_id={card['id']}")).json()
        events = [each["event"] for each in reversed(found["entries"])]
        assert events[:2] == ["proposed", "approved"]
        assert events.count("calling") == events.count("succeeded") == 2
        assert found["entries"][-1]["detail"]["digest"] == card["digest"]
        assert found["sound"]
        assert found["problems"] == []
        assert (await oncall.get("/v1/audit?limit=1")).json()["entries"] != []


async def test_a_broken_chain_is_told(tmp_path: Path) -> None:
    """By the number of the row that was changed."""
    async with gateway(tmp_path, slack=False) as at, at.caller("oncall") as oncall:
        await decided(oncall, await proposed(oncall), "reject")
        async with open_beside(at.world.settings.database) as database:
            forged = sa.update(audit).where(audit.c.event == "denied").values(actor="U0SOMEBODY")
            await database.transact(lambda connection: connection.execute(forged))
        found = (await oncall.get("/v1/audit")).json()
        assert not found["sound"]
        assert found["problems"] == ["row 2 was changed"]


async def test_the_digest_is_the_channels_in_the_language_asked_for(tmp_path: Path) -> None:
    """With no channel set for it, too."""
    async with gateway(tmp_path, slack=False) as at, at.caller("reader") as reader:
        korean, english = [
            (await reader.get(f"/v1/digest?language={each}")).json()["markdown"]
            for each in ("ko", "en")
        ]
        assert "CPU" in korean
        assert "CPU" in english
        assert korean != english
        assert (await reader.get("/v1/threads/t/export")).status_code == 403


async def test_a_thread_is_taken_away_as_a_document(tmp_path: Path) -> None:
    """Its words, its card and who decided; what people wrote stays plain text."""
    async with gateway(tmp_path, slack=False) as at, at.caller("oncall") as oncall:
        await said(oncall, "안녕 <img src=x> [here](http://evil.test) | # `x`")
        card = await proposed(oncall)
        await decided(oncall, card, "reject")
        path = "/v1/threads/t1/export?language=en"
        text = (await oncall.get(path)).json()["markdown"]
        assert r"\<img src\=x\> \[here\]\(http\://evil\.test\) \| \# \`x\`" in text
        for words in (card["targets"][0]["id"].replace("_", r"\_"), card["digest"], "Rejected by"):
            assert words in text
