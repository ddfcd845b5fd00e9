"""Thanks, greetings, a plain no: messages that need no more than a short acknowledgement."""

from bot.agents.understanding.decision import decided
from bot.agents.understanding.frames import frame
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Mood
from bot.agents.understanding.questions import CLUSTER, JOBS
from bot.domain.conversation import Intent, Understanding

_ASKED = (
    *("top", "most", "listing", "order", "waiting", "failed", "now_word", "use", "what", "next"),
    *("kill", "stop", "remove", "killing", "approve", "go", "hold", "leave", "add", "change", "no"),
)


def thanking(message: Message) -> Understanding | None:
    """Read thanks, whatever good news comes with them."""
    asks = "?" in message.normal or message.has("how", "why", "who", "whether", "doubtful", "past")
    if not message.has("thank") or asks or message.moods_of("show", "tell", "check", "cancel"):
        return None
    asked = message.has(*JOBS, *CLUSTER, *_ASKED) or frame(message.items).ranks
    return decided(message, Intent.SMALLTALK) if message.has("drop") or not asked else None


def small_talk(message: Message) -> Understanding | None:
    """Read what needs no more than a short acknowledgement."""
    if message.view.open_card and message.has("negated") and message.has("do", "light"):
        return decided(message, Intent.CANCEL)
    if message.has("hold", "negated") or Mood.ORDER in message.moods_of("leave"):
        return decided(message, Intent.NONE)
    if message.has("no") or (message.has("negation") and message.has("do", "go")):
        return decided(message, Intent.CANCEL if message.view.open_card else Intent.NONE)
    if message.has("thank", "greet", "laugh", "agree"):
        return decided(message, Intent.SMALLTALK)
    return None
