"""Whose a job is and where it runs, held for every owner and queue that a sentence names.

In each clause the jobs are gathered once: those it names, calls by a part, a row or their owner,
else those it goes on about. An owner there must own one of them, and the queues must hold them all;
only what a name is compared with stands apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from bot.agents.model.documents import Support
from bot.agents.model.evidence import Kind, Subject, Unit
from bot.agents.model.sentence import EVERY, OWNED, Mention, Sentence

I = re.IGNORECASE  # noqa: E741 - the flag of nearly every line below
NOT = re.compile(
    r"\b(?:not|no|nobody|never|neither|(?<!each )other|\w+n't)\b|않|아니|아닙|아닌|없|다른|나머지",
    I,
)
WITHIN = re.compile(
    r"\b(?:in|into|to|under|from|through|queue|shares?)\b (?:the |that )?(?:same )?(?:queue )?\0|\bqueue(?: is)?:? \0"
    r"|큐[는가] \0|큐\S*[^.]{0,12}\(\0|\bqueues \(\0|\bhas the \0 queue|\0\s?큐(?:의)?\s(?:잡|작업)(?:이[라고며]|입니다|이에요)|\0\s?큐\s?몫|\0\S{0,2}(?:\s?큐)?(?:에서|에 [있올들걸떠속]|\s?소속|예요|이에요|입니다|이?[임라고])|\0 큐(?=[.,]|$)",
    I,
)
"""What says of a queue, at the zero, that somebody is in it."""
THEIRS = re.compile(r"\0(?:'s|의|\s?(?:님\s)?(?:잡|작업|것|쪽)|\s?\()", I)
"""What says of somebody that a job of theirs is meant, whichever is spoken of."""
HOLDER = re.compile(
    r"\0 (?:(?:also|only|still|now|alone|has|is) )*(?:comes?|ranks?|holds?|has|takes?|uses?|sits?|accounts?|at|on|with|\d)\b"
    r"|\0(?:\s님)?[은는이가도]\s[^.,]*\d",
    I,
)
"""What says of somebody how much they hold or where they stand: of their own job, whichever is spoken of."""
ANOTHER = re.compile(r"\0(?:\s?님)?(?:'s|의)\s(?:other|second|further|다른|또|두 ?번째)", I)
"""What says of somebody that more jobs than one are theirs."""
FIRST = re.compile(r"\b(?:ask|check with|contact|message|ping|talk to|tell|text|dm|start with)\s[^.,]*\b(?:first|before)\b|(?:먼저|부터|우선)", I)  # fmt: skip
"""What names the first of several to be spoken to."""
HELD = re.compile(
    r"\0\s?(?:큐|쪽)?\s?(?:에는|에만|만|는|가|도|의)(?![가-힣])|^\W*in \0,|\0 (?:has|holds|runs)", I
)
"""What says of a queue what it holds, not that somebody spoken of before is in it."""
CARRIED = re.compile(
    r"\b(?:it|its|this one|that one)\b[^.;]*(?:\b(?:in|into|inside|within|under|on|at|from|of|with|shares?|the) \0|\bthe \0 queue)"
    r"|\0 queue, (?:where|in which)\b|\0(?: queue)?\b[^.;]*\b(?:it|this)(?:'s| is| was) the (?:only|last)\b",
    I,
)
"""What places somebody spoken of before at the queue that stands at the zero, whatever the verb."""
PLACE_KO = re.compile(
    r"\0(?:\s?큐|\s?쪽)?\s?(?:[안속]에|에(?![는도만])|에서(?![는도만])|으?로\s|소속|식구|가족|[이라예]\S|입)"
)
SUBJECT_KO = re.compile(
    r"(?<![가-힣])(?!(?:[이그] ?)?(?:잡|작업|건|애플리케이션|것)[은는이가]|있는|없는|도는|하는|되는|사는)[가-힣\w]+[은는이가도]\s"
)
"""A subject of the clause's own; without one it goes on about whom the last clause was of."""
PRONOUN = re.compile(
    r"^\W*(?:it|he|she|they|this|that|hers|his)(?:'s|'re)?\b|^\W*(?:이|그) (?:잡|작업)|^\W*[이그]건",
    I,
)
FEW = 2  # jobs of whom one may be meant
THIS = re.compile(r"\b(?:it|its|this)\b|(?<![가-힣])[이그]\s(?:\S+\s)?(?:잡|작업)", I)
SEVERAL = re.compile(r"\b(?:they|those|these|them|pair|2)\b|둘|각각|서로", I)
SAME_QUEUE = re.compile(r"(?:같은|한|동일한|1)\s?큐|\b(?:the same|a single|one) queue\b", I)
WHO = re.compile(r"\bwho$")
LINKING = re.compile(r"\b(?:and|the|with|jobs?|queues?|s)\b|님|잡|의|큐", I)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence that says something: its text, and the jobs, owners and queues named."""

    start: int
    text: str
    jobs: tuple[Mention, ...]
    owners: tuple[Mention, ...]
    queues: tuple[Mention, ...]

    def marked(self, mention: Mention) -> str:
        """Return the clause with a zero for a name of it."""
        start, end = mention.start - self.start, mention.end - self.start
        return f"{self.text[:start]}\0{self.text[end:]}"

    @property
    def bare(self) -> bool:
        """Whether it is only names, and says something with what stands beside it."""
        rest = self.text
        for each in sorted((*self.jobs, *self.owners, *self.queues), key=lambda one: -one.start):
            rest = rest[: each.start - self.start] + rest[each.end - self.start :]
        named = all(THEIRS.search(self.marked(each)) for each in self.owners)
        whole = self.jobs and (self.queues or not named)
        if WHO.search(self.text):
            return True
        return not whole and not re.search(r"\w", LINKING.sub("", rest))


def related(sentence: Sentence, _: Support) -> bool | None:
    """Tell whether owners and queues are said of the jobs that have them."""
    if sentence.evidence.passages and not sentence.meant:
        return None
    whole = _clause(sentence, 0, len(sentence.text))
    told = [each for each in (_alike(sentence), _together(whole, sentence)) if each is not None]
    told += [
        sum(one.owner == each.subject.owner for one in sentence.ranked) > 1
        for each in sentence.owners
        if ANOTHER.search(sentence.marked(each))
    ]
    if not told:
        before: list[Subject] = []
        for clause in _clauses(sentence):
            told += (*_owned(clause, sentence, before), *_queued(clause, sentence, before))
            before = [each.subject for each in clause.jobs] or before
    return all(told) if told else None


def _clauses(sentence: Sentence) -> Iterator[Clause]:
    """Yield the clauses, those of names alone with the one behind, the last with the one before."""
    start, at, last = 0, 0, None
    for piece in sentence.clauses:
        at += len(piece)
        clause = _clause(sentence, start, at)
        if clause.bare:
            continue
        if last:
            yield last
        last, start = clause, at
    if start < at:
        last = _clause(sentence, last.start if last else 0, at)
    if last:
        yield last


def _clause(sentence: Sentence, start: int, end: int) -> Clause:
    def here(mentions: list[Mention]) -> tuple[Mention, ...]:
        inside = (each for each in mentions if start <= each.start < end)
        return tuple(each for each in inside if not sentence.compared(each))

    queues = [each for each in sentence.mentions if each.subject.kind is Kind.QUEUE]
    return Clause(
        start, sentence.text[start:end], here(sentence.jobs), here(sentence.owners), here(queues)
    )


def _owned(clause: Clause, sentence: Sentence, before: list[Subject]) -> Iterator[bool]:
    """Yield for each owner whether one of the jobs spoken of is theirs."""
    for each in clause.owners:
        ahead = [one for one in clause.queues if one.start < each.start][-1:] or clause.queues
        jobs = [job.subject for job in clause.jobs]
        jobs = jobs or [one for queue in ahead for one in sentence.members(queue.subject)]
        known = {job.owner for job in sentence.named_before}
        several = not sentence.asked or each.subject.owner in known
        if not jobs and several and FIRST.search(clause.text):
            continue  # who of them is to be spoken to
        if not jobs and OWNED.search(sentence.marked(each)):
            jobs = before or list(sentence.focus or sentence.asked)
        elif not jobs and not any(said.search(clause.marked(each)) for said in (THEIRS, HOLDER)):
            jobs = [*before, *sentence.focus, *sentence.asked]
        if jobs and (clause.jobs or len(clause.owners) == 1 or OWNED.search(sentence.marked(each))):
            yield any(job.owner == each.subject.owner for job in jobs)


def _queued(clause: Clause, sentence: Sentence, before: list[Subject]) -> Iterator[bool]:
    """Yield whether the queues named hold the jobs spoken of."""
    names = {name for each in clause.queues for name in each.subject.names}
    if not names or NOT.search(clause.text) or _counted_in(clause, sentence):
        return
    jobs = [each.subject for each in (*clause.jobs, *clause.owners)]
    pronoun = PRONOUN.search(clause.text) or _placed_ahead(clause)
    if jobs:
        jobs += sentence.focus[:1] if pronoun else ()
        yield all(each.queue in names for each in jobs)
        return
    marked = [sentence.marked(each) for each in clause.queues]
    jobs = before if before and not pronoun else list(sentence.focus or sentence.asked)
    here = [clause.marked(each) for each in clause.queues]
    within = any(WITHIN.search(each) and not HELD.search(each) for each in marked)
    if jobs and (within or any(map(_places, here))):
        held = [each.queue in names for each in jobs]
        this = len(held) > FEW and THIS.search(clause.text)
        yield all(held) if this else any(held)


def _placed_ahead(clause: Clause) -> bool:
    """Tell whether "it" is placed in a queue ahead of any job that the clause names."""
    ahead = [each for each in clause.queues if all(each.start < job.start for job in clause.jobs)]
    return any(CARRIED.search(clause.marked(each)) for each in ahead)


def _places(marked: str) -> bool:
    """Tell whether a clause places whom it goes on about in the queue at the zero."""
    if HELD.search(marked):
        return False
    korean = PLACE_KO.search(marked) and not SUBJECT_KO.search(marked)
    return bool(korean or CARRIED.search(marked))


def _counted_in(clause: Clause, sentence: Sentence) -> bool:
    """Tell whether those spoken of are told as a queue's own number: "the two in etl"."""
    return not (clause.jobs or clause.owners) and any(
        one.says(len(sentence.members(each.subject)), Unit.JOBS)
        for each in clause.queues
        for one in sentence.numbers
    )


