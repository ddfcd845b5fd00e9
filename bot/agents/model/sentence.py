"""A sentence as it is checked: its clauses, whom it names, and whom it carries on about."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import dropwhile, filterfalse, islice, pairwise

from bot.agents.model.evidence import Evidence, Kind, Subject, Unit
from bot.agents.model.quantities import (
    ANY_UNIT,
    OF_SOME,
    RANK,
    ROW,
    SPAN,
    Quantity,
    in_korean,
    numbered,
    quantities,
)
from bot.agents.model.remainder import JOB, PERSON, QUEUE, Assertion, load_remainder, masked
from bot.agents.reading.names import TRANSLATED, parts_of, spoken
from bot.domain.selections import Measure

ASCII_WORDS = re.IGNORECASE | re.ASCII  # a Korean particle after a word does not lengthen it
PIECE = re.compile(r"[^.!?。\n]+(?:[.!?。]+(?=\s|$)|[.!?。](?=\S)[^.!?。\n]*)*")
CUT = re.compile(
    r"[;:]|,(?!\d)|(?:(?<=[가-힣][고며])|(?<=지만)|(?<=는데)|(?<=인데)|(?<=니까)|(?<=으니)|(?<=라서)|(?<=[이거]라)|(?<=[어아]서)|(?<=있어)|(?<=므로))\s(?!있)"
    r"|\b(?:and|but|while|whereas|although|though|so|which|who|because|when|after)\b"
)
ABBREVIATED = {"i.e.": "that is,", "e.g.": "for example"}  # whose dots would end a sentence
MARKUP = re.compile(
    r"([*_>])\1+|^\s*(?:[-*•>]|\d+[.)])\s+|`|(?<![\w*/.'\"-])\*(?=\w)|(?<=\w)\*(?![\w*/.'\"])"
)
TABLE_ROW = re.compile(r"\|.+\|")
RULED = re.compile(r"[\s|:-]+")  # what draws a table, and blank lines
CITED = re.compile(r"\s*\[(\d+(?:\s*,\s*\d+)*)\]")
TOPICS = {
    "cpu": re.compile(r"(?<!of )(?<!of the )(?<!of all )\bCPUs?\b(?!의|\s*(?:코어|순위|순서|부담|기준|cores?|hog))", ASCII_WORDS),
    "memory": re.compile(r"메모리(?!의|\s*순)|\bmemory\b", ASCII_WORDS),
    "disk": re.compile(r"디스크|\bdisks?\b", ASCII_WORDS),
    "hdfs": re.compile(r"\bHDFS\b", ASCII_WORDS),
    "mean": re.compile(r"평균|\b(?:average[ds]?|averaging|mean)\b", ASCII_WORDS),
    "high": re.compile(r"최고|\bpeak(?:ed|ing|s)?\b", ASCII_WORDS),
    "": re.compile(r"클러스터(?!\s*(?:의\s*)?(?:전체의|코어의))|(?<!of the )(?<!whole )\bcluster\b", ASCII_WORDS),
}  # fmt: skip
THAN = re.compile(
    r"^\S{0,2}\s?보다|^(?:\s?님)?의?(?:\s[가-힣]{1,3}){1,2}보다|^\s다음(?:으로|가)|^(?:\s?\S{1,10})?의\s(?:[가-힣]{1,4}\s)?\d[\d.]*\s?(?:배|%)|^(?:에|과|와)?\s*(?:비해|비하면|비교하|견주)"
)
THAN_BEFORE = re.compile(r"(?:\bthan|\bjust like|\bunlike|same as|\bas \w+ as|ahead of|behind|below|above|compared (?:with|to)|that of|(?:of|twice|times|half|double) what|(?:times|half|twice|double) (?:the \w+ (?:of|that) )?|next to|(?:against|versus|vs\.?) (?:\d\S* (?:\w+ )?(?:for|of|on|from|in) )?)(?:\s+\w+){0,2}\s*$", re.IGNORECASE)  # fmt: skip
AND_AFTER = re.compile(
    r"^(?:\s?\([^)]*\))?(?:\s?[와과,·/]|이?랑|하고)\s?[\w.-]+(?:\s?\([^)]*\))?(?=\s?보다|에 비)"
)
AND_BEFORE = re.compile(
    r"\b[\w.-]+(?:'s)?(?: (?:(?:with|at|on) )?[\d.]+(?: cores?| GiB| minutes?)?)?,?(?: and| or) $"
)
"""What goes along with a name that something is compared with: "behind bob with 56 and alice"."""
MEASURES = (
    (Measure.MEMORY, re.compile(r"메모리|memory|GiB|GB\b", re.IGNORECASE)),
    (
        Measure.DURATION,
        re.compile(
            r"오래|길|시간|시작|최근|최신|새 잡|\bage\b|oldest|newest|young|\bolder|newer|\brun-?time|started|long|running for|minutes|hours",
            re.IGNORECASE,
        ),
    ),
    (Measure.CPU, re.compile(r"CPU|코어|core", re.IGNORECASE)),
)
AMOUNT = re.compile(r"\d\s?$")
"""What makes a word the unit of a figure, and not what is measured."""
PREDICATE = re.compile(
    r"\s*(?:입|인데|네요|이[고며라에]|예|라|로|쯤|place|by\b|on\b|in\b|of\b|[.,]|$)", re.IGNORECASE
)
LINKED = re.compile(
    r"(?:\b(?:is|are|was|be|as|at|in|comes?|ranks?|holds|takes|still|only|just)|'s|[,:])\s*$",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"\bit\b|[이그] ?(?:잡|작업|건)", re.IGNORECASE)
IT_IS = re.compile(r"\bit(?:'s| is| was| ranks?)(?: \w+){0,2} $", re.IGNORECASE)
QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")
"""Words to say or to send, which assert nothing themselves."""
LOW = re.compile(r"(?:밑|아래|뒤|끝)에서(?:부터)?\s*$")
LOW_AFTER = re.compile(r"\s*(?:\w+ )?from (?:the )?(?:bottom|end)\b", re.IGNORECASE)
LEAST_AFTER = re.compile(
    r"[\s-]*(?:smallest|newest|youngest|shortest|lightest|lowest)\b", re.IGNORECASE
)
NEXT = re.compile(
    r"^\W*(?:the )?next (?:one|job|is|comes|up|after (?:it|that|them))\b|^\W*(?:그|바로)\s?다음(?!에)",
    re.IGNORECASE,
)
GROUP = re.compile(
    r"(?:(?P<low>\b(?:bottom|last|smallest|lowest)\b|하위|(?<![가-힣])작은(?: 잡| 거)?|아래쪽?|(?:아래|밑|끝)에서(?:부터)?|(?:가장|제일) (?:작|적)은(?: 잡)?)|\b(?:top|first|biggest|largest|heaviest)\b|상위|(?<![가-힣])큰(?: 잡| 거)?|위쪽|위에서(?:부터)?|(?:맨|제일)\s?위|(?<![가-힣])위의?)\s*(?P<n>\d+)"
    r"|\b(?P<m>\d+) (?:(?P<least>smallest|lightest|lowest)|largest|biggest|heaviest)\b",
    re.IGNORECASE,
)
THAN_IT = re.compile(
    r"(?:(?P<fewer>smaller|fewer|less|lighter|younger|newer|shorter)|larger|bigger|more|heavier|older|longer)\b[^.,]* than (?:this|it|that)\b"
    r"|(?<![가-힣])(?:이|그|이것|[이그] 잡)보다 (?:더 )?(?:(?P<ko>작은|적은|적게|짧|가벼|최근)|큰|많은|많이|긴|무거|오래)",
    re.IGNORECASE,
)
BEHIND = re.compile(r"\b(?:below|behind|after|outside|beyond)(?: of)? (?:the )?$", re.IGNORECASE)
BELOW = re.compile(r"(?P<n>\d)\s?[위등번]\s?(?:(?P<too>이하)|(?P<to>까지)|아래|밑|다음|뒤)")
"""All that stand behind a place, or down to it."""
RANGE = re.compile(r"\d\s?\S?\s?(?:through|to|부터|에서|[-–~])", re.IGNORECASE)
OWNED = re.compile(
    r"(?:소유자|주인)\S*\s+\0|\0\s?\S{0,3}\s?(?:소유|것(?!은))|\0\S{0,3}\s(?:\S+\s)?잡(?:입니다|이[에고며라]|이죠|$)|\0(?:\s?님|\s계정|\s사용자)?[이가]\s+(?:\S+\s+){0,2}(?:실행한|돌리|돌린|띄운|올린|올렸|제출|실행했)"
    r"|\b(?:(?:job|one|it|this|that) (?:is|was)|it's|that's) \0's\b|(?:\bby|belongs? to|owner is|owner of \S+ is|owner is listed as|owner,|[\w`]\s?\()\s*(?:the )?\0|,\s\0's(?:\W*$|,)|\0(?: account| user)?(?:,? and \w+)?\s+(?:owns?|runs?|started|submitted|launched|is the (?:account|user|one|person))\b",
    re.IGNORECASE,
)
"""What says of somebody whose name stands at the zero that a job is theirs."""
A_THING = re.compile(
    r"\b(?:an?|another|every|each)\s(?:\w+\s){0,2}\0(?![\w'-]| (?:account|user|job))", re.IGNORECASE
)
"""An owner's name that is an ordinary word here: "a nightly batch"."""
EVERY = re.compile(r"\b(?:all|both|every|each|none|n?either) \b|모두|전부|모든|다\s", re.IGNORECASE)
SIZED = re.compile(
    r"(?P<n>\d+)\s?(?:코어|GiB|GB|기가)\s?짜리|\b(?P<size>\d+)-(?:core|GB|GiB)\b",
    re.IGNORECASE,
)
"""A job meant by its size: "the 56-core join"."""
TO_COME = re.compile(r"요청|들어오|신청|새\s|추가|\b(?:another|new|more|fits?|room|request\w*)\b", re.IGNORECASE)  # fmt: skip
"""What speaks of a job that is not there yet."""
PART = re.compile(
    r"\b(?:the|that|this|her|his|their|\w+'s)(?: \w+)?? (?P<part>[a-z]{4,})\b", re.IGNORECASE
)
NAMELIKE = re.compile(r"(?<![\w.-])[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
SPOKEN = re.compile(
    r"(?<![\w.-])(?P<word>[A-Z][a-z]+(?:-[a-z]+)*(?![\w-])|[가-힣]{1,6}?(?=\s?(?:님|씨)|이[가-힣]|[라예][고서요로]|입니다|임(?![가-힣])|(?:이|가|은|는(?!\s(?:건|것|게|거|데|수|편|양|셈|잡|코어))|로|의|을|를|에게|한테|께|과|와|하고|랑|도|(?<!지)만)(?![가-힣])|[·/]|\s(?:두|세|네)\s분|\s?(?:잡|작업|계정)|[(,]))"
)
"""A word that may be an owner's name as people say or write it."""
TITLED = re.compile(r"\s?(?:님|씨|계정)")
TOGETHER = re.compile(
    r"(?<![\d.])(?P<ko>\d)\s?(?:개|건|잡)|(?:(?<!of )|(?<=both of )|(?<=either of )|(?<=all of )|(?<=none of ))\b(?:the|these|those|all) (?P<en>\d)\b|\b(?P<some>\d) (?:jobs|applications|people|owners|largest|biggest)\b|(?P<both>\b(?:both|pair|the two)\b|둘)|(?P<them>\bthem\b)",
    re.IGNORECASE,
)
OTHERS = re.compile(r"나머지\s$|\b(?:other|remaining) $", re.IGNORECASE)
OF_QUEUE = re.compile(r"(?:\s?큐)?의?\s?")
MOST_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class Mention:
    """A name where it stands. `topic` is set where a part of the cluster is named."""

    start: int
    end: int
    subject: Subject
    topic: str = ""
    named: bool = True

    @property
    def application(self) -> bool:
        """Whether an application is named."""
        return self.subject.kind is Kind.APPLICATION


def sentences(text: str) -> tuple[str, ...]:
    """Return a text's sentences without markup, at most a dozen; a table's rows as lines of a list."""
    found: list[str] = []
    for line in filterfalse(RULED.fullmatch, text.splitlines()):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        row = " · ".join(filter(None, cells)) if TABLE_ROW.fullmatch(line.strip()) else line
        clean = MARKUP.sub("", row).strip()
        for short, full in ABBREVIATED.items():
            clean = clean.replace(short, full)
        found.extend(piece.group().strip() for piece in PIECE.finditer(clean))
    return tuple(piece for piece in found if piece)[:MOST_SENTENCES]


@dataclass(frozen=True)
class Sentence:
    """One sentence over its evidence; `focus` are the applications it carries on about.

    `named_before` are those named in the sentences before it, in order.
    """

    said: str
    evidence: Evidence
    focus: tuple[Subject, ...] = ()
    named_before: tuple[Subject, ...] = ()

    @cached_property
    def text(self) -> str:
        """The sentence as it is read: without citations, small numbers as digits, one language's words."""
        return numbered(in_korean(self._romanised(CITED.sub("", self.said))))

    def _romanised(self, text: str) -> str:
        """Write owners as the cluster spells them: Bob and 밥 are `bob`."""
        owners = sorted({each.owner for each in self.evidence.subjects if each.owner})
        queues = {each.queue for each in self.evidence.subjects if each.queue}

        def known(found: re.Match[str]) -> str:
            word = found["word"]
            if word.lower() in queues:
                return word.lower()
            if word in TRANSLATED and not TITLED.match(text, found.end()):
                return word  # 배치 is a batch job, and an account only where it is called one
            return next((each for each in owners if spoken(each, word)), word)

        return SPOKEN.sub(known, text)

    def asserted(self, text: str) -> Assertion:
        """Return what a text over this evidence asserts beside its names and figures."""
        marks = {Kind.APPLICATION: JOB, Kind.QUEUE: QUEUE}
        known = [each for each in self.evidence.subjects if each.kind in marks]
        names = {name: marks[each.kind] for each in known for name in each.names}
        names |= {each.owner: PERSON for each in known if each.owner}
        found = (each for each in NAMELIKE.finditer(text) if each.group() in names)
        plain = masked(text, ((*each.span(), names[each.group()]) for each in found))
        return load_remainder().asserted(plain)

    @cached_property
    def citations(self) -> tuple[int, ...]:
        """The numbers of the passages it names."""
        found = (part for cited in CITED.findall(self.said) for part in cited.split(","))
        return tuple(int(part) for part in found)

    @cached_property
    def numbers(self) -> tuple[Quantity, ...]:
        """The quantities in it that are no part of a name."""
        spans = [(each.start, each.end) for each in self.mentions if each.named]
        spans += [each.span() for each in QUOTED.finditer(self.text)]
        return tuple(
            self._of_measure(one)
            for one in quantities(self.text)
            if not any(start < one.end and one.start < end for start, end in spans)
        )

    def _of_measure(self, one: Quantity) -> Quantity:
        """Let a bare number also be of what is measured there: of minutes, of memory."""
        if one.units != ANY_UNIT or OF_SOME.search(self.text, 0, one.start):
            return one
        match self.measured_at(one.start):
            case Measure.DURATION:
                return replace(one, units=one.units | {Unit.SECONDS}, scale=60)
            case Measure.MEMORY:
                return replace(one, units=one.units | {Unit.GIB})
            case _:
                return one

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Whom it names, where, in order: by name, by row or rank, or as a part of the cluster."""
        named = self._names()
        taken = [(each.start, each.end) for each in named]
        named.extend(self.references)
        alone = not any(each.application and not self.compared(each) for each in named)
        named.extend(each for each in self.places if alone or self.compared(each))
        clusters = [each for each in self.evidence.subjects if each.kind is Kind.CLUSTER]
        named.extend(
            Mention(*match.span(), cluster, topic, named=False)
            for cluster in clusters[:1]
            for topic, pattern in TOPICS.items()
            for match in pattern.finditer(self.text)
            if not any(start < match.end() and match.start() < end for start, end in taken)
        )
        return tuple(sorted(named, key=lambda each: each.start))

    def _names(self) -> list[Mention]:
        """Return names where they stand, the longest first where they overlap."""
        known: dict[str, Subject] = {}
        for subject in self.evidence.subjects:
            for name in subject.names:
                known.setdefault(name, subject)
        found: list[Mention] = []
        for name in sorted(known, key=len, reverse=True):
            if self._everyday(known[name]):
                continue
            for match in re.finditer(_whole(name), self.text):
                if not any(each.start < match.end() and match.start() < each.end for each in found):
                    found.append(Mention(*match.span(), known[name]))
        return found

    def _everyday(self, subject: Subject) -> bool:
        """Tell whether a name is here an ordinary word: queues are called `default`."""
        if subject.kind is not Kind.QUEUE or re.search("[가-힣]|queue", self.text, re.IGNORECASE):
            return False
        name = re.escape(subject.names[-1])
        queues = [each for each in self.evidence.subjects if each.kind is Kind.QUEUE]
        if sum(f" {each.names[-1]} " in f" {self.text} " for each in queues) > 1:
            return False
        return not re.search(
            rf"\b(?:in|into|to|from|under|within|inside|(?:out|jobs?|share) of|shares?) {name}\b|\b{name} (?:holds|has|uses|is|runs|takes)\b|\b{name}(?= (?:jobs?|pair|side)\b| 잡| 쪽|에)|^\W*{name}[,:]|\b{name}[은는]\s|[(,·/|—–]\s*{name}\s*(?=[),·/|—–]|$)",
            self.text,
        )

    @cached_property
    def rows(self) -> dict[int, str]:
        """Who stands in a row: of the list shown, behind it by its measure."""
        ranked = (each.names[0] for each in self.by(self.evidence.by))
        return dict(enumerate(ranked, start=1)) | dict(enumerate(self.evidence.listed, start=1))

    @cached_property
    def places_said(self) -> tuple[re.Match[str], ...]:
        """Where it says a place; beside documents "third" is one of steps, too, and says none."""
        found = RANK.finditer(self.text)
        steps = bool(self.evidence.passages)
        return tuple(
            each
            for each in found
            if self.text[: each.start()].endswith(("ranks ", "ranked "))
            or not (steps and (each["o"] or "번째" in each.group()))
        )

    @cached_property
    def places(self) -> list[Mention]:
        """Jobs meant by the row or the place they have."""
        listed = self.rows
        found = [
            Mention(*match.span(), subject, named=False)
            for match in ROW.finditer(self.text)
            if (subject := self.called(listed.get(int(match[1] or match[2]), "")))
        ]
        if self.focus and (following := NEXT.search(self.text)):
            behind = dropwhile(lambda each: each is not self.focus[-1], self.ranked)
            found += [
                Mention(*following.span(), each, named=False) for each in islice(behind, 1, 2)
            ]
        found.extend(
            Mention(*match.span(), subject, named=False)
            for match in self.places_said
            if not ((self.focus or PRONOUN.search(self.text)) and self._said_of_it(match))
            for subject in self.evidence.subjects
            if subject.owner and self.place(match) == self._rank(subject, match, listed)
        )
        return found

    def _said_of_it(self, rank: re.Match[str]) -> bool:
        """Tell whether a rank says where something stands, and does not name what stands there."""
        before = self.text[: rank.start()]
        if rank["e"] and not rank.group().startswith("rank"):
            subject = before.rstrip().endswith((",", ":"))  # "…, number 1 gives more"
            said = not subject or PREDICATE.match(self.text[rank.end() :])
            return bool(LINKED.search(before) and said)
        return bool(IT_IS.search(before) or PREDICATE.match(self.text[rank.end() :]))

    @cached_property
    def owners(self) -> list[Mention]:
        """Owners where they stand, each with a job of theirs."""
        running = {each.owner: each for each in self.evidence.subjects if each.owner}
        return [
            Mention(*match.span(), each, named=False)
            for owner, each in running.items()
            for match in re.finditer(_whole(owner), self.text)
            if not A_THING.search(self.text[: match.start()] + "\0" + self.text[match.end() :])
        ]

    @cached_property
    def jobs(self) -> list[Mention]:
        """Jobs where they are named, or meant by a part of the name, else by a row or a place."""
        spans = {each.start for each in self.owners}
        every = (*self._names(), *self.references)
        found = [each for each in every if each.application and each.start not in spans]
        rows = [match.start() for match in ROW.finditer(self.text)]
        return [*found, *(each for each in self.places if not found or each.start in rows)]

    @cached_property
    def references(self) -> list[Mention]:
        """Jobs meant by their owner, who has no other, or by a part of the name: "bob's", "the join"."""
        named = {each.subject.owner for each in self._names()}
        running = [each for each in self.evidence.subjects if each.owner]
        alone = [each for each in running if sum(each.owner == one.owner for one in running) == 1]
        found = []
        for each in alone:
            name = _whole(each.owner)
            if each.owner not in named and not OWNED.search(re.sub(name, "\0", self.text)):
                places = (match.span() for match in re.finditer(name, self.text))
                found += [Mention(*place, each, named=False) for place in places]
        asked = (each for each in self.evidence.subjects if each.kind is Kind.REQUEST)
        wanted = {one.value for each in asked for one in each.figures}
        for match in SIZED.finditer(self.text):
            unit = Unit.CORES if re.search("코어|core", match.group()) else Unit.GIB
            size = float(match["n"] or match["size"])
            having = [
                each
                for each in running
                if any(one.unit is unit and one.value == size for one in each.figures)
            ]
            if len(having) == 1 and not (TO_COME.search(self.text) or size in wanted):
                found.append(Mention(*match.span(), having[0], named=False))
        queues = {each.queue for each in running}
        parts = [
            (part, each)
            for each in running
            for part in parts_of(each.names[0])
            if part not in queues | {"user"}  # whoever runs something
        ]
        for match in PART.finditer(self.text):
            word = match["part"].lower()
            bearing = [each for part, each in parts if word in {part, f"{part}s", f"{part}ing"}]
            if word not in queues and len(bearing) == 1 and bearing[0].owner not in named:
                found.append(Mention(*match.span("part"), bearing[0], named=False))
        return found

    def place(self, match: re.Match[str]) -> int:
        """Return the place a rank's words name, from 1 at the top."""
        said = int(match["n"] or match["e"] or match["o"])
        after = self.text[match.end() :]
        low = LOW.search(self.text[: match.start()]) or LOW_AFTER.match(after)
        low = low or LEAST_AFTER.match(after)
        return len(self.ranked) + 1 - said if low else said

    def _rank(
        self,
        subject: Subject,
        match: re.Match[str],
        listed: dict[int, str],
    ) -> int | None:
        """Return a subject's place: on the list where a row of it is meant, else by the measure."""
        row = re.match(r"\s*(?:잡|인\s|row|job|one\b(?! by))", self.text[match.end() :])
        start = self.clause(match.start())[0]
        told = any(each.search(self.text, start, match.start()) for _, each in MEASURES)
        if row and listed and not told:
            return next((place for place, name in listed.items() if name in subject.names), None)
        return subject.ranks.get(self.measured_at(match.start()))

    @cached_property
    def ranked(self) -> tuple[Subject, ...]:
        """All that run, by what the sentence measures."""
        return self.by(self.measured(self.text))

    def by(self, measure: Measure, kind: Kind = Kind.APPLICATION) -> tuple[Subject, ...]:
        """Return all that run, or all of another kind, by a measure."""
        running = (
            each
            for each in self.evidence.subjects
            if measure in each.ranks
            and each.kind is kind
            and (each.owner or each.kind is not Kind.APPLICATION)
        )
        return tuple(sorted(running, key=lambda each: each.ranks[measure]))

    def members(self, queue: Subject) -> tuple[Subject, ...]:
        """Return what runs in a queue."""
        return tuple(each for each in self.ranked if each.queue in queue.names)

    @cached_property
    def around(self) -> tuple[Subject, ...]:
        """Those right before, at and behind the first it is about, and one more, by its measure."""
        measure = self.evidence.by
        ranks = [rank for each in self.meant if (rank := each.ranks.get(measure))]
        return self.ranked[max(0, ranks[0] - 2) : ranks[0] + 2] if ranks else ()

    @cached_property
    def grouped(self) -> dict[int, tuple[Subject, ...]]:
        """The groups it names, by where: so many from the top or the bottom."""
        found = {}
        for match in GROUP.finditer(self.text):
            many, low = int(match["n"] or match["m"]), match["low"] or match["least"]
            at = match.start("n") if match["n"] else match.start("m")
            beyond = BEHIND.search(self.text[: match.start()])
            found[at] = (
                self.ranked[-many:] if low else self.ranked[many:] if beyond else self.ranked[:many]
            )
        if (than := THAN_IT.search(self.text)) and self.focus:
            at = self.focus[0].ranks.get(self.measured(self.text), 0)
            found[than.start()] = (
                self.ranked[at:] if than["fewer"] or than["ko"] else self.ranked[: at - 1]
            )
        for match in BELOW.finditer(self.text):
            at = int(match["n"]) - bool(match["too"])
            found[match.start()] = self.ranked[:at] if match["to"] else self.ranked[at:]
        for match in SPAN.finditer(self.text):
            places = [int(each) for each in re.findall(r"\d", match.group())]
            if RANGE.search(match.group()):
                places = [*range(places[0], places[-1] + 1)]
            rows = (self.called(self.rows.get(place, "")) for place in places)
            found[match.start()] = tuple(each for each in rows if each)
        return found

    @cached_property
    def bounded(self) -> tuple[tuple[Subject, ...], ...]:
        """All that keep each bound it names: "four jobs under 10 cores"."""
        bounds = [each for each in self.numbers if each.bound and not each.units & {Unit.JOBS}]
        return tuple(
            tuple(each for each in pool if any(map(bound.is_figure, each.figures)))
            for bound in bounds
            for pool in self.groups[-2:]
        )

    @cached_property
    def groups(self) -> tuple[tuple[Subject, ...], ...]:
        """What its sums may be over: the groups it names, the list shown, all that run."""
        shown = tuple(each for each in self.ranked if each.names[0] in self.evidence.listed)
        return (*self.grouped.values(), shown, self.ranked)

    @cached_property
    def asked(self) -> tuple[Subject, ...]:
        """What the question is about, where that is one application."""
        about = self.evidence.about if len(self.evidence.about) == 1 else ()
        return tuple(each for each in self.evidence.subjects if about and each.names[:1] == about)

    @cached_property
    def queues(self) -> tuple[Subject, ...]:
        """The queues it names."""
        return tuple(each.subject for each in self.mentions if each.subject.kind is Kind.QUEUE)

    @cached_property
    def together(self) -> tuple[Subject, ...]:
        """The jobs it speaks of together without a name: by rank, as "both", or those shown."""
        for at, group in self.grouped.items():
            if self.text[at].isdigit() or len(group) > 1:
                return group
        count = TOGETHER.search(self.text)
        if not count:
            return ()
        both = bool(count["both"])
        many = 2 if both else int(count["ko"] or count["en"] or count["some"] or 0)
        queue = self._counted_of(count, many)
        if queue:
            return self.members(queue) if both else ()
        if OTHERS.search(self.text[: count.start()]):
            return self.ranked[-many:]
        return self._so_many(many, count.start(), them=bool(count["them"]))

    def _counted_of(self, count: re.Match[str], many: int) -> Subject | None:
        """Return the queue whose jobs are as many: "the etl pair", "etl 큐의 두 잡"."""
        every = [each for each in self.mentions if each.subject.kind is Kind.QUEUE]
        at_once = [each for each in every if OF_QUEUE.fullmatch(self.text, each.end, count.start())]
        named = at_once if count["both"] else every
        return next((m.subject for m in named if len(self.members(m.subject)) == many), None)

    def _so_many(self, many: int, at: int, *, them: bool) -> tuple[Subject, ...]:
        """Return those meant by their number: named here, named last, gone on about, shown, or largest."""
        here = {each.subject.names: each.subject for each in (*self._names(), *self.owners)}
        given = [each for each in here.values() if each.owner]
        shown, named = self.groups[-2], self.named_before
        if 1 < many == len(given):
            return tuple(given)
        if 1 < many <= len(named):
            return named[-many:]
        if many == len(self.focus) > 1:
            return self.focus
        if many == len(shown) or them:
            return shown
        return self.by(self.measured_at(at))[:many] if many > 1 else ()

    def called(self, name: str) -> Subject | None:
        """Return the subject of a name."""
        return next((each for each in self.evidence.subjects if name and name in each.names), None)

    def measured(self, text: str) -> Measure:
        """Return what "most" and "first" in a text are measured by: what it says, else the list's."""
        said = (measure for measure, pattern in MEASURES if pattern.search(text))
        known = any(self.evidence.by in each.ranks for each in self.evidence.subjects)
        return next(said, self.evidence.by if known else Measure.CPU)

    def measured_at(self, at: int) -> Measure:
        """Return what is measured at a place: what its clause says last before it, else first behind.

        What stands before another place is measured there: "third by cores and first by memory".
        """
        start, end = self.clause(at)
        start = max(start, *(each.end() for each in RANK.finditer(self.text, 0, at)), 0)
        for text, nearest in ((self.text[start:at], max), (self.text[at:end], min)):
            found = [
                (match.start(), measure.value, measure)
                for measure, pattern in MEASURES
                for match in pattern.finditer(text)
                if not AMOUNT.search(text, 0, match.start())
            ]
            if found:
                return nearest(found)[-1]
        return self.measured(self.text[:at])

    @cached_property
    def applications(self) -> tuple[Subject, ...]:
        """The applications it names, those only compared with left out when others are there."""
        every = [each for each in self.mentions if each.application]
        main = [each for each in every if not self.compared(each)]
        return tuple({each.subject.names: each.subject for each in main}.values())

    def marked(self, mention: Mention) -> str:
        """Return the text with a zero for a name."""
        return f"{self.text[: mention.start]}\0{self.text[mention.end :]}"

    def compared(self, mention: Mention) -> bool:
        """Tell whether a name only says what something else is compared with."""
        after, before = self.text[mention.end :], self.text[: mention.start]
        after, before = AND_AFTER.sub("", after), AND_BEFORE.sub("", before)
        return bool(THAN.match(after) or THAN_BEFORE.search(before))

    @cached_property
    def meant(self) -> tuple[Subject, ...]:
        """The applications it is about: those it names, else those it carries on about."""
        return self.applications or self.focus

    def clause(self, at: int) -> tuple[int, int]:
        """Return where the clause around a place begins and ends."""
        cuts = [0, *(cut.end() for cut in CUT.finditer(self.text)), len(self.text)]
        start = max(cut for cut in cuts if cut <= at)
        return start, min((cut for cut in cuts if cut > at), default=len(self.text))

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """Its clauses in order."""
        cuts = [0, *(cut.end() for cut in CUT.finditer(self.text)), len(self.text)]
        return tuple(self.text[start:end] for start, end in pairwise(cuts))


def _whole(name: str) -> str:
    """Return the pattern of a name that is no part of another; a Korean particle may follow it."""
    return rf"(?<![A-Za-z0-9_.-]){re.escape(name)}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])"
