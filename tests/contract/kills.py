"""One kill as the desk sends it: prepared, then sent within its time."""

from bot.domain.applications import ApplicationRef, KillAnswer
from bot.ports import ApplicationControl, Left


async def kill(
    control: ApplicationControl, ref: ApplicationRef, reason: str, left: Left = lambda: 10.0
) -> KillAnswer:
    send = await control.prepare(ref)
    return await send(reason, left)
