"""Which rows the words of a clause speak of: ranks, counts, names, owners, figures, ages.

Every token is either taken up here, by what it points at, or left for whoever judges the clause;
nothing is dropped. Sets are told as selections, so that what runs decides when they are resolved.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.agents.reading.names import Hits, Names, queues_of
from bot.agents.reading.words import Token, listed
from bot.domain.conversation import ListingRow, ThreadView
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exceeding,
    Field,
    Having,
    Holding,
    LongerThan,
    Measure,
    Protected,
    Ranks,
    Selection,
    Top,
    Without,
)

GIB = 1024**3
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "한 하나 첫 첫째 첫번째 one first 1st",
            "두 둘 둘째 두번째 two second 2nd",
            "세 셋 셋째 three third 3rd",
            "네 넷 넷째 four fourth 4th",
            "다섯 다섯째 five fifth 5th",
            "여섯 six sixth 6th",
            "일곱 seven seventh 7th",
            "여덟 eight eighth 8th",
            "아홉 nine ninth 9th",
            "열 ten tenth 10th",
        ),
        start=1,
    )
    for word in words.split()
}
_SINO = {word: number for number, word in enumerate("일이삼사오육칠팔구십", start=1)}
ORDINALS = {word for word in _NUMBERS if word.endswith(("st", "nd", "rd", "th", "째", "첫"))}
_WORDS = {
    form: meaning
    for meaning, forms in {
        "top": "상위 위 위쪽 앞 톱 탑 top first highest upper",
        "bottom": "하위 아래 아래쪽 밑 뒤 뒤쪽 마지막 끝 맨뒤 last bottom lowest lower",
        "middle": "가운데 중간 middle",
        "most": "제일 가장 젤 최고 최대 biggest largest most heaviest "
        "max hungriest hog hogs monster monsters 최다",
        "order": "순",
        "least": "최소 smallest least lightest fewest",
        "oldest": "oldest longest older",
        "newest": "newest latest youngest newer fresh fresher freshest younger",
        "all": "any anything anyone 전부 모두 모든 싹 전체 몽땅 죄다 all every everything everyone",
        "both": "both 양쪽",
        "rest": "나머지 rest others other else remaining 딴 다른",
        "pronoun": "그거 이거 저거 그것 이것 저것 걔 얘 쟤 그놈 저놈 이놈 it this that",
        "pronouns": "그것들 이것들 걔네 얘네 them these those",
        "odd": "홀수 odd",
        "even": "짝수 even",
        "protected": "보호 protected",
        "each": "각각 each",
        "next": "다음 next",
        "vague": "몇 몇개 아무 아무거나 few",
        "listed": "목록 리스트 표 여기 list listed",
        "job": "잡 작업 앱 애 놈 것 거 꺼 건 애플리케이션 어플리케이션 job jobs app apps application "
        "applications one ones thing things stuff run runs guy number numbers spark 스파크 배치 batch task tasks",
        "queue": "큐 queue",
        "user": "user users accounts owners 계정 account 사람 사용자 유저 owner",
        "cpu": "cpu 코어 core cores vcore vcores 씨피유",
        "memory": "메모리 memory mem ram 램",
        "duration": "시간 오래 time runtime",
        "count": "개 건 대 가지",
        "among": "중 중에 among",
    }.items()
    for form in forms.split()
}
_AMOUNT_UNITS = {
    **dict.fromkeys(listed("코어 core cores vcore vcores"), (Measure.CPU, 1.0)),
    **dict.fromkeys(listed("기가 기가바이트 gb gigs gig g gib"), (Measure.MEMORY, float(GIB))),
    **dict.fromkeys(listed("테라 테라바이트 tb tib"), (Measure.MEMORY, 1024.0 * GIB)),
    **dict.fromkeys(listed("분 min mins minute minutes"), (Measure.DURATION, 60.0)),
    **dict.fromkeys(listed("시간 hour hours hr hrs h"), (Measure.DURATION, 3600.0)),
    **dict.fromkeys(listed("일 day days 하루"), (Measure.DURATION, 86400.0)),
}
_OVER = set(
    listed(
        "넘 이상 초과 over above more longer older bigger larger greater exceeding least minimum 넘기 초과하 이상인"
    )
)
_UNDER = set(
    listed(
        "이하 미만 밑 아래 under below maximum less fewer within younger shorter smaller 이내 안되 짧"
    )
)
_NO_ROW_BEHIND = set(
    listed("spark 스파크 than request every nearly almost roughly approximately 최대 약")
)
_AGED_DAYS = set(listed("되 된 째 넘 이상 초과 동안 전 이하 미만"))
_BEYOND = set(
    listed(
        "넘 초과 넘기 초과하 미만 밑 over above exceeding under below more bigger larger greater less fewer"
    )
)
_AGED = set(
    listed("돌 뜨 시작 시작하 started running up been younger older 돌리 돌아가 submitted old")
)


HOLDING = set(
    listed(
        "쓰 먹 처먹 잡 물 쥐 차지하 차지 잡아먹 돌 돌리 돌아가 뜨 있 보이 가져가 넘 걸리 들 걸치 들어가 시작하 하 되 붙 "
        "using use uses eating holding holds hold hogging running run up been being is are has have with in on of for by from "
        "that which whichever what s listed sitting belonging owned named called than about almost nearly "
        "돈 been was were sitting 걸치 걸 붙 이름 가까이 약 정도 쪽 짜리 이름 중 중에 수 이 기준 현재 지금 총"
    )
)
FIGURE_WORDS = {"most", "least", "oldest", "newest", "more", "fewer"}
_STEMS = {
    "크": "more", "많": "more", "많이": "more", "무겁": "more", "더": "more", "작": "fewer", "적": "fewer", "가볍": "fewer",
    "덜": "fewer", "늦": "newest", "늦게": "newest", "오래되": "oldest", "먼저": "oldest", "최근": "newest",
    "longer": "oldest", "more": "more", "fewer": "fewer", "bigger": "more", "larger": "more", "heavier": "more",
    "big": "more", "large": "more", "heavy": "more", "small": "fewer", "light": "fewer",
    "greedier": "more", "smaller": "fewer", "lighter": "fewer", "less": "fewer",
}  # fmt: skip
POINTING = (
    {word for table in (_WORDS, _STEMS, _NUMBERS, _AMOUNT_UNITS) for word in table}
    | _OVER
    | _UNDER
    | _AGED
    | HOLDING
)
"""Words that say something of rows."""
_PLURALS = set(listed("jobs apps applications ones things runs tasks stuff"))
_JOINING = set(listed("랑 이랑 하고 과 와 and & + , / 그리고 및 plus · 、"))
NEIGHBOURS = {"above": -1, "before": -1, "below": 1, "beneath": 1, "after": 1}
_NUMBERED_BEFORE = set(
    listed("the all both those these last other that this any only just wrong which each")
)
_REPORTS = set(listed("리포트 보고 보고서 report"))
_SIDES = set(listed("위 앞 아래 밑 뒤 above below"))
_ASKING = set(listed("who whose which what when where how why"))
_NOT_NAMES = set(
    listed("the a an my our your his her their please 좀 to at it job cpu kill card 카드 now")
)
_ID = re.compile(r"^(application_\d+_\d+|app-\d{14}-\d+|driver-\d{14}-\d+|_\d{2,}|0\d{3,})$")
_HONORIFICS = ("님", "씨")
_PLACES = ("번", "위", "등", "번째")
_ID_DIGITS = 4


_DETERMINED = set(listed("the this that your my"))
_EXCHANGE = set(listed("자리 instead 대신"))
_DETERMINED_MANY = set(listed("그 이 저 the these those your same"))
_BETWEEN = _JOINING | set(
    listed(
        "the number numbers # no job jobs 잡 작업 앱 거 것 꺼 번 째 번째 위 등 도 은 는 을 를 까지 님 씨 s also then ("
    )
)
"""What may stand between two rows that are both meant: "2 by 1" is no list."""
_MANY = set(listed("those these all both other his her their"))
_EXACTLY = set(listed("짜리 쓰 먹 잡 물 쥐 with using holding has holds"))
_BESIDE = {"cpu", "memory", "duration", "user", "queue"}
_BY = set(listed("by in on 기준 순 순서 상위 하위 top"))
_SELECTORS = {"bottom", "middle", "next", "odd", "even", "neighbour"}
_CIRCUMSTANCE = set(listed("job cpu memory duration count user queue among"))


class UnclearError(Exception):
    """The words do not say which rows."""


@dataclass
class Frame:
    """What one stretch says, gathered in any order; `taken` are the tokens it used."""

    ranks: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    names: list[Hits] = field(default_factory=list)
    conditions: list[Selection] = field(default_factory=list)
    meanings: set[str] = field(default_factory=set)
    measures: set[Measure] = field(default_factory=set)
    ordinal: bool = False
    compared: bool = False
    place: int = 0
    plural: bool = False
    placed: bool = False
    shown: bool = False  # "these three", "그 다섯 개": so many of what was shown
    beside: dict[str, set[int]] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """True when it points at rows at all."""
        return self.says_which or bool(self.meanings - _CIRCUMSTANCE)

    @property
    def says_which(self) -> bool:
        """True when rows are named, numbered, counted or filtered."""
        return bool(self.ranks or self.counts or self.names or self.conditions)

    @property
    def says_rows(self) -> bool:
        """True when rows are numbered or named."""
        return bool(self.ranks or self.names)

    @property
    def figured(self) -> bool:
        """True when a place in an order of size or age is said."""
        return bool(self.meanings & FIGURE_WORDS)

    @property
    def bare_pronoun(self) -> bool:
        """True when a word such as "it" or "그거" is all it says."""
        return not self.says_which and not self.meanings - {"pronoun", "pronouns", "job"}

    @property
    def single_pronoun(self) -> bool:
        """True when it says no more than "it"."""
        return self.bare_pronoun and "pronouns" not in self.meanings and not self.counts

    @property
    def both(self) -> bool:
        """True when all it says is how many of what was spoken of: "both of them", "둘 다"."""
        return bool(self.meanings & {"both", "pronouns"}) or set(self.counts) == {2}


@dataclass(frozen=True)
class References:
    """What the tokens of a clause point at: one frame for each conjunct, and the tokens used."""

    frames: tuple[Frame, ...] = ()
    taken: frozenset[int] = frozenset()
    base: tuple[Frame, ...] = ()
    than: tuple[Frame, ...] = ()


class Scanner:
    """Finds what the tokens of one clause point at, among the rows that are known."""

    def __init__(
        self, tokens: Sequence[Token], names: Names, reserved: Container[str] = ()
    ) -> None:
        self._tokens = tokens
        self._names = names
        self._reserved = reserved
        self._taken: set[int] = set()
        self._conjoined = False
        self._frame = Frame()
        self._frames: list[Frame] = []
        self._base: list[Frame] = []
        self._row_end = 0  # behind the number or name last taken for a row
        self._than: list[Frame] = []

    def scan(self) -> References:
        """Return what was found; tokens that point at nothing are not taken."""
        at = 0
        while at < len(self._tokens):
            at = self._step(at)
        self._close()
        return References(
            tuple(self._frames), frozenset(self._taken), tuple(self._base), tuple(self._than)
        )

    def _close(self) -> None:
        for meaning, places in self._frame.beside.items():
            if not self._is_told(meaning, places):  # "2번 코어 좀 내려줘": something of the row
                self._taken -= places
        if self._frame.says or self._frame.meanings:
            self._frames.append(self._frame)
        self._frame = Frame()

    def _is_told(self, meaning: str, places: set[int]) -> bool:
        """Tell whether a word beside a row belongs to what points at it: "etl 큐", "most memory"."""
        frame = self._frame
        if meaning in {"user", "queue"}:
            return any(hits.whole == meaning for hits in frame.names) or "rest" in frame.meanings
        by = any(self._form(at - 1) in _BY or self._form(at + 1) in _BY for at in places)
        placed = frame.placed or (by and frame.meanings & {"top", "bottom", "order"})
        of = all(self._form(at - 1) == "of" for at in places)  # "100 gigs of memory"
        held = of and any(getattr(one, "by", "") == meaning for one in frame.conditions)
        return bool(frame.figured or placed or held)

    def _take(self, start: int, end: int) -> int:
        self._taken.update(range(start, end))
        return end

    def _form(self, at: int) -> str:
        return self._tokens[at].form if 0 <= at < len(self._tokens) else ""

    def _tag(self, at: int) -> str:
        return self._tokens[at].tag if 0 <= at < len(self._tokens) else ""

    def _step(self, at: int) -> int:  # noqa: PLR0911 - one branch a kind of word
        token = self._tokens[at]
        if _ID.match(token.form):
            self._frame.conditions.append(Having(Field.ID, token.form.lstrip("_")))
            return self._take(at, self._skip(at + 1, "번"))
        if token.form in _JOINING:
            self._close()
            self._conjoined = bool(self._frames)
            return self._take(at, at + 1)
        if token.form in {"or", "이나", "또는", "혹은"} or (
            token.form == "나" and token.tag == "JC"
        ):  # not taken: an order must not hold it
            self._close()
            return at + 1
        if token.form == "하루" and self._tag(at + 1) != "MM":
            return self._amount(at, at + 1, 86400.0, Measure.DURATION)
        if token.form == "one" and self._form(at + 1) == "of" and not self._frame.says:
            self._frame.meanings.add("vague")
            return self._take(at, at + 2)
        number = self._number(at)
        if number is not None:
            return self._numbered(at, *number)
        if token.form in {"보다", "than"} and self._frame.says and self._number(at + 1) is None:
            return self._compared(at)
        if (
            (token.form == "중" and self._tag(at + 1) in {"JKB", "JKG", "MAG", "NR", "MM", "SP"})
            or (token.form == "among")
            or (token.form == "가운데" and self._tag(at + 1) == "JKB")
        ):
            return self._among(at)
        return self._spoken(at)

    def _spoken(self, at: int) -> int:
        """Take a name, or a word that points at rows, where neither numbers nor joints stand."""
        token = self._tokens[at]
        joined = self._joined_name(at)
        pointed = self._pointed(at) if joined is None else joined
        if pointed is not None:
            return pointed
        hits = self._named(token, person=self._form(at + 1) in _HONORIFICS)
        meaning = self._meaning(at)
        if (
            hits is not None
            and hits.whole not in {"queue", "user"}
            and self._form(at + 1) in {"에", "에서"}
        ):
            # where rows stand is no name: "리포트에 뜬 거"
            self._frame.meanings.add("listed" if token.form in _REPORTS else "vague")
            return self._take(at, at + 1)
        sounds = not token.latin and meaning  # 상위 is no user, whatever name it sounds like
        if hits is not None and not (sounds or (meaning and not hits.whole)):
            self._relate(at, at + 1, numbered=False)
            self._frame.names.append(hits)
            return self._take(at, at + 1)
        if meaning is not None:
            return self._meant(at, meaning)
        if (
            self._conjoined
            and not self._frame.says
            and token.noun
            and token.form not in self._reserved
            and token.form not in _ASKING
        ):
            self._frame.meanings.add("vague")  # "카트랑 디둡": the second of a pair is not known
        self._conjoined = self._conjoined and not token.noun
        return at + 1

    def _pointed(self, at: int) -> int | None:
        """Take words that point without a name: "above it", "이 작업", "of the three", "your report"."""
        token = self._tokens[at]
        if token.form in NEIGHBOURS and self._form(at + 1) in {"it", "this", "that"}:
            self._frame.meanings.add("neighbour")
            self._frame.place = NEIGHBOURS[token.form]
            return self._take(at, at + 2)
        pointer = token.form in {"이", "그", "저"} and token.tag == "MM"
        if pointer and _WORDS.get(self._form(at + 1)) == "job":
            several = self._form(at + 2) == "들"
            self._frame.meanings.add("pronouns" if several else "pronoun")
            return self._take(at, at + 2 + several)
        if token.form == "of" and self._form(at + 1) in {"the", "those", "these", "them"}:
            number = self._number(at + 2)
            placed = number and (number[2] or self._form(at + 2 + number[1]) in _PLACES)
            if number is not None and not placed:  # "of the third largest" is no "of the three"
                self._frame.compared = True
                return self._take(at, at + 2 + number[1])
        if token.form in _REPORTS and self._is_ours(at):
            self._frame.meanings.add("listed")  # what we posted, and no job called report
            return self._take(at, at + 1)
        return None

    def _is_ours(self, at: int) -> bool:
        """Tell whether a report is what we posted: "your report", "리포트 잘 봤어요"."""
        seen = any(self._form(place) == "보" for place in range(at + 1, at + 4))
        return self._form(at - 1) in {"your", "you"} or (not self._tokens[at].latin and seen)

    def _among(self, at: int) -> int:
        """Take what was said so far for the rows to choose among; without any, the list shown."""
        self._close()
        self._base, self._frames = self._frames, []
        if not any(frame.says for frame in self._base):
            self._base = []
            self._frame.meanings.add("listed")
        return self._take(at, at + 1)

    def _meaning(self, at: int) -> str | None:
        token = self._tokens[at]
        if token.form == "다" and token.tag == "MAG":  # the ending of the same sound is no word
            return None if self._form(at + 1) == "들" else "all"
        pointed = self._form(at - 1) in {"그", "이", "저"}  # "1번이랑 그 밑에 거"
        told = (self._frame.ranks and not self._frame.ordinal) or self._frame.names
        if token.form in _SIDES and (pointed or told):
            return "vague"  # "2번 아래 거" is another row than 2
        if self._form(at - 1) == "at" and token.form in {"most", "least"}:
            return None  # "at most two" bounds a number
        if self._is_vague(at):
            return "vague"
        noun = self._form(at - 1) in _DETERMINED or self._tag(at + 1).startswith("J")
        idle = token.form == "even" and self._form(at + 1) not in _PLURALS | {"numbers", "rows"}
        if idle or (token.form == "list" and not noun):
            return None  # "would it even help", "kill list for 2"
        return _meaning_of(token.form) or None

    def _is_vague(self, at: int) -> bool:
        """Tell whether a word means some of the rows, and not which: "any one", "almost all", "hogs"."""
        form, after = self._form(at), self._form(at + 1)
        several = form in {"hogs", "monsters"} and not self._frame.counts
        nearly = self._form(at - 1) in {"almost", "nearly", "거의"} and _WORDS.get(form) == "all"
        odd = form == "odd" and after in {"one", "job", "app"}
        one_of = after in {"of", "one", "job"} or self._number(at + 1) is not None
        some = form in {"any", "anyone", "anything", "most"} and one_of
        return several or nearly or odd or some

    def _joined_name(self, at: int) -> int | None:
        """Take nouns written as one word that the analyser cut: 민석 as 민 and 석."""
        end = at
        while end < len(self._tokens) and self._tokens[end].noun and not self._tokens[end].latin:
            if end > at and self._tokens[end].start != self._tokens[end - 1].end:
                break
            end += 1
        for stop in range(end, at + 1, -1):
            form = "".join(token.form for token in self._tokens[at:stop])
            person = self._form(stop) in _HONORIFICS
            known = form not in self._reserved
            hits = self._names.hits(form, person=person) if known else Hits(frozenset())
            if hits.rows:
                self._frame.names.append(hits)
                return self._take(at, stop)
        return None

    def _named(self, token: Token, *, person: bool) -> Hits | None:
        if not token.noun or token.form in _NOT_NAMES or token.form in self._reserved:
            return None
        hits = self._names.hits(token.form, person=person, proper=token.tag == "NNP")
        return hits if hits.rows else None

    def _meant(self, at: int, meaning: str) -> int:
        frame = self._frame
        if meaning in {"cpu", "memory", "duration"}:
            frame.measures.add(Measure(meaning))
        if meaning in _BESIDE:
            frame.beside.setdefault(meaning, set()).add(at)
        frame.meanings.add(meaning)
        frame.meanings |= (
            {"any"} if self._tokens[at].form in {"anything", "anyone", "any"} else set()
        )
        frame.plural = frame.plural or self._tokens[at].form in _PLURALS
        return self._take(at, self._skip(at + 1, "번") if meaning in {"odd", "even"} else at + 1)

    def _compared(self, at: int) -> int:
        """Read "ml 학습보다 (더 많은)" and "more cores than the ml training"."""
        korean = self._form(at) == "보다"
        if korean:
            self._close()
            self._than, self._frames = self._frames, []
            return self._take(at, at + 1)
        rest = Scanner(self._tokens[at + 1 :], self._names, self._reserved).scan()
        self._than = list(rest.frames)
        self._taken |= {at, *(at + 1 + place for place in rest.taken)}
        return len(self._tokens)

    def _number(self, at: int) -> tuple[float, int, bool] | None:  # noqa: PLR0911 - one line a form
        """Return (value, tokens used, ordinal), or None when no number stands here."""
        if at >= len(self._tokens):
            return None
        token = self._tokens[at]
        if token.tag == "SN" and re.fullmatch(r"\d+(?:\.\d+)?", token.form):
            if len(token.form) >= _ID_DIGITS and token.form.startswith("0"):
                return None
            return float(token.form), 1, False
        if token.form == "한" and not self._counts_one(at):
            return None
        if token.form in _NUMBERS and (token.latin or token.tag in {"NR", "MM", "NNG"}):
            if self._form(at + 1) == "번" and not token.latin and self._form(at + 2) != "째":
                return None  # "한 번" says how often
            return float(_NUMBERS[token.form]), 1, token.form in ORDINALS
        if token.form in _SINO and self._form(at + 1) in {"번", "위", "등"}:
            return float(_SINO[token.form]), 1, False
        return None

    def _counts_one(self, at: int) -> bool:
        """Tell whether 한 counts one: not "한 여섯 시간" (about), "submit한" (did), "한 화면에" (a)."""
        glued = at > 0 and self._tokens[at - 1].end == self._tokens[at].start
        after = self._form(at + 1)
        counted = (
            after in {"개", "건", "대", "놈", "가지", "번", "시간", "분", "일"}
            or _WORDS.get(after) == "job"
        )
        return counted and not glued

    def _numbered(self, at: int, value: float, used: int, ordinal: bool) -> int:
        after = at + used
        if self._form(after) in {
            "대",
            "%",
            "퍼",
            "퍼센트",
            "프로",
            "percent",
            "시",
            "월",
            "am",
            "pm",
        }:
            return after
        unit = after + (self._form(after) in _PLACES)
        begins = self._form(unit) in {"~", "에서", "부터", "through", "thru"}
        begins = begins or (self._form(unit) == "and" and self._form(at - 1) == "between")
        other = unit + 1 + (self._form(unit + 1) == "#")
        last = self._number(other) if begins else None
        if last is not None:
            return self._ranged(at, int(value), int(last[0]), other)
        amount = _AMOUNT_UNITS.get(self._form(after))
        if amount is not None and (
            self._form(after) != "일" or self._form(after + 1) in _AGED_DAYS
        ):
            return self._amount(at, after + 1, value * amount[1], amount[0])
        if self._form(after) == "일":
            return after + 1
        if self._is_no_row(at, value):
            self._frame.meanings.add("vague")
            return self._take(at, after)
        return self._counted(at, after, int(value), ordinal=ordinal)

    def _is_no_row(self, at: int, value: float) -> bool:
        """Tell whether a bare number is no row's: "1.5", "-1", "than 2", "spark 3", "2 of 5"."""
        before = self._tokens[at - 1] if at else None
        signed = (
            before is not None
            and before.end == self._tokens[at].start
            and before.form in {"-", "!", "~"}
            and self._number(at - 2) is None
        )
        versioned = before is not None and before.form in _NO_ROW_BEHIND
        versioned = versioned or (self._form(at - 2) == "up" and self._form(at - 1) == "to")
        ahead = [self._form(at + 1), self._form(at + 2)]
        placed = self._frame.meanings & {"top", "bottom"}  # "the top 2 of these"
        of = self._tag(at) == "SN" and (ahead[0] == "of" or ahead == ["out", "of"]) and not placed
        return bool(signed or versioned or of or not value.is_integer())

    def _ranged(self, at: int, low: int, high: int, other: int) -> int:
        after = other + 1
        if self._form(after) in _AMOUNT_UNITS or self._form(after) in {"사이", "개"}:
            return self._between(at, low, high, after)
        if self._form(after) in _PLURALS | {"of"}:
            self._frame.meanings.add("vague")  # "2-3 jobs"
            return self._take(at, after)
        self._frame.ranks += range(low, high + 1)
        return self._take(at, self._skip(after, "번 위 등 까지"))

    def _between(self, at: int, low: int, high: int, after: int) -> int:
        """Read "between 40 and 110 cores" and "코어 30에서 100 사이"."""
        known = next(iter(self._frame.measures), None)
        factor = float(GIB) if known is Measure.MEMORY else 1.0
        by, factor = _AMOUNT_UNITS.get(self._form(after), (known, factor))
        if by not in {Measure.CPU, Measure.MEMORY}:
            return at + 1
        self._frame.conditions += [Holding(by, low * factor), Holding(by, high * factor, less=True)]
        self._frame.measures.discard(by)
        self._frame.beside.pop(by.value, None)
        return self._take(at, self._skip(after + 1, "개 사이"))

    def _skip(self, at: int, forms: str) -> int:
        while self._form(at) in forms.split():
            at += 1
        return at

    def _amount(self, at: int, after: int, amount: float, by: Measure) -> int:
        side = self._side(at, after)
        if by is Measure.DURATION and self._form(at - 1) == "in":
            return after  # "kill it in 10 minutes"
        if by is Measure.DURATION:
            recent = self._form(at - 1) in {"last", "past", "최근"}
            self._frame.meanings -= {"bottom", "newest"} if recent else set()
            aged = _AGED | {"가까이", "almost", "째", "짜리", "전"}
            if side is None and not self._near(at, after, aged) and not recent:
                return after
            close = (
                0.9
                if self._near(at, after, {"가까이", "almost", "nearly", "about", "정도", "째"})
                else 1.0
            )
            young = side is True or self._near(at, after, {"안", "내", "last", "전"})
            self._frame.conditions.append(
                LongerThan(timedelta(seconds=amount * close), shorter=young)
            )
            if side is None and not young and self._form(after) in {"째", "old"}:  # just so old
                most = timedelta(seconds=amount * 1.1)
                self._frame.conditions.append(LongerThan(most, shorter=True))
        elif side is None and not (
            _EXACTLY & {self._form(at - 1), self._form(after), self._form(after + 1)}
            or _WORDS.get(self._form(after)) == "job"
        ):
            return after  # "add 4 cores" is about no row
        elif side is None:
            self._frame.conditions += [Holding(by, amount), Holding(by, amount, less=True)]
        else:
            self._frame.conditions.append(self._bound(at, after, by, amount))
        self._frame.measures.discard(by)
        self._frame.beside.pop(by.value, None)
        return self._take(at, after)

    def _side(self, at: int, after: int) -> bool | None:
        """Return True for "under", False for "over", None for neither; and take that word."""
        if self._form(after) == "도" and self._form(after + 1) in {"안", "못"}:
            self._taken |= {after, after + 1}
            return True  # "5코어도 안 쓰는"
        place = self._side_word(at, after)
        if place is None:
            return None
        self._taken.add(place)
        self._frame.meanings.discard(_meaning_of(self._form(place)))  # "longer than 20 minutes"
        return self._form(place) in _UNDER

    def _side_word(self, at: int, after: int) -> int | None:
        places = (after, after + 1, after + 2, at - 1, at - 2)
        return next((place for place in places if self._form(place) in _OVER | _UNDER), None)

    def _bound(self, at: int, after: int, by: Measure, amount: float) -> Holding:
        """Return the limit: "more than 20" leaves 20 out, "20 or more" does not."""
        side = self._side_word(at, after)
        place = after if side is None else side
        beyond = self._form(place) in _BEYOND | {"도"} and self._form(place - 1) != "or"
        return Holding(by, amount, less=self._form(place) in _UNDER | {"도"}, beyond=beyond)

    def _near(self, at: int, after: int, forms: set[str]) -> bool:
        places = [place for place in range(at - 3, after + 4) if self._form(place) in forms]
        self._taken.update(places)
        return bool(places)

    def _counted(self, at: int, after: int, value: int, *, ordinal: bool) -> int:
        """Tell a rank from a count: 2번, second, #2 are ranks; 두 개, top 2, both 2 are counts."""
        frame, unit = self._frame, self._form(after)
        limit = after + (unit == "개")
        if frame.measures & {Measure.CPU, Measure.MEMORY} and self._side(at, limit) is not None:
            return self._measured(at, limit, value)
        numbered = self._form(at - 1) in {"number", "numbers", "번호", "rank", "ranks"}
        apart = self._tag(at) == "NR" and unit in {"위", "등"}
        apart = apart and self._tokens[at].end < self._tokens[after].start  # "하나 위" is no 1위
        if (unit in {"번", "위", "등", "번째", "줄"} and not apart) or ordinal or numbered:
            told = self._no_rank(at, after, value) if ordinal else None
            return self._ranked(at, after, value, ordinal=ordinal) if told is None else told
        topped = frame.meanings & {"top", "bottom"}
        alone = len(self._tokens) == 1 or self._in_a_row(at, after)  # "4. Four."
        if not alone and (
            unit in {"개", "건", "대", "놈", "가지", "거", "것", "잡", "작업"}
            or unit in _PLURALS | {"job", "app", "application", "thing"}
            or (_meaning_of(unit) == "job" and self._form(after + 1) in _PLURALS)
            or self._form(at - 1) in _MANY
            or topped
            or _meaning_of(unit) in FIGURE_WORDS
            or self._tokens[at].tag != "SN"
        ):
            if self._is_bare_word(at, unit):
                frame.meanings.add("vague")  # "kill five": the fifth, or five of them?
            elif self._form(at) == "one" and not topped:
                frame.meanings.add("job")
            elif not (value == 1 and frame.meanings & {"pronoun"}):  # "저거 하나"
                frame.counts.append(value)
                in_order = topped or _meaning_of(unit) in FIGURE_WORDS  # "the three youngest"
                above = self._form(at - 1) == "위" and unit != "개"  # "위 5건"
                shown = above or (not in_order and self._form(at - 1) in _DETERMINED_MANY)
                frame.shown = frame.shown or shown
            return self._take(at, self._skip(after, "개 건 대 놈 가지"))
        self._relate(at, after)
        frame.ranks.append(value)
        return self._take(at, after)

    def _relate(self, at: int, end: int, *, numbered: bool = True) -> None:
        """Note that one row only says something of another: "2 by 1", "1번보다 2번", "1 with bob's ok"."""
        frame = self._frame
        others = frame.ranks or (numbered and frame.names)
        between = self._tokens[self._row_end : at]
        apart = (each.form for each in between if _WORDS.get(each.form) != "job")
        place = any(token.form in _EXCHANGE for token in between)  # "3 자리에 2 넣어줘"
        if others and not place and any(form not in _BETWEEN for form in apart):
            frame.meanings.add("vague")
        self._row_end = end

    def _no_rank(self, at: int, after: int, value: int) -> int | None:
        """Pass over an ordinal that names no row: "first two", "longest first", "kill 3 first"."""
        frame, before, unit = self._frame, self._form(at - 1), self._form(after)
        if value == 1 and unit != "one" and self._number(after):
            frame.meanings.add("top")
            return self._take(at, after)
        if _meaning_of(before) in FIGURE_WORDS:
            frame.meanings.add("order")
            return self._take(at, after)
        begins = before in {"", ","} and unit not in _JOINING | {"", "of"}  # "first kill 2"
        told = frame.says_which and before not in _DETERMINED | _JOINING | {"the"}
        told = (told or begins) and _meaning_of(unit) != "job"
        return after if self._form(at) == "first" and told else None

    def _ranked(self, at: int, after: int, value: int, *, ordinal: bool) -> int:
        """Take a row's number, or its place in an order of its own: "메모리 1등", "second biggest"."""
        frame = self._frame
        placed = self._form(after + 1) == "째" or self._form(after) == "번째"
        frame.ordinal = frame.ordinal or ordinal or placed
        frame.placed = bool(frame.measures)
        end = after + (self._form(after) in _PLACES)
        end += self._form(end) == "째"
        end += self._form(end) == "줄"
        if frame.ordinal and self._in_an_order(end):
            frame.place = value
            return self._take(at, end)
        beside = ordinal and frame.ranks and self._row_end == at  # "1 2nd"
        if beside or self._form(at - 1) == "every" or self._form(end) in {"정도", "쯤"}:
            frame.meanings.add("vague")  # "every second job", "1번쯤"
        every = self._form(end + 1) in {"다", "전부", "모두", "싹"}
        up_to = self._form(end) == "까지" and every
        self._relate(at, end)
        frame.ranks += range(1, value + 1) if up_to else [value]
        return self._take(at, end)

    def _measured(self, at: int, after: int, value: int) -> int:
        """Read an amount whose unit was said before: "코어 20개 이상"."""
        frame = self._frame
        by = next(iter(frame.measures - {Measure.DURATION}))
        amount = value * (GIB if by is Measure.MEMORY else 1.0)
        frame.conditions.append(self._bound(at, after, by, amount))
        frame.measures.discard(by)
        frame.beside.pop(by.value, None)
        return self._take(at, after)

    def _is_bare_word(self, at: int, unit: str) -> bool:
        """Tell whether an English number stands for itself, with nothing that it counts."""
        told = _NUMBERED_BEFORE & {self._form(at - 1), self._form(at - 2)}
        counted = _WORDS.get(unit) or unit == "of" or self._named_at(at + 1)
        said = self._frame.meanings - {"job"} or self._frame.names  # "kill 1 two"
        alone = self._tokens[at].latin
        if self._form(at) == "one":  # "etl one", and no "kill one"
            alone = (
                at == 0 or self._form(at - 1) in self._reserved or self._form(at - 1) in _JOINING
            )
        return alone and not (told or counted or said)

    def _named_at(self, at: int) -> bool:
        return at < len(self._tokens) and self._named(self._tokens[at], person=False) is not None

    def _in_a_row(self, at: int, after: int) -> bool:
        """Tell whether bare numbers are told one by one: "one and two", and no "one and two jobs"."""
        told = after
        while self._form(told) in _JOINING and self._number(told + 1) is not None:
            told += 2
        ends = self._form(told) in {"", ".", "!", "please", "pls", "plz"}
        joined = self._form(at - 1) in _JOINING and self._number(at - 2) is not None
        return ends and (told > after or joined)

    def _in_an_order(self, after: int) -> bool:
        """Tell whether an ordinal counts in an order of its own: "second biggest", "두 번째로 큰"."""
        if self._form(after) == "로" and self._tag(after) == "JKB":
            return any(self._form(place) in _STEMS for place in range(after + 1, after + 4))
        return _WORDS.get(self._form(after)) in FIGURE_WORDS


