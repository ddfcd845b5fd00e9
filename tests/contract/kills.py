"""One kill as the desk sends it: prepared, then sent within its time."""

from bot.backends.cluster import Scheduler
from bot.domain.applications import ApplicationRef, KillAnswer
from bot.domain.proposals import KillOrder
from bot.ports import ApplicationControl, Left


async def kill(
    scheduler: Scheduler, ref: ApplicationRef, reason: str, left: Left = lambda: 10.0
) -> KillAnswer:
    send = await scheduler.prepare(ref)
    return await send(reason, left)


async def carry(
    control: ApplicationControl, ref: ApplicationRef, order: KillOrder | None = None
) -> KillAnswer:
    """Kill through the port; `order` is that of a stored proposal, where one is looked for."""
    send = await control.prepare(ref)
    return await send(order or KillOrder("0" * 32, 0, "0" * 64, ("U1",)), lambda: 10.0)
