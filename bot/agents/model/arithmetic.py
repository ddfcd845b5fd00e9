"""What a quantity may be made of: sums, means, differences, shares and ratios of those in sight.

No word has to announce how a figure was made. What bounds it instead is whose figures it may be
made of: of one alone, its own against others; of several, theirs together.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product

from bot.agents.model.evidence import Figure, Kind, Subject, Unit
from bot.agents.model.quantities import Quantity
from bot.agents.model.sentence import TOGETHER, Sentence
from bot.domain.runaway import LARGE_SHARE
from bot.domain.selections import Measure

Group = tuple[Subject, ...]
SHARES = {Unit.PERCENT, Unit.POINTS}
REST = re.compile(
    r"여유|남[은는아]|나머지|비어|비는|비게|비우|빈\s|내려|빠지|다른|free|left|leave|headroom|remain|\brest\b|idle|spare|\bothers?\b|\bback\b|\bland\b|\bdrop|without",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"기준|한계|임계|문턱|선[은을의에이]|규칙|지난|최근"
    r"|\b(?:line|threshold|limit|mark|criteri\w*|rule|bar|last|past|runaway|critical)\b",
    re.IGNORECASE,
)


FEW = 3  # jobs in sight: any two of more would add up to nearly anything


def limited(sentence: Sentence) -> bool:
    """Tell whether a sentence speaks of a limit of the product, or by its figure of the runaway line."""
    return bool(LIMIT.search(sentence.text)) or any(
        each.value == LARGE_SHARE * 100 and Unit.PERCENT in each.units for each in sentence.numbers
    )


def is_heavy(figure: Figure) -> bool:
    """Tell whether a share of all cores is above the runaway line."""
    return figure.unit is Unit.PERCENT and figure.value > LARGE_SHARE * 100


def _gone(sentence: Sentence) -> bool:
    """Tell whether a sentence is of what is left, or of what would be."""
    return bool(REST.search(sentence.text) or sentence.evidence.expected)


APART = re.compile(
    r"차이|격차|간격|더\s|덜\s|많|적|크|작|높|낮|길|짧|앞서|뒤[져지처쳐]|모자라|부족|못 미|넘|초과|보다|먼저|나중"
    r"|\b(?:gap|differ\w*|apart|more|less|fewer|ahead|behind|over|above|below|under|beyond|short|past|than|from|between|later|earlier|before|after|margin|by|outlive\w*|exceed\w*|younger|older|larger|smaller|extra)\b",
    re.IGNORECASE,
)
"""What says how far two are apart: a bare figure is never a difference."""
ADDED = re.compile(
    r"합[하치쳐]|더[하해한]|\b(?:together|added|plus|combined|between)\b", re.IGNORECASE
)
LACKING = re.compile(
    r"모자[라란랄랐랍람]|부족|못 미|안 [되돼들]|넘|초과|\b(?:short|lack\w*|missing|over|too|exceed\w*)\b",
    re.IGNORECASE,
)
EACH_NODE = re.compile(
    r"대당|노드당|노드 하나|\b(?:per|each|every) (?:node|machine|host)\b|(?:nodes|machines) (?:of|with)",
    re.IGNORECASE,
)
HANDED_OUT = re.compile(
    r"할당|배정|나가|나간|쓰이|차 있|\b(?:allocat\w+|grant(?:s|ed)?|handed out|given out|in use|taken)\b",
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
    if limited(sentence):
        limits = [each.value for each in sentence.evidence.limits if each.unit is Unit.PERCENT]
        ratios += [a / b for a, b in product(values(near(sentence), Unit.PERCENT), limits)]
    return _near_ratio(one, ratios)


def makes(one: Quantity, a: Quantity, b: Quantity, *, ratio: bool) -> bool:
    """Tell whether a quantity is how often one goes into another, their sum, their gap, or a part."""
    if ratio:
        alike = a.units & b.units and b.value
        return bool(alike) and _near_ratio(one, [a.value / b.value])
    if Unit.PERCENT in b.units and a.units == one.units:
        return any(one.says(a.value * b.value / 100, unit) for unit in one.units)
    percent = one.units == {Unit.PERCENT} and a.units == b.units and b.value > a.value
    shares = SHARES & a.units and SHARES & b.units
    if not (percent or (one.units & a.units & b.units) or (shares and SHARES & one.units)):
        return False
    made = (
        [100 * a.value / b.value]
        if percent and not shares
        else [a.value + b.value, a.value - b.value]
    )
    return any(one.says(each, unit) for each in made for unit in one.units)


def _near_ratio(one: Quantity, ratios: Iterable[float]) -> bool:
    """Tell whether one of some ratios is that of a quantity, or beyond its bound."""
    if one.bound:
        return any((each - one.value) * one.bound >= 0 for each in ratios)
    return any(abs(one.value - each) <= max(one.tolerance, 0.1 * each) for each in ratios)


def near(sentence: Sentence) -> list[Subject]:
    """Return whom a sentence names or carries on about."""
    named = [each.subject for each in sentence.mentions if each.named or each.application]
    return list({each.names: each for each in (*named, *sentence.focus, *sentence.asked)}.values())


def values(subjects: Iterable[Subject], unit: Unit) -> list[float]:
    """Return the figures of subjects in a unit."""
    return [each.value for subject in subjects for each in subject.figures if each.unit is unit]


def cluster_figures(sentence: Sentence, unit: Unit) -> Iterator[Figure]:
    """Yield the figures of the cluster and of the list in a unit."""
    for subject in sentence.evidence.subjects:
        if subject.kind in {Kind.CLUSTER, Kind.LIST}:
            yield from (figure for figure in subject.figures if figure.unit is unit)


def spare(sentence: Sentence, unit: Unit) -> Iterator[float]:
    """Yield what is free, and what would be with those spoken of gone."""
    free = [each.value for each in cluster_figures(sentence, unit) if each.label.endswith("free")]
    yield from (one + part for one in free for part in (0.0, *_operands(sentence, unit)))


def wanted(sentence: Sentence, unit: Unit) -> list[float]:
    """Return what the question itself asks for, as cores for a new job."""
    asked = [each for each in sentence.evidence.subjects if each.kind is Kind.REQUEST]
    return values(asked, unit)


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
    if APART.search(sentence.text) or _gone(sentence):
        others = (*own, *values(sentence.around[:2], unit))
        yield from (abs(a - b) for a, b in product(own, others))
    held = {one.label: one.value for one in cluster_figures(sentence, unit)}
    yield from _with_wanted(sentence.text, wanted(sentence, unit), own, held)
    yield from _rests(sentence, own, held, sum(values(sentence.ranked, unit)))
    if limited(sentence):
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


def _with_wanted(
    text: str, asked: Iterable[float], own: Iterable[float], held: dict[str, float]
) -> Iterator[float]:
    """Yield what is asked for, and what of the free, or of what a kill would free, it leaves or lacks."""
    free, granted = _figure(held, "free"), _figure(held, "granted")
    sign = -1 if LACKING.search(text) else 1
    for each in asked:
        gaps = (sign * (free + part - each) for part in (0.0, *own))
        yield from (each, granted + each, *(gap for gap in gaps if gap >= 0))


def _rests(
    sentence: Sentence, parts: Iterable[float], held: dict[str, float], running: float
) -> Iterator[float]:
    """Yield what is left of the whole, or free, or handed out, once a part is gone."""
    parts = tuple(parts)
    if _gone(sentence):
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
    groups += [(*sentence.focus, *named)] if ADDED.search(sentence.text) else []
    if len(named) == 1 and not (sentence.grouped or TOGETHER.search(sentence.text)):
        groups = [each for each in groups if each not in (named, sentence.together)]
    unique = [tuple({each.names: each for each in group}.values()) for group in groups]
    return [group for group in unique if len(group) > 1]


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
    pairs = [] if alone or len(seen) > FEW else list(combinations(seen, 2))
    return [group for group in (*spoken, *pairs, *wholes) if len(group) > 1]


def _shares(sentence: Sentence) -> Iterator[float]:
    """Yield what part of all cores, or memory, those in sight hold, one of another, and the gaps."""
    unit = Unit.GIB if sentence.measured(sentence.text) is Measure.MEMORY else Unit.CORES
    figures = {each.label: each.value for each in cluster_figures(sentence, unit)}
    whole, granted = _figure(figures, "in all"), _figure(figures, "granted")
    rest = _gone(sentence)
    own = _operands(sentence, unit)
    sums = [sum(values(group, unit)) for group in _groups(sentence)]
    parts = [*own, *sums]
    if HANDED_OUT.search(sentence.text) or sentence.evidence.expected or not sentence.meant:
        parts += [granted, *(granted - each for each in own)]
    parts += [whole - each for each in (*own, granted)] if rest else []
    parts += [granted + each for each in wanted(sentence, unit)]
    yield from (100 * part / each for each in (whole, granted) if each for part in parts)
    yield from (100 * a / b for a, b in product((*own, *sums), repeat=2) if b > a)
    shares = [100 * each / whole for each in own if whole]
    limits = [each.value for each in sentence.evidence.limits if each.unit is Unit.PERCENT]
    yield from (
        abs(a - b) for a, b in product(shares, (*shares, *(limits if limited(sentence) else ())))
    )
    if rest:
        now = [
            each.value for each in cluster_figures(sentence, Unit.PERCENT) if each.topic == "cpu"
        ]
        yield from (cpu - share for cpu, share in product(now, shares))