def _meaning_of(form: str) -> str:
    return _WORDS.get(form) or _STEMS.get(form, "")


def frame_selection(
    frame: Frame, view: ThreadView, rows: Sequence[ListingRow]
) -> tuple[Selection, bool]:
    """Return what one conjunct selects, and whether its words allow several rows."""
    narrowed = [*frame.conditions, *_names_selection(frame, rows)]
    count = frame.counts[0] if len(set(frame.counts)) == 1 else None
    if len(set(frame.counts)) > 1 or "vague" in frame.meanings:
        raise UnclearError
    several = bool(
        frame.meanings & {"all", "both", "rest", "odd", "even"} or count or frame.conditions
    )
    several = several or (
        frame.plural and any(hits.whole in {"user", "queue"} for hits in frame.names)
    )
    places = frame.meanings & _SELECTORS
    if places == {"bottom"} and frame.ordinal and len(frame.ranks) == 1 and not narrowed:
        return _from_below(frame.ranks[0]), several
    if len(places) > 1 or (places and (frame.ranks or frame.figured)):
        raise UnclearError  # "밑에서 3개 다음", "the next of 5": which rows?
    picked = _picked(frame, view, count, narrowed=bool(narrowed))
    if frame.ranks and (
        (narrowed and frame.ordinal) or frame.meanings & {"order", "most", "least"}
    ):
        raise UnclearError  # "메모리 순으로 1번", "the 2 with most memory"
    meant = frozenset[int]().union(*(hits.rows for hits in frame.names))
    if frame.ranks and len(meant) > len(frame.ranks):
        raise UnclearError  # "2 etl jobs"
    if frame.ranks and narrowed:
        narrowed, picked = [Ranks(tuple(frame.ranks)), *narrowed], None
    parts = [*narrowed, *([picked] if picked is not None else [])]
    if "protected" in frame.meanings:
        parts.append(Protected())
    if not parts:
        raise UnclearError
    return (parts[0] if len(parts) == 1 else Both(tuple(parts))), several or len(frame.ranks) > 1


