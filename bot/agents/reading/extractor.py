"""The details of a question: which rows and order, how much room, what to watch, what time."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.agents.reading.kill_order import Clause, functional, set_apart, tokens_of
from bot.agents.reading.names import Names, queues_of
from bot.agents.reading.references import (
    GIB,
    HOLDING,
    Frame,
    References,
    Scanner,
    UnclearError,
    frame_selection,
    selection_of,
)
from bot.agents.reading.words import Token, Words
from bot.domain.conversation import (
    DraftKind,
    Intent,
    ListingRow,
    Need,
    Query,
    ThreadView,
    Topic,
    Understanding,
    WatchFor,
    WatchKind,
    Wish,
)
from bot.domain.selection_resolver import Resolved, resolve
from bot.domain.selections import (
    Both,
    Either,
    Everything,
    Field,
    Having,
    Measure,
    Pronoun,
    Protected,
    Ranks,
    Selection,
    Top,
    Without,
)

Meant = TypeVar("Meant")
ALL_ROWS = 20
LEAST_PERCENT, MOST_PERCENT = 5, 100  # what somebody waits for
_TOPICS = {
    Topic.CPU: r"\bcpu|씨피유|프로세서",
    Topic.MEMORY: r"\bmem(?:ory)?\b|\bram\b|메모리|램\b",
    Topic.DISK: r"\bdisks?\b|디스크|스토리지",
    Topic.NETWORK: r"\bnetwork|네트워크|트래픽",
    Topic.HDFS: r"\bhdfs\b|네임노드|블록",
    Topic.NODES: r"\bnodes?\b|\bhosts?\b|\bworkers?\b|노드|서버|호스트|장비",
    Topic.QUEUES: r"\bqueues?\b|큐",
    Topic.ALERTS: r"\balerts?\b|\bfiring\b|알람|경보|알림",
}
_TIMES = (
    (timedelta(days=2), r"그저께|그제|day before yesterday"),
    (timedelta(days=1), r"어제|전날|전일|yesterday"),
    (timedelta(weeks=1), r"지난\s*주|저번\s*주|전주|last week|a week ago|week[- ]on[- ]week"),
    (timedelta(days=30), r"지난\s*달|저번\s*달|한\s*달\s*전|last month|a month ago"),
    (timedelta(hours=1), r"한\s*시간 전|an hour (?:ago|back|earlier)|last (?:1 )?hour"),
)
_WINDOWS = (
    (timedelta(days=1), r"오늘|금일|today|tonight|this morning|so far"),
    (timedelta(weeks=1), r"이번\s*주|this week"),
)
_AGO = re.compile(
    r"(\d+)\s*(분|시간|일|주|min(?:ute)?s?|hours?|hrs?|days?|weeks?)\s*(?:전|ago|back|earlier)"
)
_AGO_UNITS = {"분": 60, "m": 60, "시": 3600, "h": 3600, "일": 86400, "d": 86400, "주": 604800, "w": 604800}  # fmt: skip
_PER = (
    (Field.QUEUE, r"큐\s*별|큐마다|(?:per|by|each|every|for each)\s+(?:\w+\s+)?queue|queue totals?"),
    (Field.USER, r"(?:유저|사용자|사람|계정|오너|담당자)\s*(?:별|마다)|(?:per|by|each|every|for each)\s+(?:\w+\s+)?(?:user|owner|person|account|people)"),
)  # fmt: skip
_TO_THE_END = re.compile(
    r"(\d+)\s*(?:번|등|위)?\s*부터\s*(?:끝|마지막|꼴찌|맨\s*\w+)\s*까지"
    r"|\bfrom (?:#|number )?(\d+)(?:th)? (?:on\b|onwards?|down|to the (?:end|last|bottom))",
    re.IGNORECASE,
)
_CUES = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in (
        ("web", r"인터넷|웹에서|웹 검색|구글|검색해|\bweb\b|\bgoogle|\bonline\b|internet"),
        ("waiting", r"대기|펜딩|기다리|pending|accepted|waiting|queued"),
        ("spare", r"포기할|[가-힣]도\s*(?:되|돼|될|괜찮)\S*\s*(?:잡|거|것|게|애|앱|작업)|\b(?:could|can) (?:we|i|you) (?:cut|kill|stop|drop|spare|give up|lose)\b|expendable|killable|give up"),
        ("wasted", r"낭비|놀고|노는|놀리|할당\S*\s*대비|idle|idling|wast|doing nothing|unused"),
        ("granted", r"할당|점유|잡고\s*있|grant|reserv|allocat|\bhold(?:s|ing)?\b|booked"),
        ("who", r"누가|누구|\bwho\b"),
        ("this_queue", r"(?:이|그|해당)\s*큐|\b(?:this|that) queue\b"),
        ("total", r"합쳐|합치면|합해|합계|총합|총\s|다 합|몇\s*개|몇\s*건|how many|\btotal|\bsum\b|add(?:ed)? up|in all|all together|altogether"),
        ("further", r"이어서|계속|\bmore\b(?! than)|\bgo on\b|\bcontinue|(?<![가-힣])더(?:\s*(?:보여|줘|주세|있|없|봐|알려)|[\s?!.]*$)"),
        ("amount", r"얼마|몇\s*(?:코어|기가)|\bhow (?:many|much)\b"),
        ("rest", r"나머지|밑에|밑으로|아래로?는?|아래도|그 다음|다음 것|\brest\b|\bbelow\b|\bothers?\b|what else|\bbeyond\b|further down|next ones?|\bafter (?:those|these|that|them)\b|\b(?:left|remains|remaining)\b"),
        ("on_the_card", r"카드|\bcard\b"),
        ("left", r"남[은는아았음]|살아|\bleft\b|\bremain|surviv|still (?:up|running)"),
        ("of_shown", r"\b(?:of|from|among|in|on) (?:these|those|them|(?:that|this|your|the) list)\b|(?:이|그|저|방금|위)\s*(?:목록|리스트|표|리포트)|(?<!전체 )(?<!모든 )(?:목록|리스트|표)에서|거기서|(?:그|이|그것들|얘네)\s*중"),
        ("instead", r"대신|\binstead\b|rather than"),
        ("not_only", r"\bnot (?:just|only)\b|뿐\s*만?\s*(?:이\s*)?아니"),
        ("others", r"또|다른|말고|\b(?:else|other|others|besides)\b|shar"),
        ("same", r"\b(?:same|that) (?:but|list|one)\b|같은 (?:거|목록)|그대로"),
        ("single", r"\b(?:biggest|largest|heaviest|oldest|newest|longest)(?: running)? (?:thing|one|job|app|application)\b"),
        ("protected", r"보호|protected|off.?limits|(?:never|not) (?:be )?(?:allowed|able|permitted) to kill|(?:can not|never) be killed"),
        ("same_queue", r"같은\s*큐|동일\s*큐|same queue|in the queue \S+ (?:\S+ )?is in|\bshar(?:es?|ing) (?:its|the|that|a) queue"),
        ("unprotected", r"보호\S*\s*(?:\S+\s*)?(?:없|안|아니|아닌|않)|protected\s*(?:없|안|아니|아닌|않)|(?:not|isn't|aren't|un)[- ]?protected"),
        ("beside", r"바로\s*(?:위|앞|아래|밑|다음|뒤)|(?:위|아래|밑)\s*칸|(?:right|just|directly|immediately) (?:above|below|under|beneath|before|after)|(?:the|one|job) (?:above|below|under|beneath) (?!\d)|next one down"),
        ("every", r"전부|전체|모두|모든|다 보여|싹|\ball\b|\bevery|whole list|full list|everything"),
        ("below", r"밑|아래|이하|미만|떨어|내려|줄|below|under|drops?|falls?|less|down|back to|calm|settle"),
        ("ended", r"끝나|끝난|완료|종료되|finish|done|complete|ends?\b|over\b"),
        ("again", r"다시\s*(?:뜨|떠|올라|나타|살|시작|돌)|또\s*(?:뜨|떠)|재기동|respawn|relaunch|come[s]? back|back (?:up|again)|shows? up|reappear|restart"),
        ("room", r"자리|여유|비면|빈|room|space|free|capacity|headroom"),
        ("old", r"오래|오랫|longest|runtime|시작한? 순|\bage\b"),
        ("small", r"작은|적은|낮은|smallest|least|lowest"),
    )
}  # fmt: skip
_DRAFTS = (
    (DraftKind.HANDOVER, r"인수\s*인계|인계|교대|hand\s*-?over|next shift|hand it over|hand off"),
    (DraftKind.POSTMORTEM, r"회고|포스트\s*모템|post-?\s*mortem|retro|사후|재발|rca|incident report|장애\s*보고"),
    (DraftKind.OWNER, r"한테|에게|께|보낼|주인|담당자|owner|message to|note to|tell|to (?:the )?(?:analysts|team|him|her|them)\b|dear"),
)  # fmt: skip
_WISHES = (
    (Wish.UNDO, r"되돌|롤백|취소해서 살|undo|bring .* back|revive|un-?kill|restore"),
    (Wish.SCHEDULE, r"\bdag\b|스케줄|에어플로우|airflow|crontab|cron\b|scheduler"),
    (Wish.MOVE, r"옮겨|옮기|이동|큐 변경|\bmove\b|another queue|switch .* queue"),
    (Wish.PRIORITY, r"우선순위|priority|bump|먼저 돌|prioriti"),
    (Wish.RESTART, r"재시작|재실행|다시 (?:돌|띄|실행|올)|restart|re-?run|re-?launch|resubmit|submit|start .* (?:up|again)|launch"),
    (Wish.PAUSE, r"일시\s*정지|멈춰 ?뒀다|잠깐 (?:멈|세)|pause|suspend|freeze .* job|resume|hold .* for"),
    (Wish.RESIZE, r"줄여|줄이|늘려|제한|절반|익스큐터|limit|throttle|shrink|scale down|fewer executors|resize|cap\b|half"),
    (Wish.MUTE, r"알람|알림|경보|silence|snooze|mute|stop alerting|acknowledge|\back\b"),
    (Wish.PAGE, r"호출|전화|깨워|불러|초대|\bpage\b|call (?:the|him|her)|wake|invite|notify .* team|ping"),
    (Wish.PERMISSION, r"권한|승인자|보호|protect|permission|approver|rights|access|block|막아|차단|ban\b"),
    (Wish.NODES, r"노드|증설|서버|drain|decommission|add .* (?:node|worker)|spin up|scale (?:up|out)|reboot"),
    (Wish.CONFIG, r"설정|용량|기준|임계|바꿔|변경|config|capacity|threshold|\bset\b|change|reserve|예약"),
    (Wish.LOGS, r"로그|log"),
)  # fmt: skip
_ABOVE = {"위", "앞", "이전", "above", "previous"}
_BENEATH = {"다음", "아래", "밑", "뒤", "below", "next", "beneath"}
_FARTHER = {-1: {"before"}, 1: {"after", "under", "down"}}  # where "right" stands before them
_BESIDES = {"cpu", "memory", "duration", "count", "user", "queue", "among", "job", "pronoun"}
_WHOLES = {"all", "rest", "listed", "pronouns", "both", "job"}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|퍼센트|퍼|프로|percent|pct)?")


@dataclass(frozen=True)
class Extractor:
    """Finds what one message says beside its intent; `rows` are those that may be named."""

    words: Words
    view: ThreadView
    found: References
    rows: Sequence[ListingRow]
    tokens: Sequence[Token]
    clauses: Sequence[Clause]
    names: Names
    frames: Sequence[Frame] = ()
    kept: Sequence[References] = ()
    left_out: Sequence[Frame] = ()

    @classmethod
    def of(
        cls, words: Words, view: ThreadView, names: Names, clauses: Sequence[Clause]
    ) -> "Extractor":
        """Scan a message against what runs, or else what was listed, whose names are given."""
        tokens = tokens_of(words, names)
        found, rows = Scanner(tokens, names, HOLDING).scan(), view.running or view.rows
        return cls(words, view, found, rows, tokens, clauses, names, found.frames)

    def details(self, reading: Understanding) -> Understanding:
        """Return the reading with what its intent needs."""
        keeps = reading.intent is Intent.LIST
        kept, left_out = set_apart(self.clauses, self.names, keeps=keeps)
        told = [frame for found in kept for frame in found.frames]
        frames = told if left_out else self.found.frames
        apart = replace(self, frames=frames, kept=kept, left_out=left_out)
        return apart._details(reading)  # noqa: SLF001 - the same class

    def _details(self, reading: Understanding) -> Understanding:  # noqa: PLR0911 - one case an intent
        match reading.intent:
            case Intent.LIST:
                return replace(reading, query=self.query())
            case Intent.STATUS | Intent.COMPARE | Intent.DIAGNOSE:
                return replace(reading, topics=self.topics(), ago=self.ago(), query=self._subject())
            case Intent.DETAIL | Intent.WHAT_IF:
                return replace(reading, selection=self.selection())
            case Intent.CAPACITY:
                return replace(reading, need=self.need())
            case Intent.WATCH:
                return self._watch(reading)
            case Intent.DRAFT:
                kind = DraftKind.OWNER if self._names("user") else DraftKind.SUMMARY
                return replace(
                    reading,
                    draft=self._first(_DRAFTS) or kind,
                    selection=self._named_rows() or self._described(),
                )
            case Intent.UNSUPPORTED:
                return replace(reading, wish=self._first(_WISHES) or Wish.OTHER)
            case Intent.AUDIT:
                return replace(reading, window=self._window())
            case Intent.HOW_TO | Intent.HISTORY:
                return replace(reading, web=self._says("web"))
            case _:
                return reading

    def speaks_of_jobs(self, intent: Intent) -> bool:
        """Tell whether what sounds like the cluster's figures or room is a sum or list of jobs.

        What an owner or a queue holds is the sum of their jobs, and what waits are jobs; an owner
        has no room.
        """
        if intent is Intent.CAPACITY:
            return self._names("user") and self.need().cores is None
        if intent is not Intent.STATUS or Topic.NODES in self.topics():
            return False
        if Topic.QUEUES in self.topics():
            return False
        return self._says("waiting") or self._names("user", "queue")

    def _names(self, *wholes: str) -> bool:
        return any(hits.whole in wholes for frame in self.found.frames for hits in frame.names)

    def topics(self) -> tuple[Topic, ...]:
        """Return the parts of the cluster that are named."""
        text = self.words.text.casefold()
        return tuple(topic for topic, pattern in _TOPICS.items() if re.search(pattern, text))

    def ago(self) -> timedelta | None:
        """Return how far back the time lies that the present is compared with."""
        found = _AGO.search(self.words.text.casefold())
        if found is None:
            return self._first(_TIMES)
        return timedelta(seconds=int(found.group(1)) * _AGO_UNITS[found.group(2)[0]])

    def _window(self) -> timedelta | None:
        """Return the stretch of past time a question about our own acts is about."""
        return self._first(_WINDOWS) or self.ago()

    def query(self) -> Query:
        """Return which rows a list holds, in which order."""
        frames = self.frames
        meanings = {meaning for frame in (*frames, *self.found.base) for meaning in frame.meanings}
        by = self._order(meanings)
        per = self._first(_PER)
        if by is Measure.WASTED and per is None and self._says("who"):
            per = Field.USER
        amount = self._names("user", "queue") and self._says("amount")  # what they hold
        after = self._after()
        return Query(
            by=by,
            count=self._count(frames, after),
            ascending=self._ascending(meanings, by),
            only=self._only(frames),
            waiting=self._says("waiting"),
            spare=self._says("spare"),
            this_queue=self._says("this_queue"),
            after=after,
            per=per,
            total=per is None and (self._says("total") or amount),
        )

    def _order(self, meanings: set[str]) -> Measure:
        if "memory" in meanings and not self._filters_by(Measure.MEMORY):
            return Measure.MEMORY
        timed = meanings & {"oldest", "newest"} or self._says("old")
        if timed and "cpu" not in meanings:
            return Measure.DURATION
        if self._says("wasted"):
            return Measure.WASTED
        return Measure.GRANTED if self._says("granted") else Measure.CPU

    def _filters_by(self, measure: Measure) -> bool:
        return any(
            getattr(one, "by", None) is measure
            for frame in self.found.frames
            for one in frame.conditions
        )

    def _ascending(self, meanings: set[str], by: Measure) -> bool:
        if by is Measure.WASTED:
            return False  # "uses least of what it holds" wastes most
        if by is Measure.DURATION:
            return "newest" in meanings
        return bool(meanings & {"least", "fewer"}) or self._says("small")

    def goes_on(self) -> bool:
        """Tell whether every word asks to go on with the list: "next 3", "make it five"."""
        if not self.view.listed or len(self.found.frames) != 1:
            return False
        frame = self.found.frames[0]
        forms = [token.form for token in self.tokens]
        longer = forms[:2] in (["make", "it"], ["make", "that"])
        below = "bottom" in frame.meanings and "?" in forms
        numbered = len(frame.ranks) + len(frame.counts) == 1
        covered = all(
            at in self.found.taken or functional(token) for at, token in enumerate(self.tokens)
        )
        return covered and numbered and (longer or below or "next" in frame.meanings)

    def _next(self) -> bool:
        """Tell whether the list is to go on: "next 3", "다음 페이지", "more", "더 보여줘"."""
        frames = self.found.frames
        further = self.view.listed and self._says("further")
        plain = not any(frame.says_which or frame.measures for frame in frames)
        return any("next" in frame.meanings for frame in frames) or bool(further and plain)

    def _those(self) -> bool:
        """Tell whether words point at all the rows that were shown, and not at rows by number."""
        base = any(frame.counts and not frame.says_rows for frame in self.found.base)
        return base or self._says("of_shown") or any(frame.shown for frame in self.frames)

    def _shown(self) -> Selection | None:
        """Return the rows that were shown where a list asks of them: "which of these", "same five"."""
        follows = self._next() or self._says("not_only")
        follows = follows or (self._says("rest") and not self.left_out)
        if follows or not (self.view.listed and self._those()):
            return None
        card = self.view.on_card
        counts = {count for frame in self.frames for count in frame.counts}
        if card and (counts == {len(card)} or not counts):
            return Ranks(card)
        return Ranks(tuple(row.rank for row in self.view.rows))

    def _leaves_out_shown(self) -> bool:
        """Tell whether what was shown is left out: "besides these", "이 셋 말고"."""
        others = any(frame.counts and not frame.shown for frame in self.frames)
        return bool(self.left_out and not others) and not any(
            frame.ranks or frame.names or frame.conditions or "protected" in frame.meanings
            for frame in self.left_out
        )

    def _off_the_card(self) -> Selection | None:
        """Return what a list without the card's rows holds: "what else besides these two"."""
        carded = self._leaves_out_shown() or (self.left_out and self._says("on_the_card"))
        if not (self.view.on_card and carded):
            return None
        tops = [frame for frame in self.found.frames if "top" in frame.meanings]
        count = next((frame.counts[0] for frame in tops if frame.counts), None)
        base = Everything() if count is None else Top(count)
        return Without(base, Ranks(self.view.on_card))

    def _survivors(self) -> bool:
        """Tell whether a list is asked of what a kill left over: all of it."""
        return self.view.kills_proved and self._says("left")

    def _after(self) -> int:
        end = _TO_THE_END.search(self.words.text)
        if end is not None:
            return int(end.group(1) or end.group(2)) - 1
        if self._off_the_card() is not None or self._survivors():
            return 0
        narrowed = self._filter((*self.frames, *self.found.base)) or self._shown()
        narrowed = narrowed or self._same_queue()
        if self._next() or (self._leaves_out_shown() and not narrowed):
            return self.view.listed
        if not self._says("rest") or self.left_out or narrowed:
            return 0
        ranks = [rank for frame in self.found.frames for rank in frame.ranks]
        return max(ranks) if ranks else self.view.listed

    def _count(self, frames: Sequence[Frame], after: int) -> int | None:
        ranks = sorted({rank for frame in frames for rank in frame.ranks})
        counts = [count for frame in frames if not frame.shown for count in frame.counts]
        if self._next() and (counts or ranks):
            return (counts or ranks)[0]
        if self._leaves_out_shown():
            return ALL_ROWS
        placed = [
            frame.counts[0]
            for frame in frames
            if frame.counts and (frame.figured or "top" in frame.meanings)
        ]
        if placed or (counts and not self._says("every")):
            return (placed or counts)[0]
        same = self.view.listed if self._says("same") else 0
        if same or self._says("single"):
            return 1 if self._says("single") else same
        several = after or self._survivors() or self._says("every")
        if several or self._only(frames) is not None:
            return ALL_ROWS
        return ranks[-1] if ranks else None

    def _only(self, frames: Sequence[Frame]) -> Selection | None:
        """Return the filter of a list: owners, queues, names, figures, ages, rows shown."""
        off_the_card = self._off_the_card()
        if off_the_card is not None:
            return off_the_card
        queue = self._same_queue()
        if queue is not None:
            return queue
        filtered = self._filter((*frames, *self.found.base))
        parts = [one for one in (self._shown(), filtered) if one is not None]
        ranks = tuple(rank for frame in frames for rank in frame.ranks)
        if not parts and ranks and not self._after() and not self._counts_ranks(ranks):
            parts = [Ranks(ranks)]
        base = Both(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)
        if self._leaves_out_shown() and filtered is not None:
            shown = Ranks(tuple(row.rank for row in self.view.rows))
            return Both((filtered, Without(Everything(), shown)))
        if self.left_out and not self._leaves_out_shown():
            return self._less(base or Everything())
        return base

    def _filter(self, frames: Sequence[Frame]) -> Selection | None:
        """Return what names, figures, comparisons and protection let through."""
        if self._says("unprotected"):
            return Without(Everything(), Protected())
        if self._says("protected") and not self.left_out:
            return Protected()
        groups = tuple(dict.fromkeys([*self._filters(frames), *self._beyond()]))
        if len(groups) < 2:  # noqa: PLR2004 - nothing to join
            return next(iter(groups), None)
        return Either(groups) if all(isinstance(one, Having) for one in groups) else Both(groups)

    def _beyond(self) -> list[Selection]:
        """Return what is more than another has: "older than it", "2번보다 큰 것"."""
        found: list[Selection] = []
        place = self.view.looked_at_rank
        for clause in self.kept:
            than = tuple(
                Frame(ranks=[place]) if place is not None and frame.bare_pronoun else frame
                for frame in clause.than
            )
            if any(frame.says_which for frame in than):
                with suppress(UnclearError):
                    one, _ = selection_of(replace(clause, than=than), self.view, self.rows)
                    found.append(one)
        return found

    def _filters(self, frames: Sequence[Frame]) -> list[Selection]:
        """Return what the names and figures of each conjunct select."""
        found: list[Selection] = []
        for frame in frames:
            plain = Frame(names=frame.names, conditions=frame.conditions)
            with suppress(UnclearError):
                found.append(frame_selection(plain, self.view, self.rows)[0])
        return found

    def _less(self, base: Selection) -> Selection:
        """Return what a question speaks of, less what it leaves out."""
        out = self._out()
        return base if out is None else Without(base, out)

    def _out(self) -> Selection | None:
        """Return what a question leaves out, or speaks of as gone: "without 1 and 2"."""
        out: list[Selection] = []
        counted = any(frame.counts and not frame.shown for frame in self.frames)
        for frame in self.left_out:
            if counted and frame.counts and not frame.says_rows:
                continue  # "다섯 개 말고 세 개": another number of rows
            with suppress(UnclearError):
                out.append(frame_selection(frame, self.view, self.rows)[0])
        return out[0] if len(out) == 1 else Either(tuple(out)) if out else None

    def _counts_ranks(self, ranks: tuple[int, ...]) -> bool:
        """Tell whether a bare number counts rows: "top 3 now" scans as a rank only by its form."""
        return len(ranks) == 1 and re.search(r"번|등|위|#", self.words.text) is None

    def _same_queue(self) -> Selection | None:
        """Return the queue of the row that is named, or was looked at: "what else is in its queue"."""
        if not self._says("same_queue"):
            return None
        ranks = [rank for frame in self.found.frames for rank in frame.ranks]
        place = ranks[0] if len(ranks) == 1 else self.view.looked_at_rank
        row = next((row for row in self.view.rows or self.rows if row.rank == place), None)
        if row is None:
            return None
        queue = Having(Field.QUEUE, row.queue)
        return Without(queue, Ranks((row.rank,))) if self._says("others") else queue

    def _subject(self) -> Query:
        only = self._only(self.frames)
        return Query(only=only) if only is not None else Query()

    def selection(self) -> Selection | None:
        """Return the applications a question is about; a pronoun means what was spoken of last."""
        if self.left_out and not self._leaves_out_shown():
            kept = self._by_clause()
            whole = any(frame.meanings & _WHOLES - {"job"} for frame in self.frames)
            return self._less(kept or Everything()) if kept or whole else self._out()
        return (
            self._on_card()
            or self._neighbour()
            or self._by_clause()
            or self._named_rows()
            or self._pointed()
            or self._described()
        )

    def _on_card(self) -> Selection | None:
        """Return the card's rows that are meant: "the second one", "these two", or all of them."""
        card, frames = self.view.on_card, self.found.frames
        placed = [rank for frame in frames if frame.ordinal for rank in frame.ranks]
        if placed and max(placed) <= len(card):
            return Ranks(tuple(card[rank - 1] for rank in placed))
        named = any(frame.ranks or (frame.names and not self._those()) for frame in frames)
        if not card or named:
            return None
        places = {"top": card[:1], "bottom": card[-1:]}
        single = [places[one] for frame in frames for one in frame.meanings & places.keys()]
        if any(_asked(frame).figured for frame in (*frames, *self.found.base)):
            return self._among(card)
        several = self._those() or any(count > 1 for frame in frames for count in frame.counts)
        return Ranks(single[0] if len(single) == 1 and not several else card)

    def _among(self, ranks: tuple[int, ...]) -> Selection:
        """Return which of some rows a question means: "the bigger of the two on the card"."""
        frames = tuple(replace(_asked(frame), compared=True) for frame in self.found.frames)
        for frame in frames:
            with suppress(UnclearError):
                if frame.figured and not frame.ranks:
                    plain = Frame(meanings=frame.meanings, measures=frame.measures, compared=True)
                    return Both((Ranks(ranks), frame_selection(plain, self.view, self.rows)[0]))
        return Ranks(ranks)

    def _neighbour(self) -> Selection | None:
        """Return the row beside one that was just looked at, or that is named: "the one above it"."""
        forms = {token.form for token in self.tokens}
        steps = [(-1, _ABOVE), (1, _BENEATH)]
        if self._says("beside"):
            steps = [(step, said | _FARTHER[step]) for step, said in steps]
        step = next((step for step, said in steps if forms & said), 0)
        if not step:
            return None
        rows = self.view.rows or self.rows
        place = self.view.looked_at_rank
        pointed = [*self.found.frames, *self.found.base]
        if any(frame.names or frame.ranks for frame in pointed):
            named = self._named_rows() if self._says("beside") else None
            at = resolve(named, rows, self.view.at or datetime.now(UTC)) if named else None
            found = at.rows if isinstance(at, Resolved) else ()
            place = found[0].rank if len(found) == 1 else None
        known = {row.rank for row in (*rows, *self.rows)} - {place}
        if place is None or place + step not in known:
            return None
        return Ranks((place + step,))

    def _by_clause(self) -> Selection | None:
        """Return what the clauses that point at rows select: by number, else by name, else by place."""
        numbered: list[Selection] = []
        named: list[Selection] = []
        placed: list[Selection] = []
        it = any("pronoun" in frame.meanings for frame in self.found.frames)
        it = it and self.view.looked_at_rank is not None
        for clause in self.kept:
            found = self._telling(clause)
            with suppress(UnclearError):
                chosen = selection_of(found, self.view, self.rows)[0]
                every = [*found.frames, *found.base]
                kind = named if any(frame.names for frame in every) else placed
                kind = numbered if any(frame.ranks for frame in every) else kind
                kind += [] if it and isinstance(chosen, Everything) else [chosen]
        placed.sort(key=lambda one: isinstance(one, Everything))  # stable: the first that narrows
        unique = tuple(dict.fromkeys(numbered or named or placed[:1]))
        return Either(unique) if len(unique) > 1 else next(iter(unique), None)

    def _telling(self, clause: References) -> References:
        """Return what tells rows in a clause: its numbers where it has some, else its names."""
        every, base = [_asked(frame) for frame in clause.frames], clause.base
        told = [frame for frame in every if frame.says and not frame.bare_pronoun]
        if not told:
            return References(base)  # "1번이랑 3번 중에": which is better is asked
        numbered = any(frame.ranks for frame in told)
        named = [frame for frame in told if frame.names]
        which = [frame for frame in told if frame.says_which or not frame.meanings <= _WHOLES]
        which = [frame for frame in which if not frame.names] if numbered else named or which
        return replace(clause, frames=(*self._joined(clause.frames), *(which or told)))

    def _joined(self, frames: Sequence[Frame]) -> list[Frame]:
        """Return what a pronoun adds to rows with numbers: "it together with 4", "those two and 3"."""
        if not any(frame.ranks for frame in frames) or self._says("instead"):
            return []
        said = {meaning for frame in frames for meaning in frame.meanings}
        looked, card = self.view.looked_at_rank, self.view.on_card
        if "pronoun" in said and looked is not None:
            return [Frame(ranks=[looked])]
        several = "pronouns" in said or any(frame.shown for frame in frames)
        return [Frame(ranks=list(card))] if several and card else []

    def _named_rows(self) -> Selection | None:
        """Return the rows pointed at by number or name; parts of names count without numbers."""
        frames = (*self.found.base, *self.found.frames)
        numbered = any(frame.ranks for frame in frames)
        pointed = [
            Frame(ranks=frame.ranks, names=[] if numbered else frame.names)
            for frame in frames
            if frame.ranks or (frame.names and not numbered)
        ]
        try:
            chosen = [frame_selection(one, self.view, self.rows)[0] for one in pointed]
        except UnclearError:
            return None
        return Either(tuple(dict.fromkeys(chosen))) if len(chosen) > 1 else next(iter(chosen), None)

    def _described(self) -> Selection | None:
        """Return what the words select together: "the biggest", "everything"."""
        try:
            return selection_of(self.found, self.view, self.rows)[0]
        except UnclearError:
            return None

    def _pointed(self) -> Selection | None:
        pointed = any("pronoun" in frame.meanings for frame in self.found.frames)
        if self.view.looked_at_rank is not None and (pointed or self._described() is None):
            return Ranks((self.view.looked_at_rank,))
        if self._described() is not None:
            return None
        if any(frame.both for frame in self.found.frames):
            return Pronoun(plural=True)
        return Pronoun() if any(frame.bare_pronoun for frame in self.found.frames) else None

    def need(self) -> Need:
        """Return how much room is asked for."""
        said = re.findall(
            r"(\d+)\s*-?\s*(?:개\s*)?(?:코어|core|vcore|씨피유|cpu)", self.words.text, re.IGNORECASE
        )
        whole = {round(row.cores / row.share) for row in self.rows if row.cores and row.share}
        cores = next((one for one in said if len(said) == 1 or int(one) not in whole), None)
        memory = re.search(
            r"(\d+(?:\.\d+)?)\s*(기가|테라|gb?\b|gigs?|tb)", self.words.text, re.IGNORECASE
        )
        named = [hits for frame in self.found.frames for hits in frame.names]
        queues = next((found for hits in named if (found := queues_of(hits, self.rows))), ())
        queue = queues[0] if queues else None
        if len(queues) > 1:  # only the end of their paths was said
            queue = queues[0].rpartition(".")[2]
        size = GIB * 1024 if memory and memory.group(2).casefold() in {"테라", "tb"} else GIB
        return Need(
            float(cores) if cores else None,
            int(float(memory.group(1)) * size) if memory else None,
            queue,
        )

    def _watch(self, reading: Understanding) -> Understanding:
        figures = map(float, _PERCENT.findall(self.words.text))
        percent = next((one for one in figures if LEAST_PERCENT <= one <= MOST_PERCENT), None)
        named = self._named_rows() or self._described()
        if self._says("again") and named is not None:
            return replace(reading, watch=WatchFor(WatchKind.RELAUNCHED), selection=named)
        if self._says("ended") and named is not None:
            return replace(reading, watch=WatchFor(WatchKind.ENDED), selection=named)
        if percent is None and (self._says("room") or self.need().queue):
            return replace(reading, watch=WatchFor(WatchKind.ROOM, need=self.need()))
        below = self._says("below")
        memory = Topic.MEMORY in self.topics()
        kind = WatchKind(f"{'memory' if memory else 'cpu'}_{'below' if below else 'above'}")
        return replace(reading, watch=WatchFor(kind, percent))

    def _says(self, cue: str) -> bool:
        return _CUES[cue].search(self.words.text) is not None

    def _first(self, table: Iterable[tuple[Meant, str]]) -> Meant | None:
        """Return what the first pattern that fits stands for."""
        text = self.words.text.casefold()
        return next((meant for meant, pattern in table if re.search(pattern, text)), None)


def _asked(frame: Frame) -> Frame:
    """Return a conjunct of a question without words that only ask: "tell me more", ", details"."""
    superlative = frame.place or frame.meanings & {"most", "least", "order"}
    compared = superlative or frame.measures or frame.names or frame.conditions or frame.compared
    idle = {"vague", "each", "protected"} | (set() if compared else {"more", "fewer"})
    left = frame.meanings - idle
    if not (frame.says_which or left - _BESIDES):
        left = set()  # "in which queue is it"
    return replace(frame, meanings=left)