def _together(whole: Clause, sentence: Sentence) -> bool | None:
    """Tell whether the owners or queues said of several are those of all of them."""
    several = SEVERAL.search(whole.text) or EVERY.search(whole.text)
    if whole.jobs or not several or NOT.search(whole.text):
        return None
    if _counted_in(whole, sentence):
        return None
    owned = {each.subject.owner for each in whole.owners if OWNED.search(sentence.marked(each))}
    within = any(WITHIN.search(sentence.marked(each)) for each in whole.queues)
    queues = {each.subject.names[-1] for each in whole.queues}
    group = sentence.together or sentence.focus
    spoken = (*sentence.named_before, *sentence.focus, *chain(*sentence.grouped.values()))
    shown = {each.names for each in sentence.groups[-2]}
    if not {each.names for each in group} <= {*shown, *(each.names for each in spoken)}:
        return None
    if owned and queues and not within:
        group = tuple(one for each in whole.queues for one in sentence.members(each.subject))
    if len(group) < 2:  # noqa: PLR2004 - several
        return None
    told = [owned == {each.owner for each in group}] if owned else []
    told += [queues == {each.queue for each in group}] if within else []
    return all(told) if told else None


def _alike(sentence: Sentence) -> bool | None:
    """Tell whether those said to share a queue do."""
    if not SAME_QUEUE.search(sentence.text):
        return None
    carried = sentence.focus[:1] if len(sentence.applications) == 1 else ()
    several = (*sentence.applications, *carried)
    group = several if len(several) > 1 else sentence.together or sentence.ranked
    shared = len({each.queue for each in group}) == 1
    return shared != bool(NOT.search(sentence.text))
