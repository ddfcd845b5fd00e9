"""What a quantity may be made of: sums, means, differences, shares and ratios of those in sight.

No word has to announce how a figure was made. What bounds it instead is whose figures it may be
made of: of one alone, its own against others; of several, theirs together.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product

from bot.agents.model.evidence import Figure, Kind, Subject, Unit
from bot.agents.model.quantities import Quantity
from bot.agents.model.sentence import Sentence
from bot.domain.selections import Measure

Group = tuple[Subject, ...]
SHARES = {Unit.PERCENT, Unit.POINTS}
REST = re.compile(
    r"여유|남[은는아]|나머지|비어|비는|비게|비우|빈\s|내려|빠지|다른|free|left|leave|headroom|remain|\brest\b|idle|spare|\bothers?\b|\bback\b|\bland\b|\bdrop|without",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"기준|한계|임계|문턱|선[을의]|지난|최근"
    r"|\b(?:line|threshold|limit|mark|criteri\w*|rule|bar|last|past|runaway|critical)\b",
    re.IGNORECASE,
)
EACH_NODE = re.compile(
    r"대당|노드당|노드 하나|\b(?:per|each|every) (?:node|machine|host)\b|(?:nodes|machines) (?:of|with)",
    re.IGNORECASE,
)
HANDED_OUT = re.compile(
    r"할당|배정|나가|나간|쓰이|차 있|\b(?:allocated|granted|handed out|given out|in use|taken)\b",
    re.IGNORECASE,
)


def follows(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is made of the figures of those in sight; a figure of another is not."""
    if any(
        one.is_figure(figure) for each in near(sentence) for figure in each.figures if each.owner
    ):
        return False
    return any(one.says(value, unit) for unit in one.units for value in _made(sentence, unit))


