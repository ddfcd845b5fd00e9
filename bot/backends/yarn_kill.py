"""What the ResourceManager's answer to a kill request proves."""

from bot.backends.http import REDIRECTS, HttpReply
from bot.backends.shapes import mapping, one_line, text
from bot.domain.applications import KillAnswer, KillOutcome

NO_ACTIVE = b"no active RM"
# A definite no of the ResourceManager: the request was read and nothing was done.
# 411, 415 and 501 come from what stands in front: it passed nothing on.
_NO = frozenset({400, 401, 403, 404, 405, 411, 415, 501})


def kill_answer(reply: HttpReply) -> KillAnswer:
    """Say what the answer to a PUT of KILLED proves.

    202 and 200 mean that YARN took it; 200 may carry the state of an application that had
    ended by itself. A standby passes nothing on, so its redirect is a no.
    """
    if reply.status in REDIRECTS:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} from a standby, nothing was done")
    if is_standby(reply):
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} {reply.words}")
    if reply.status in _NO:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} {_why(reply)}")
    if not reply.ok:
        return KillAnswer(KillOutcome.UNKNOWN, f"{reply.status} {reply.words}")
    try:
        state = text(mapping(reply.json()).get("state"))
    except ValueError:
        state = ""
    if not state:
        return KillAnswer(KillOutcome.UNKNOWN, f"{reply.status} {reply.words}")
    return KillAnswer(KillOutcome.ACCEPTED, f"{reply.status} state {one_line(state, 20)}")


def _why(reply: HttpReply) -> str:
    """Return a RemoteException's message, or the plain text that 403s come with."""
    try:
        message = text(mapping(mapping(reply.json()).get("RemoteException")).get("message"))
    except ValueError:
        message = ""
    return one_line(message) or reply.words


def is_standby(reply: HttpReply) -> bool:
    """Tell whether a standby answered: a redirect, or a 200 with a plain sentence."""
    if reply.status in REDIRECTS:
        return True
    return reply.ok and len(reply.body) < 1000 and NO_ACTIVE in reply.body  # noqa: PLR2004 - a sentence