def _from_below(place: int) -> Selection:
    """Return the row at a place counted from the end of a list."""
    return Without(Bottom(place), Bottom(place - 1)) if place > 1 else Bottom(1)


def _names_selection(frame: Frame, rows: Sequence[ListingRow]) -> list[Selection]:
    if not frame.names:
        return []
    whole = {hits.whole for hits in frame.names}
    if len(frame.names) == 1 and whole <= {"user", "queue"}:
        hits = frame.names[0]
        queues = [Having(Field.QUEUE, path) for path in queues_of(hits, rows)]
        wanted = queues or [Having(Field.USER, rows[min(hits.rows)].user)]
        return [wanted[0] if len(wanted) == 1 else Either(tuple(wanted))]
    meant = frozenset.intersection(*(hits.rows for hits in frame.names))
    if not meant:
        raise UnclearError
    named = tuple(Having(Field.ID, rows[place].ref.id) for place in sorted(meant))
    return [named[0] if len(named) == 1 else Either(named)]


def _measure(frame: Frame) -> Measure | None:
    if frame.meanings & {"oldest", "newest"} or frame.measures == {Measure.DURATION}:
        return Measure.DURATION
    measures = frame.measures - {Measure.DURATION}
    if len(measures) > 1:
        raise UnclearError
    return next(iter(measures), None)


