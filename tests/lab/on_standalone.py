"""Whole incidents on real Spark standalone, with the bot's own figures and a real Alertmanager."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.flow.world import payload_of, words_of
from tests.free_ports import free_ports
from tests.lab import own_figures
from tests.lab.expectations import Stopwatch, until
from tests.lab.incident import IDLE, SCRIPTS, Incident, Lab
from tests.lab.machine import Machine
from tests.lab.product import running_bot, running_split
from tests.lab.silencing import check_silences
from tests.lab.spark import Ports, Spark
from tests.lab.stage import staged
from tests.lab.talk import Talk

TURNS = {"list": 1, "kill": 1}  # of one incident, as the bot counts them


SLOTS_S = 60.0
BOUND = re.compile(r"상한|upper bound")


async def play(
    languages: Sequence[str], machine: Machine, folder: Path, watch: Stopwatch, *, whole: bool
) -> None:
    """Play an incident per language, the last one split in two; if `whole`, without monitoring too.

    Raises LabError.
    """
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
        if whole:
            alone = {**spark.settings, "HEALTH_PORT": lab.monitoring.settings["HEALTH_PORT"]}
            async with running_bot(lab.processes, lab.slack, folder / "bot-alone", alone):
                await _by_slots(lab, languages[0], idle)


async def _by_slots(lab: Lab, language: str, idle: str) -> None:
    """Ask a bot that knows the master alone: Spark's busy slots, told as an upper bound."""

    async def told() -> bool:
        listed = await Talk(lab.slack, lab.watch).ask(SCRIPTS[language].listing)
        shown, said = payload_of(listed)["applications"], words_of(listed)
        if BOUND.search(said) and shown == [idle]:
            return True
        raise ValueError(f"{shown} {said}")

    await until("busy slots as an upper bound", told, SLOTS_S)
