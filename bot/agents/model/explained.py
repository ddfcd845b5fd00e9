"""The ranked explanations of a diagnosis as evidence: the model words them, and ranks nothing."""

from bot.agents.model.evidence import Figure, Subject, Unit
from bot.domain.hypotheses import Hypothesis, Point, Sign

MOST = 4
KIND = "explanations, likeliest first"
_UNITS = {
    Sign.CPU: Unit.PERCENT,
    Sign.PEAK: Unit.PERCENT,
    Sign.OVER: Unit.PERCENT,
    Sign.COUNT: Unit.JOBS,
    Sign.WAITING: Unit.JOBS,
    Sign.LOST: Unit.NODES,
    Sign.UNUSUAL: Unit.CORES,
    Sign.USUAL: Unit.CORES,
    Sign.STEADY: Unit.CORES,
    Sign.GROWTH: Unit.CORES,
}
_SHARES = {Sign.SHARE, Sign.QUEUE, Sign.WITHIN, Sign.TOGETHER, Sign.SPARK}


def explanations(hypotheses: tuple[Hypothesis, ...]) -> tuple[Subject, ...]:
    """Return the explanations as subjects without names: their figures are found under others."""
    return tuple(_subject(item) for item in hypotheses[:MOST])


def _subject(item: Hypothesis) -> Subject:
    named = item.finding.application.name if item.finding is not None else ""
    about = (
        ("cause", item.cause.value),
        ("standing", item.standing.value),
        ("application", named),
        ("for", _told(item.speaks_for)),
        ("against", _told(item.against)),
    )
    return Subject(KIND, (), about=about)


def _told(points: tuple[Point, ...]) -> str:
    found = (_figure(point) for point in points)
    return ", ".join(f"{figure.label} {figure.shown}" for figure in found if figure is not None)


def _figure(point: Point) -> Figure | None:
    """Return the figure seen, None for one only code reads."""
    label = f"{point.sign.value} {point.name}".strip()
    if point.sign in _SHARES:
        return Figure(label, point.seen * 100, Unit.PERCENT)
    if point.sign is Sign.LONG:
        return Figure(label, point.seen * 3600, Unit.SECONDS)
    unit = _UNITS.get(point.sign)
    return Figure(label, point.seen, unit) if unit is not None else None
