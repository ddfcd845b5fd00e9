"""What a quantity may be made of: sums, means, differences, shares and ratios of those in sight.

No word has to announce how a figure was made. What bounds it instead is whose figures it may be
made of: of one alone, its own against others; of several, theirs together.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, combinations, product

from bot.agents.model.evidence import Figure, Kind, Subject, Unit
from bot.agents.model.quantities import Quantity
from bot.agents.model.roles import Role, role_of
from bot.agents.model.sentence import MEASURES, TOGETHER, Mention, Sentence
from bot.domain.runaway import LARGE_SHARE
from bot.domain.selections import Measure

Group = tuple[Subject, ...]
SHARES = {Unit.PERCENT, Unit.POINTS}
REST = re.compile(
    r"여유|남[은는아음았]|나머지|비어|비는|비게|비우|빈\s|내려|빠지|다른|free|left|leave|headroom|remain|\brest\b|idle|spare|\bothers?\b|\bback\b|\bland\b|\bdrop|without",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"기준|한계|임계|문턱|초과 폭|초과분|선[은을의에이]|규칙|지난|최근"
    r"|\b(?:line|threshold|limit|mark|criteri\w*|rule|bar|last|past|runaway|critical|overshoot|excess|counts? as|heavy)\b",
    re.IGNORECASE,
)


FEW = 3  # jobs in sight: any two of more would add up to nearly anything


def limited(sentence: Sentence) -> bool:
    """Tell whether a sentence speaks of a limit of the product, or by its figure of the runaway line."""
    return bool(LIMIT.search(sentence.text)) or any(
        each.value == LARGE_SHARE * 100 and Unit.PERCENT in each.units for each in sentence.numbers
    )


def is_limit(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is a limit of the product, as a share or in cores."""
    return any(_is_line(one, each.value, sentence) for each in sentence.evidence.limits)


