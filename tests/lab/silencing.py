"""The bot's reading of a real Alertmanager: an alert that stands, silenced, and loud again."""

from datetime import UTC, datetime, timedelta

from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.http import make_client
from tests.lab.expectations import expect, until
from tests.lab.incident import Lab

HELD_S = 10.0
NAME = "LabWatchesSilences"


async def check_silences(lab: Lab) -> None:
    """Post an alert of our own, silence it, lift the silence; read each with the bot's adapter.

    Its label keeps it from Slack. Raises LabError.
    """
    begun, address = lab.watch.now(), lab.monitoring.alertmanager_url
    now = datetime.now(UTC)
    alert = {"labels": {"alertname": NAME, "severity": "critical", "to": "nobody"}}
    silence = {
        "matchers": [{"name": "alertname", "value": "LabWatches.*", "isRegex": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(minutes=5)).isoformat(),
        "createdBy": "lab",
        "comment": "checked",
    }
    async with make_client() as client:
        reader = AlertmanagerReader(address, client)

        async def held(*, quiet: bool) -> bool:
            board = await reader.board()
            return [each.name for each in (board.quiet if quiet else board.loud)] == [NAME]

        (await lab.client.post(f"{address}/api/v2/alerts", json=[alert])).raise_for_status()
        await until("Alertmanager holds the alert", lambda: held(quiet=False), HELD_S)
        made = await lab.client.post(f"{address}/api/v2/silences", json=silence)
        await until("the alert is silenced", lambda: held(quiet=True), HELD_S)
        told = (await reader.board()).silences
        matches = [each.matches for each in told]
        expect("the silence as it was made", matches == ["alertname=~LabWatches.*"], matches)
        number = made.json()["silenceID"]
        (await lab.client.delete(f"{address}/api/v2/silence/{number}")).raise_for_status()
        await until("the alert is loud again", lambda: held(quiet=False), HELD_S)
        expect("no silence left", not (await reader.board()).silences)
        expect("a version", bool(await reader.version()))
    lab.watch.note("an alert stands, is silenced, is loud again", begun)
