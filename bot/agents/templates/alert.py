"""Words for what an Alertmanager holds: alerts that fire, those kept quiet, silences in force."""

from collections import Counter
from collections.abc import Iterable

from bot.agents.templates.wording import Voice
from bot.domain.language import Language
from bot.domain.standing_alerts import AlertBoard, StandingAlert
from bot.texts import cluster as texts
from bot.texts import figures

NAMED = 4
SILENCES_SHOWN = 3


def alert_pairs(board: AlertBoard | None, voice: Voice) -> list[tuple[str, str]]:
    """Return the lines of a status; none where no Alertmanager was asked."""
    if board is None:
        return []
    language = voice.language
    pairs = [(texts.ALERTS_LABEL(language), alerts_line(board, language))]
    shown = [
        texts.SILENCE(
            language,
            matches=each.matches,
            until=voice.time(each.until) if each.until else figures.UNKNOWN,
            by=each.by or figures.UNKNOWN,
        )
        for each in board.silences[:SILENCES_SHOWN]
    ]
    if shown:
        more = len(board.silences) - len(shown)
        words = " · ".join([*shown, *([f"+{more}"] if more else [])])
        pairs.append((texts.SILENCES_LABEL(language), words))
    return pairs


def alerts_line(board: AlertBoard, language: Language) -> str:
    """Return how many alerts fire and how many are kept quiet, the first ones by name."""
    parts = []
    if board.loud:
        names = _names(board.loud)
        parts.append(texts.ALERTS(language, count=len(board.loud), names=names))
    if board.quiet:
        names = _names(board.quiet)
        parts.append(texts.ALERTS_QUIET(language, count=len(board.quiet), names=names))
    return " · ".join(parts) or texts.ALERTS_NONE(language)


def _names(alerts: Iterable[StandingAlert]) -> str:
    """Return names in their order, one that fires several times with its number."""
    counts = Counter(each.name or figures.UNKNOWN for each in alerts)
    words = [name if count == 1 else f"{name} ×{count}" for name, count in counts.items()]
    return ", ".join([*words[:NAMED], *([f"+{len(words) - NAMED}"] if len(words) > NAMED else [])])