def is_runaway_line(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is the share of all cores from which a job is heavy."""
    return _is_line(one, LARGE_SHARE * 100, sentence)


def _is_line(one: Quantity, percent: float, sentence: Sentence) -> bool:
    held = {each.label: each.value for each in cluster_figures(sentence, Unit.CORES)}
    exact, cores = replace(one, bound=0), _figure(held, "in all") * percent / 100
    return exact.says(percent, Unit.PERCENT) or exact.says(cores, Unit.CORES)


def is_heavy(figure: Figure) -> bool:
    """Tell whether a share of all cores is above the runaway line."""
    return figure.unit is Unit.PERCENT and figure.value > LARGE_SHARE * 100


def _gone(sentence: Sentence) -> bool:
    """Tell whether a sentence is of what is left, or of what would be."""
    return bool(REST.search(sentence.text) or sentence.evidence.expected)


ADDED = re.compile(
    r"합[하치쳐]|더[하해한]|\b(?:together|added|plus|combined|between)\b", re.IGNORECASE
)
SUMMED = re.compile(
    r"합[하치쳐계]|평균|총|모두|전부|\b(?:total|sum|average|mean|together|combined|released|freed)\b",
    re.IGNORECASE,
)
ALTOGETHER = re.compile(
    r"전체|전부|모두|총|합계|나머지|\b(?:all|total|altogether|everyone|everybody|rest|others|everything)\b",
    re.IGNORECASE,
)
LACKING = re.compile(
    r"모자[라란랄랐랍람]|부족|못 미|안 [되돼들]|넘|초과|\b(?:short|lack\w*|missing|over|too|exceed\w*)\b",
    re.IGNORECASE,
)
MEAN = re.compile(r"평균|\b(?:average\w*|mean|each|apiece)\b|씩", re.IGNORECASE)
FOR_EACH_CORE = re.compile(
    r"코어\s?(?:당|하나|마다|1개)|\b(?:a|(?:per|for each|for every)(?: \w+)?) core\b",
    re.IGNORECASE,
)
APART = {Role.GAP, Role.NEAR_GAP}
UNTAKEN = re.compile(
    r"여유|남[은는아을음았]|비[어는게우]|빈\s|\b(?:free|left|spare|headroom|idle|unallocated)\b",
    re.IGNORECASE,
)
EACH_NODE = re.compile(
    r"대당|노드당|노드 하나|노드 1\s?대|\b(?:one|a|1|single|whole) (?:node|machine)\b|\b(?:per|each|every) (?:node|machine|host)\b|(?:nodes|machines) (?:of|with)",
    re.IGNORECASE,
)
HANDED_OUT = re.compile(
    r"할당|배정|예약|나가|나간|쓰이|차 있|잡혀|잡힌|\b(?:allocat\w+|reserv\w+|grant(?:s|ed)?|handed out|given out|in use|taken)\b",
    re.IGNORECASE,
)


SIDES = {
    Measure.CPU: Unit.CORES,
    Measure.MEMORY: Unit.GIB,
    Measure.DURATION: Unit.SECONDS,
}


def follows(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is made of the figures of those in sight; a figure of another is not."""
    role = role_of(one, sentence.text)
    own = (figure for each in near(sentence) if each.owner for figure in each.figures)
    named = bool(sentence.applications) or Unit.POINTS in one.units
    if named and role not in {Role.GAP, Role.PER_CORE} and any(map(one.is_figure, own)):
        return False
    return any(
        one.says(value, unit) for unit in one.units for value in _made(one, sentence, unit, role)
    )


def is_ratio(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether "so many times" is how two of those in sight, or one and a limit, relate."""
    start, end = sentence.clause(one.start)
    clause = sentence.text[start:end]
    told = {measure for measure, said in MEASURES if said.search(clause)} or set(SIDES)
    units = [unit for measure, unit in SIDES.items() if measure in told]
    rests = _groups(sentence) if ALTOGETHER.search(sentence.text) else []
    sides = [
        [*_operands(sentence, unit), *(sum(values(rest, unit)) for rest in rests)] for unit in units
    ]
    each_core = FOR_EACH_CORE.search(sentence.text) or "ratio" in sentence.text
    sides.append([each for one in near(sentence) for each in per_core(one)] if each_core else [])
    if UNTAKEN.search(sentence.text):
        for side, unit in zip(sides, units, strict=False):
            side += [_figure({f.label: f.value for f in cluster_figures(sentence, unit)}, "free")]
    ratios = [a / b for side in sides for a, b in product(side, repeat=2) if a > b > 0]
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
    percent = one.units == {Unit.PERCENT} and a.units & b.units and b.value > a.value
    shares = SHARES & a.units and SHARES & b.units
    if not (percent or (one.units & a.units & b.units) or (shares and SHARES & one.units)):
        return False
    made = (
        [100 * a.value / b.value]
        if percent and not shares
        else [a.value + b.value, a.value - b.value]
    )
    return any(each > 0 and one.says(each, unit) for each in made for unit in one.units)


def _near_ratio(one: Quantity, ratios: Iterable[float]) -> bool:
    """Tell whether one of some ratios is that of a quantity, or beyond its bound."""
    if one.bound:
        return any(
            0 <= (each - one.value) * one.bound <= max(1.0, one.value / 2) for each in ratios
        )
    return any(abs(one.value - each) <= max(one.tolerance, 0.1 * each) for each in ratios)


def near(sentence: Sentence) -> list[Subject]:
    """Return whom a sentence names, and whom it carries on about where it names nobody else or looks back."""
    named = [each.subject for each in sentence.mentions if each.named or each.application]
    pair = [each for each in sentence.grouped.values() if len(each) == 2]  # noqa: PLR2004 - the one and the other
    named += chain(*pair)
    alone = (sentence.applications or sentence.queues) and not BACK.search(sentence.text)
    compared = all(sentence.compared(each) for each in sentence.mentions if each.application)
    carried = () if alone and not compared else (*sentence.focus, *sentence.asked)
    return list({each.names: each for each in (*named, *carried)}.values())


BACK = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|he|his|she|hers?|both|2|pair|together|another|instead|would|times|against|versus)\b|\d\s?배|[이그]\s?(?:잡|작업|애플|앱)|[이그](?:건|것|보다|에|와)|여기|둘|합[하치쳐]|더하|각각|차이",
    re.IGNORECASE,
)
"""What goes on about somebody of a sentence before, beside those it names."""


def values(subjects: Iterable[Subject], unit: Unit) -> list[float]:
    """Return the figures of subjects in a unit."""
    return [each.value for subject in subjects for each in subject.figures if each.unit is unit]


def per_core(subject: Subject) -> list[float]:
    """Return the memory a subject has for each of its cores."""
    cores = sum(values([subject], Unit.CORES))
    return [each / cores for each in values([subject], Unit.GIB)] if cores else []


def cluster_figures(sentence: Sentence, unit: Unit) -> Iterator[Figure]:
    """Yield the figures of the cluster and of the list in a unit."""
    for subject in sentence.evidence.subjects:
        if subject.kind in {Kind.CLUSTER, Kind.LIST}:
            yield from (figure for figure in subject.figures if figure.unit is unit)


def spare(sentence: Sentence, unit: Unit) -> Iterator[float]:
    """Yield what is free, and what would be with those spoken of gone."""
    free = [each.value for each in cluster_figures(sentence, unit) if each.label.endswith("free")]
    parts = (0.0, *_operands(sentence, unit), *(-each for each in wanted(sentence, unit)))
    yield from (one + part for one in free for part in parts)
    yield from _operands(sentence, unit) if sentence.evidence.expected else ()


def handed_out(sentence: Sentence, unit: Unit) -> Iterator[float]:
    """Yield what is granted, and what would be with a request met or those spoken of gone."""
    held = {each.label: each.value for each in cluster_figures(sentence, unit)}
    parts = (0.0, *wanted(sentence, unit), *(-each for each in _operands(sentence, unit)))
    yield from (_figure(held, "granted") + part for part in parts)


def wanted(sentence: Sentence, unit: Unit) -> list[float]:
    """Return what the question itself asks for, as cores for a new job."""
    asked = [each for each in sentence.evidence.subjects if each.kind is Kind.REQUEST]
    return values(asked, unit)


def _made(one: Quantity, sentence: Sentence, unit: Unit, role: Role) -> Iterator[float]:
    """Yield what can be made in a unit, as far as the words beside the quantity call for it."""
    if unit in SHARES:
        yield from _shares(one, sentence, role)
        return
    if unit is Unit.GIB and role in {Role.PER_CORE, Role.NEAR_GAP, Role.HELD}:
        yield from _per_core(sentence, role)
    if role is Role.PER_CORE and unit is Unit.GIB:
        return
    own = _operands(sentence, unit)
    held = {one.label: one.value for one in cluster_figures(sentence, unit)}
    if role is Role.GAP or (role is Role.NEAR_GAP and not one.bound):
        yield from _gaps(one, sentence, unit, role)
    if unit is Unit.SECONDS and not MEAN.search(sentence.text):
        yield from _with_wanted(sentence.text, wanted(sentence, unit), own, held)
        return  # how long several have run adds up to nothing
    if role is not Role.GAP:
        yield from _sums(sentence, unit)
        yield from _nodes_worth(sentence, held)
    yield from _with_wanted(sentence.text, wanted(sentence, unit), own, held)
    yield from _rests(sentence, own, held, sum(values(sentence.ranked, unit)))
    if limited(sentence):
        lines = [
            each.value * _figure(held, "in all") / 100
            for each in sentence.evidence.limits
            if each.unit is Unit.PERCENT
        ]
        yield from chain(lines, (abs(a - b) for a, b in product(own, lines)))


OF_ALL = re.compile(
    r"\s?of (?:the (?:whole |entire )?cluster|all (?:the )?\d* ?cores)\b", re.IGNORECASE
)
THAN_THIS = re.compile(
    r"(?<![가-힣])[이그](?:\s?(?:잡|작업|것|건))?보다|\bthan (?:it|this|that)\b", re.IGNORECASE
)


def _gaps(one: Quantity, sentence: Sentence, unit: Unit, role: Role) -> Iterator[float]:
    """Yield how far those in sight are apart; from whom a clause compares with, where it names one."""
    own, carried = _operands(sentence, unit), sentence.focus if role is Role.GAP else ()
    others = (*own, *values((*sentence.around[:2], *carried), unit))
    start, end = sentence.clause(one.start)
    seen = [each for each in sentence.mentions if each.subject.kind is not Kind.CLUSTER]
    against = [
        each.subject for each in seen if start <= each.start < end and sentence.compared(each)
    ]
    if THAN_THIS.search(sentence.text, start, one.start):
        against = [*sentence.focus[:1]]
    if against and role is Role.GAP:
        free = [each.subject for each in seen if not sentence.compared(each)]
        mine = [each for each in free if each not in against]
        subjects = mine or [*sentence.focus, *sentence.asked]
        sums = (sum(values(group, unit)) for group in spoken_groups(sentence))
        own, others = values(against, unit), (*values(subjects, unit), *sums)
    yield from (abs(a - b) for a, b in product(own, others) if a != b)


def _sums(sentence: Sentence, unit: Unit) -> Iterator[float]:
    """Yield what groups hold together, and on average where that is said."""
    groups = _groups(sentence)
    sums = [sum(values(group, unit)) for group in groups]
    yield from sums
    if MEAN.search(sentence.text):
        yield from (total / len(group) for total, group in zip(sums, groups, strict=True))


def _per_core(sentence: Sentence, role: Role) -> Iterator[float]:
    """Yield the memory for each core of those in sight, where a sentence speaks of that."""
    if role is not Role.PER_CORE and not FOR_EACH_CORE.search(sentence.text):
        return
    for each in near(sentence):
        yield from per_core(each)


def _nodes_worth(sentence: Sentence, held: dict[str, float]) -> Iterator[float]:
    """Yield what each node has, where a sentence speaks of that."""
    nodes = [one.value for one in cluster_figures(sentence, Unit.NODES) if one.topic == "all"]
    counted = any(each.units == {Unit.NODES} for each in sentence.numbers)
    if nodes and (EACH_NODE.search(sentence.text) or (counted and MEAN.search(sentence.text))):
        yield from (each / nodes[0] for each in held.values())


def _with_wanted(
    text: str, asked: Iterable[float], own: Iterable[float], held: dict[str, float]
) -> Iterator[float]:
    """Yield what is asked for, and what of the free, or of what a kill would free, it leaves or lacks."""
    free, granted = _figure(held, "free"), _figure(held, "granted")
    sign = -1 if LACKING.search(text) else 1
    for each in asked:
        left = REST.search(text) or LACKING.search(text)
        gaps = (sign * (free + part - each) for part in (0.0, *own) if left or not free)
        yield from (each, granted + each, *(gap for gap in gaps if gap >= 0))


def _rests(
    sentence: Sentence, parts: Iterable[float], held: dict[str, float], running: float
) -> Iterator[float]:
    """Yield what is left of the whole, or free, or handed out, once a part is gone."""
    parts = tuple(parts)
    if _gone(sentence):
        handed = HANDED_OUT.search(sentence.text) and not UNTAKEN.search(sentence.text)
        for label, value in held.items():
            if handed and label.endswith("free"):
                continue
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
    sums = [sum(values(group, unit)) for group in spoken_groups(sentence)]
    return [*seen, *sums]


def spoken_groups(sentence: Sentence) -> list[Group]:
    """Return the groups a sentence speaks of: those it names, "both", "top 2", a queue's."""
    named = sentence.applications
    groups = [named, sentence.together, *sentence.grouped.values(), *sentence.bounded]
    held = [sentence.members(each) for each in sentence.queues]
    groups += [*held, tuple(chain(*held))]
    groups += (
        [sentence.focus]
        if not named or all(map(near(sentence).__contains__, sentence.focus))
        else []
    )
    groups += [] if named else [tuple(about(sentence))]
    if not named and len(sentence.named_before) <= FEW and SUMMED.search(sentence.text):
        groups.append(sentence.named_before)
    groups += [(*sentence.focus, *named)] if ADDED.search(sentence.text) else []
    if len(named) == 1 and not (sentence.grouped or TOGETHER.search(sentence.text)):
        groups = [each for each in groups if each not in (named, sentence.together)]
    unique = [tuple({each.names: each for each in group}.values()) for group in groups]
    return [group for group in unique if len(group) > 1]


def about(sentence: Sentence) -> Iterator[Subject]:
    """Yield whom the question is about."""
    names = set(sentence.evidence.about)
    yield from (each for each in sentence.evidence.subjects if names & {*each.names[:1]})


def _groups(sentence: Sentence) -> list[Group]:
    """Return the groups sums may be over: those spoken of, pairs of them, all shown, and the rest."""
    seen = [each for each in near(sentence) if each.kind is Kind.APPLICATION]
    spoken = spoken_groups(sentence)
    alone = len(sentence.applications) == 1 or (not spoken and len(seen) == 1)
    shown, running = sentence.groups[-2:]
    rests = [tuple(each for each in whole if each not in seen) for whole in (shown, running)]
    behind = [tuple(each for each in running if each not in shown)]
    given = spoken and not ALTOGETHER.search(sentence.text)
    wholes = [] if alone or given else [shown, running]
    if REST.search(sentence.text):
        wholes += rests + behind
    pairs = [] if alone or len(seen) > FEW else list(combinations(seen, 2))
    return [group for group in (*spoken, *pairs, *wholes) if len(group) > 1]


def _shares(one: Quantity, sentence: Sentence, role: Role) -> Iterator[float]:
    """Yield what part of all cores, or memory, those in sight hold, one of another, and the gaps."""
    unit = Unit.GIB if sentence.measured_at(one.start) is Measure.MEMORY else Unit.CORES
    figures = {each.label: each.value for each in cluster_figures(sentence, unit)}
    whole, granted = _figure(figures, "in all"), _figure(figures, "granted")
    rest = _gone(sentence)
    own = _operands(sentence, unit)
    sums = [sum(values(group, unit)) for group in _groups(sentence)]
    parts = [*own, *sums]
    if HANDED_OUT.search(sentence.text) or sentence.evidence.expected or not sentence.meant:
        parts += [granted, *(granted - each for each in own)]
    parts += [granted + each for each in wanted(sentence, unit)]
    if rest:
        parts += [granted - each for each in own]
    shares = [100 * each / whole for each in own if whole]
    if role in APART:
        yield from (abs(a - b) for a, b in product(shares, repeat=2) if a != b)
    if limited(sentence):
        yield from (abs(share - LARGE_SHARE * 100) for share in shares)
        yield from (share / LARGE_SHARE for share in shares)
    if rest and Unit.PERCENT in one.units:
        now = [
            each.value for each in cluster_figures(sentence, Unit.PERCENT) if each.topic == "cpu"
        ]
        yield from (cpu - share for cpu, share in product(now, shares))
    if role is Role.GAP:
        return
    of_all = OF_ALL.match(sentence.text[one.end :])
    of = [each for each in ((whole,) if of_all else (whole, granted)) if each]
    yield from (100 * part / each for each in of for part in parts)
    if rest and whole:
        yield from (100 * (whole - each) / whole for each in (*own, granted))
    wholes = [*values(map(_subject, filter(sentence.compared, sentence.mentions)), unit), *sums]
    yield from (100 * a / b for a, b in product((*own, *sums), wholes) if b > a)


def _subject(mention: Mention) -> Subject:
    return mention.subject
