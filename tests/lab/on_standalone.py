"""Whole incidents on real Spark standalone, with the bot's own figures and a real Alertmanager."""

from collections.abc import Sequence
from pathlib import Path

from tests.free_ports import free_ports
from tests.lab import own_figures
from tests.lab.expectations import Stopwatch
from tests.lab.incident import IDLE, Incident
from tests.lab.machine import Machine
from tests.lab.product import running_bot, running_split
from tests.lab.silencing import check_silences
from tests.lab.spark import Ports, Spark
from tests.lab.stage import staged

TURNS = {"list": 1, "kill": 1}  # of one incident, as the bot counts them


async def play(languages: Sequence[str], machine: Machine, folder: Path, watch: Stopwatch) -> None:
    """Play an incident per language, the last one split in two. Raises LabError."""
    await own_figures.checked_by_promtool(machine.promtool, watch)
    begun = watch.now()
    async with staged(machine, folder, watch) as lab:
        spark = Spark(machine, lab.processes, folder / "spark", Ports(*free_ports(4)))
        await spark.start(lab.client)
        watch.note("Spark standalone started", begun)
        await check_silences(lab)
        await spark.submit(IDLE)
        idle = (await spark.running(lab.client, IDLE.name))[IDLE.name]
        for language in languages:
            watch.scene = f"spark {language}"
            await lab.monitoring.speak(lab.client, language)
            begun = watch.now()
            settings = {**lab.monitoring.settings, **spark.settings}
            running = running_split if language == languages[-1] else running_bot
            async with running(lab.processes, lab.slack, folder / f"bot-{language}", settings):
                watch.note("bot started and ready", begun)
                await Incident(lab, spark, language, idle).play()
                await own_figures.scraped(lab.monitoring, lab.client, TURNS, watch)
                await own_figures.rules_loaded(lab.monitoring, lab.client, watch)
