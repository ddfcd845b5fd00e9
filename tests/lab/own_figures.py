"""The bot's own figures as a real Prometheus sees them, and the alert rules we ship for them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.observability import Telemetry
from tests.lab.expectations import LabError, Stopwatch, expect, until
from tests.lab.monitoring import BOT_JOB, SHIPPED_RULES, Monitoring

SCRAPED_S = 20.0
CHECK_S = 30.0
MADE = frozenset({"dangjik_turns_total", "dangjik_rows_waiting"})


async def checked_by_promtool(promtool: Path, watch: Stopwatch) -> None:
    """Let Prometheus' own tool check the rules and the configuration we ship. Raises LabError."""
    begun = watch.now()
    for what, file in (
        ("rules", SHIPPED_RULES),
        ("config", SHIPPED_RULES.with_name("scrape.example.yaml")),
    ):
        process = await asyncio.create_subprocess_exec(
            promtool,
            "check",
            what,
            file,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), CHECK_S)
        if process.returncode:
            raise LabError(f"promtool check {what} {file.name}:\n{said.decode(errors='replace')}")
    watch.note("promtool checks the rules and configuration we ship", begun)


async def scraped(
    monitoring: Monitoring, client: httpx.AsyncClient, turns: Mapping[str, int], watch: Stopwatch
) -> None:
    """See every series of ours in Prometheus, and turns by intent, as many as there were.

    Raises LabError.
    """
    begun = watch.now()

    async def counted() -> bool:
        query = f'sum by (intent) (dangjik_turns_total{{job="{BOT_JOB}"}})'
        found = await monitoring.query(client, query)
        seen = {row["metric"]["intent"]: float(row["value"][1]) for row in found}
        if all(seen.get(intent) == count for intent, count in turns.items()):
            return True
        raise ValueError(f"turns by intent {seen}, wanted {dict(turns)}")

    await until("Prometheus has the bot's turns", counted, SCRAPED_S)
    found = await monitoring.query(client, f'{{job="{BOT_JOB}"}}')
    names = {row["metric"]["__name__"] for row in found}
    lacking = sorted(_series() - names)
    expect("every series of the bot in Prometheus", not lacking, f"lacking {lacking}")
    sockets = await monitoring.query(client, "sum(dangjik_sockets_connected)")
    expect("two open sockets", float(sockets[0]["value"][1]) == 2, sockets)
    watch.note(f"{len(_series())} series of the bot seen in Prometheus", begun)


async def rules_loaded(monitoring: Monitoring, client: httpx.AsyncClient, watch: Stopwatch) -> None:
    """See each alert rule we ship in Prometheus, evaluated without an error and quiet."""
    begun = watch.now()
    wanted = {
        rule["alert"]
        for group in yaml.safe_load(SHIPPED_RULES.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    }

    async def evaluated() -> list[dict[str, Any]]:
        rules = [rule for rule in await monitoring.rules(client) if rule["name"] in wanted]
        odd = {rule["name"]: rule["health"] for rule in rules if rule["health"] != "ok"}
        if len(rules) < len(wanted) or odd:
            raise ValueError(f"{len(rules)} of {len(wanted)} loaded, not ok: {odd}")
        return rules

    rules = await until("our alert rules are evaluated", evaluated, SCRAPED_S)
    loud = [rule["name"] for rule in rules if rule["state"] == "firing"]
    expect("none of our own alerts while the bot is well", not loud, loud)
    watch.note(f"{len(rules)} of our alert rules loaded and quiet", begun)


def _series() -> set[str]:
    """Return the names of our series: those there from the start, and those an incident makes."""
    found = {
        sample.name
        for family in Telemetry().registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    return found | MADE