def is_ratio(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether "so many times" is how two of those in sight, or one and a limit, relate."""
    units = (Unit.CORES, Unit.GIB, Unit.SECONDS, Unit.PERCENT)
    ratios = [
        a / b
        for unit in units
        for a, b in product(_operands(sentence, unit), repeat=2)
        if a > b > 0
    ]
    if LIMIT.search(sentence.text):
        limits = [each.value for each in sentence.evidence.limits if each.unit is Unit.PERCENT]
        ratios += [a / b for a, b in product(values(near(sentence), Unit.PERCENT), limits)]
    if one.bound:
        return any((each - one.value) * one.bound >= 0 for each in ratios)
    return any(abs(one.value - each) <= max(one.tolerance, 0.1 * each) for each in ratios)


def near(sentence: Sentence) -> list[Subject]:
    """Return whom a sentence names or carries on about."""
    named = [each.subject for each in sentence.mentions if each.named or each.application]
    return list({each.names: each for each in (*named, *sentence.focus)}.values())


def values(subjects: Iterable[Subject], unit: Unit) -> list[float]:
    """Return the figures of subjects in a unit."""
    return [each.value for subject in subjects for each in subject.figures if each.unit is unit]


def cluster_figures(sentence: Sentence, unit: Unit) -> Iterator[Figure]:
    """Yield the figures of the cluster and of the list in a unit."""
    for subject in sentence.evidence.subjects:
        if subject.kind in {Kind.CLUSTER, Kind.LIST}:
            yield from (figure for figure in subject.figures if figure.unit is unit)


def _made(sentence: Sentence, unit: Unit) -> Iterator[float]:
    """Yield what can be made in a unit."""
    if unit in SHARES:
        yield from _shares(sentence)
        return
    groups = _groups(sentence)
    sums = [sum(values(group, unit)) for group in groups]
    own = _operands(sentence, unit)
    yield from sums
    yield from (total / len(group) for total, group in zip(sums, groups, strict=True))
    yield from (abs(a - b) for a, b in product(own, (*own, *values(sentence.around[:2], unit))))
    held = {one.label: one.value for one in cluster_figures(sentence, unit)}
    yield from _rests(sentence, (*own, *sums), held, sum(values(sentence.ranked, unit)))
    if LIMIT.search(sentence.text):
        whole = _figure(held, "in all")
        lines = [
            each.value * whole / 100
            for each in sentence.evidence.limits
            if each.unit is Unit.PERCENT
        ]
        yield from chain(lines, (abs(a - b) for a, b in product(own, lines)))
    if unit is Unit.GIB:
        cores = [(sum(values([each], Unit.CORES)), values([each], unit)) for each in near(sentence)]
        yield from (value / count for count, each in cores if count for value in each)
    nodes = [one.value for one in cluster_figures(sentence, Unit.NODES) if one.topic == "all"]
    if EACH_NODE.search(sentence.text) and nodes:
        yield from (each / nodes[0] for each in held.values())


def _rests(
    sentence: Sentence, parts: Iterable[float], held: dict[str, float], running: float
) -> Iterator[float]:
    """Yield what is left of the whole, or free, or handed out, once a part is gone."""
    parts = tuple(parts)
    if REST.search(sentence.text):
        for label, value in held.items():
            sign = 1 if label.endswith("free") else -1
            yield from (value + sign * part for part in parts)
            yield from (value,) if sign > 0 else ()
        yield from (running - part for part in parts)
    if HANDED_OUT.search(sentence.text):
        granted = _figure(held, "granted")
        yield from (granted - part for part in (0.0, *parts) if granted)


def _figure(held: dict[str, float], end: str) -> float:
    return next((value for label, value in held.items() if label.endswith(end)), 0.0)


def _operands(sentence: Sentence, unit: Unit) -> list[float]:
    """Return what a difference or a ratio is of: each in sight, and all of a group together."""
    seen = values(near(sentence), unit)
    sums = [sum(values(group, unit)) for group in _spoken_groups(sentence)]
    return [*seen, *sums]


def _spoken_groups(sentence: Sentence) -> list[Group]:
    """Return the groups a sentence speaks of: those it names, "both", "top 2", a queue's."""
    named = sentence.applications
    groups = [named, sentence.together, *sentence.grouped.values()]
    groups += [sentence.members(each) for each in sentence.queues]
    groups += [] if named else [sentence.focus]
    if len(named) == 1 and not sentence.grouped:
        groups = [each for each in groups if each not in (named, sentence.together)]
    return [group for group in groups if len(group) > 1]


def _groups(sentence: Sentence) -> list[Group]:
    """Return the groups sums may be over: those spoken of, pairs of them, all shown, and the rest."""
    seen = [each for each in near(sentence) if each.kind is Kind.APPLICATION]
    spoken = _spoken_groups(sentence)
    alone = len(sentence.applications) == 1 or (not spoken and len(seen) == 1)
    shown, running = sentence.groups[-2:]
    rests = [tuple(each for each in whole if each not in seen) for whole in (shown, running)]
    behind = [tuple(each for each in running if each not in shown)]
    wholes = [] if alone else [shown, running]
    if REST.search(sentence.text):
        wholes += rests + behind
    pairs = [] if alone else list(combinations(seen, 2))
    return [group for group in (*spoken, *pairs, *wholes) if len(group) > 1]


def _shares(sentence: Sentence) -> Iterator[float]:
    """Yield what part of all cores, or memory, those in sight hold, one of another, and the gaps."""
    unit = Unit.GIB if sentence.measured(sentence.text) is Measure.MEMORY else Unit.CORES
    figures = {each.label: each.value for each in cluster_figures(sentence, unit)}
    whole, granted = _figure(figures, "in all"), _figure(figures, "granted")
    out, rest = HANDED_OUT.search(sentence.text), REST.search(sentence.text)
    own = _operands(sentence, unit)
    sums = [sum(values(group, unit)) for group in _groups(sentence)]
    parts = [*own, *sums]
    parts += [granted, *(granted - each for each in own)] if out else []
    parts += [whole - each for each in (*own, granted)] if rest else []
    wholes = (whole, granted) if out else (whole,)
    yield from (100 * part / each for each in wholes if each for part in parts)
    yield from (100 * a / b for a, b in product((*own, *sums), repeat=2) if b > a)
    shares = [100 * each / whole for each in own if whole]
    limits = [each.value for each in sentence.evidence.limits if each.unit is Unit.PERCENT]
    yield from (
        abs(a - b)
        for a, b in product(shares, (*shares, *(limits if LIMIT.search(sentence.text) else ())))
    )
    if rest:
        now = [
            each.value for each in cluster_figures(sentence, Unit.PERCENT) if each.topic == "cpu"
        ]
        yield from (cpu - share for cpu, share in product(now, shares))