def _picked(  # noqa: C901, PLR0911, PLR0912 - one case a word
    frame: Frame, view: ThreadView, count: int | None, *, narrowed: bool
) -> Selection | None:
    said = frame.meanings
    if "neighbour" in said:
        return _neighbour(view, frame.place)
    if frame.ranks and not narrowed:
        return _ranked(frame)
    if frame.figured:
        superlative = said & {"most", "least", "oldest", "newest", "order"} or frame.place
        if not superlative and not narrowed and not frame.compared:
            raise UnclearError  # bigger than what?
        smallest = bool(said & {"least", "newest", "fewer"})
        by = _measure(frame) or (Measure.CPU if narrowed else None)
        if frame.place > 1:
            return Without(Top(frame.place, by, smallest), Top(frame.place - 1, by, smallest))
        return Top(count or 1, by, smallest)
    if "top" in said and said & {"bottom", "next"}:
        raise UnclearError
    if "bottom" in said and narrowed and count is None:
        raise UnclearError
    if {"top", "all"} <= said and count is None:
        return Everything()  # "위에 보이는 거 전부"
    if "top" in said:
        return Top(count or 1, next(iter(frame.measures - {Measure.DURATION}), None))
    if "bottom" in said:
        return Bottom(count or 1)
    if "middle" in said and (count or 1) > 1:
        raise UnclearError
    if said & {"middle", "next"}:
        return _middle(view) if "middle" in said else _next(view, count or 1)
    if said & {"odd", "even"}:
        return Ranks(
            tuple(row.rank for row in view.rows if (row.rank % 2 == 0) == ("even" in said))
        )
    if "both" in said or count is not None:
        return None if narrowed else _exactly(view, count or 2)
    if "any" in said and not narrowed:
        raise UnclearError  # "kill anything"
    if "all" in said and not narrowed and not frame.ranks:
        return Everything()
    return None


