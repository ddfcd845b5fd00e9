"""Whole incidents and cluster troubles on a real YARN."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.sandbox.slack.demo import APPROVER, SECOND_APPROVER
from tests.free_ports import free_ports
from tests.lab import used_cores
from tests.lab import yarn_scenes as scenes
from tests.lab.cluster import Load
from tests.lab.expectations import Stopwatch
from tests.lab.hadoop import HOSTS, Layout, ManagerPorts, NodePorts
from tests.lab.incident import IDLE, SCRIPTS, Course, Incident, Lab
from tests.lab.kdc import Curl, Kdc
from tests.lab.machine import ROOT, Machine, kerberos
from tests.lab.product import running_bot
from tests.lab.stage import staged
from tests.lab.yarn import Yarn

NODES_BACK_S = 75.0


@dataclass(frozen=True, slots=True)
class Stay:
    """The lab on YARN while it runs: what it plays with, in one language at a time."""

    lab: Lab
    yarn: Yarn
    folder: Path


def layout(folder: Path, secret: Path | None = None, period: int = 2000) -> Layout:
    """Return where everything of a cluster is, on ports nobody listens on."""
    ports = free_ports(14)
    managers = (ManagerPorts(*ports[:5]), ManagerPorts(*ports[5:10]))
    return Layout(folder, ports[10], managers, NodePorts(*ports[11:14]), secret, period)


async def play(
    languages: Sequence[str], machine: Machine, folder: Path, watch: Stopwatch, *, whole: bool
) -> None:
    """Play an incident per language, then the troubles; all of them if `whole`. Raises LabError."""
    watch.scene, begun = "yarn", watch.now()
    async with staged(machine, folder, watch, HOSTS) as lab:
        yarn = Yarn(machine, lab.processes, layout(folder / "yarn"))
        await yarn.start(lab.client, IDLE)
        watch.note("two ResourceManagers, three NodeManagers in service", begun)
        for language in languages:
            await _in_one_language(Stay(lab, yarn, folder), language, whole=whole)
    if whole:
        await _behind_kerberos(languages, machine, folder / "kerberos", watch)


async def _in_one_language(stay: Stay, language: str, *, whole: bool) -> None:
    lab, yarn = stay.lab, stay.yarn
    lab.watch.scene = f"yarn {language}"
    await lab.monitoring.speak(lab.client, language)
    settings = {**lab.monitoring.settings, **yarn.settings}
    begun = lab.watch.now()
    async with running_bot(lab.processes, lab.slack, stay.folder / f"bot-{language}", settings):
        begun = lab.watch.note("bot started and ready", begun)
        idle = (await yarn.running(lab.client, IDLE.name))[IDLE.name]
        lab.watch.note("the idle application runs", begun)
        scene = scenes.Scene(lab, yarn, language, idle)
        await Incident(lab, yarn, language, idle).play()
        await scene.unhealthy_node()
        if whole:
            await scene.retired_node()
            # More than three kills within ten minutes: a second person has to approve. What was
            # killed goes on until its nodes have found the other ResourceManager.
            both = (APPROVER, SECOND_APPROVER)
            course = Course(scene.taken_over, both, NODES_BACK_S)
            await Incident(lab, yarn, language, idle).play(course)
        else:
            await scene.taken_over()
        await scene.whole_again()
    if whole:
        await _without_rights(stay, language, settings, idle)


async def play_used(language: str, machine: Machine, folder: Path, watch: Stopwatch) -> None:
    """Play what nothing but the NodeManagers measure, then what nobody measures. Raises LabError."""
    loads = (SCRIPTS[language].heavy, SCRIPTS[language].light)
    other = next(script.heavy for name, script in SCRIPTS.items() if name != language)
    watch.scene = f"used cores {language}"
    async with _burning(machine, folder / "measured", watch, loads) as (lab, yarn, ids):
        idle, *burning = ids
        scene = used_cores.Scene(lab, yarn, language, idle)
        await used_cores.near_proc(yarn, lab, *burning)
        async with running_bot(lab.processes, lab.slack, folder / "bot", _alone(lab, yarn)):
            await scene.measured(*burning, idle)
            await scene.two_readers(*burning)
            await scene.outside()
            await scene.node_down(*burning)
            await scene.taken_over(*burning)
            await scene.killed(*burning)
            await yarn.submit(other)
            later = (await yarn.running(lab.client, other.name))[other.name]
            await scene.measured(later, idle)
    async with _burning(machine, folder / "unmeasured", watch, loads[:1], -1) as (lab, yarn, ids):
        idle, *burning = ids
        async with running_bot(lab.processes, lab.slack, folder / "bot-2", _alone(lab, yarn)):
            await used_cores.Scene(lab, yarn, language, idle).unmeasured(*burning)


def _alone(lab: Lab, yarn: Yarn) -> Mapping[str, str]:
    """Return the settings of a bot that knows YARN and no monitoring."""
    return {**yarn.settings, "HEALTH_PORT": lab.monitoring.settings["HEALTH_PORT"]}


@asynccontextmanager
async def _burning(
    machine: Machine, folder: Path, watch: Stopwatch, loads: Sequence[Load], period: int = 2000
) -> AsyncIterator[tuple[Lab, Yarn, list[str]]]:
    """Start YARN with the idle giant and these loads; give their ids in that order."""
    begun = watch.now()
    async with staged(machine, folder, watch, HOSTS) as lab:
        yarn = Yarn(machine, lab.processes, layout(folder / "yarn", None, period))
        await yarn.start(lab.client, IDLE, *loads)
        names = [load.name for load in (IDLE, *loads)]
        ids = await yarn.running(lab.client, *names)
        watch.note(f"YARN in service, {', '.join(names)} run", begun)
        yield lab, yarn, [ids[name] for name in names]


async def _without_rights(
    stay: Stay, language: str, settings: Mapping[str, str], idle: str
) -> None:
    """Let the bot be somebody whom YARN hides figures from and refuses kills."""
    folder = stay.folder / f"bot-{language}-without-rights"
    own = {**settings, "YARN_USER": scenes.WITHOUT_RIGHTS}
    async with running_bot(stay.lab.processes, stay.lab.slack, folder, own):
        await scenes.Scene(stay.lab, stay.yarn, language, idle).without_rights()


async def _behind_kerberos(
    languages: Sequence[str], machine: Machine, folder: Path, watch: Stopwatch
) -> None:
    """Play a list and a kill through SPNEGO with a client keytab, where there is a KDC."""
    extra = await asyncio.to_thread(kerberos)
    if isinstance(extra, str):
        watch.lines.append(f"SPNEGO: not played, {extra}")
        return
    watch.scene, begun = "spnego", watch.now()
    async with staged(machine, folder, watch, HOSTS) as lab:
        kdc = Kdc(lab.processes, folder / "realm", free_ports(1)[0])
        await kdc.start()
        yarn = Yarn(machine, lab.processes, layout(folder / "yarn", kdc.folder), kdc.java)
        async with httpx.AsyncClient(transport=Curl(kdc)) as client:
            await yarn.start(client)
            watch.note("KDC and YARN behind SPNEGO in service", begun)
            settings = {
                **lab.monitoring.settings,
                **yarn.settings,
                **kdc.environment,
                "YARN_AUTH": "kerberos",
                "PYTHONPATH": f"{ROOT}:{extra}",
            }
            for language in languages:
                watch.scene = f"spnego {language}"
                data = folder / f"bot-{language}"
                async with running_bot(lab.processes, lab.slack, data, settings):
                    await scenes.through_spnego(lab, yarn, client, language)