def _ranked(frame: Frame) -> Selection:
    """Read numbers: the list's ranks, or a place in an order of their own ("메모리 1등")."""
    by = next(iter(frame.measures - {Measure.DURATION}), None)
    if by is None or frame.figured:
        return Ranks(tuple(frame.ranks))
    if not frame.placed or len(frame.ranks) > 1:
        raise UnclearError
    more, less = Top(frame.ranks[0], by), Top(frame.ranks[0] - 1, by)
    return Without(more, less) if less.count else more


def _next(view: ThreadView, count: int) -> Selection:
    """Return the rows that come after those which are on the card or ended already."""
    running = {row.ref for row in view.running}
    gone = [row.rank for row in view.rows if row.ref not in running or row.rank in view.on_card]
    following = [row.rank for row in view.rows if row.rank > max(gone, default=len(view.rows))]
    if len(following) < count:
        raise UnclearError
    return Ranks(tuple(following[:count]))


def _neighbour(view: ThreadView, step: int) -> Selection:
    """Return the row beside the one just looked at: "the one above it"."""
    beside = tuple(row.rank for row in view.rows if row.rank - step == view.looked_at_rank)
    if not beside:
        raise UnclearError
    return Ranks(beside)


def _middle(view: ThreadView) -> Selection:
    if len(view.rows) % 2 == 0:
        raise UnclearError
    return Ranks((view.rows[len(view.rows) // 2].rank,))


def _exactly(view: ThreadView, count: int) -> Selection:
    rows = view.on_card or tuple(row.rank for row in view.rows)
    if len(rows) != count:
        raise UnclearError
    return Ranks(tuple(rows))


def selection_of(
    found: References, view: ThreadView, rows: Sequence[ListingRow]
) -> tuple[Selection, bool]:
    """Return what all conjuncts of a clause select together, and whether several are allowed."""
    frames = _pointing(found.frames, view)
    ranked = any(frame.ordinal and frame.ranks for frame in frames)
    if ranked and any(frame.place and frame.figured for frame in frames):
        raise UnclearError  # "the second and the fourth oldest"
    than = [frame_selection(frame, view, rows)[0] for frame in found.than if frame.says]
    if than and not any(frame.figured for frame in found.frames):
        raise UnclearError  # "a보다 b를": b rather than a
    if than:
        by = next((one for frame in found.frames if (one := _measure(frame))), Measure.CPU)
        less = any(frame.meanings & {"least", "fewer", "newest"} for frame in found.frames)
        return Exceeding(by, _joined(than), less), True
    base = [frame_selection(frame, view, rows)[0] for frame in found.base if frame.says]
    if base:
        frames = [frame for frame in found.frames if frame.says]
        if not frames or any(frame.ordinal and frame.ranks for frame in frames):
            raise UnclearError  # "etl 잡 중 두 번째"
        for frame in frames:
            frame.compared = True
        made = [frame_selection(frame, view, rows) for frame in frames]
        picked = _joined([selection for selection, _ in made])
        return Both((_joined(base), picked)), len(made) > 1 or made[0][1]
    if not frames:
        raise UnclearError
    made = [frame_selection(frame, view, rows) for frame in frames]
    whole = _joined([selection for selection, _ in made])
    figures = [frame for frame in found.frames if frame.figured]
    if any(frame.ranks for frame in figures):  # "of 1 and 2 the bigger"
        smallest = any(frame.meanings & {"least", "fewer", "newest"} for frame in figures)
        by = next((one for frame in found.frames if (one := _measure(frame))), Measure.CPU)
        whole = Both((whole, Top(1, by, smallest)))
    return whole, len(made) > 1 or made[0][1]


def _pointing(frames: Sequence[Frame], view: ThreadView) -> list[Frame]:
    """Return the frames that point at rows; a pronoun after others only repeats them.

    One before others ("이거랑 밥 것까지") is a row of its own: the one just looked at.
    """
    saying = [frame for frame in frames if frame.says]
    named = [frame for frame in saying if not frame.bare_pronoun]
    if not named or len(named) == len(saying):
        return saying
    looked_at = view.looked_at_rank
    if (looked_at is None) is saying[0].bare_pronoun:
        raise UnclearError
    return [Frame(ranks=[looked_at]), *named] if looked_at is not None else named


def _joined(selections: Sequence[Selection]) -> Selection:
    unique = tuple(dict.fromkeys(selections))
    return unique[0] if len(unique) == 1 else Either(unique)
