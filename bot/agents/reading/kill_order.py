"""Orders to kill and changes of an open card: carried on only when every word is accounted for.

The message is cut into clauses. A clause is an act (kill, spare, or a change of the card), a
statement set aside, courtesy, or something else; anything else, or a word of an act's clause that
is neither function nor reference, means that the order is not understood: then nothing is done
and the asker is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import pairwise, zip_longest

from bot.agents.reading.names import Names, mended, queues_of
from bot.agents.reading.references import (
    FIGURE_WORDS,
    HOLDING,
    ORDINALS,
    POINTING,
    Frame,
    References,
    Scanner,
    UnclearError,
    frame_selection,
    selection_of,
)
from bot.agents.reading.words import Morphemes, Token, Words, listed
from bot.domain.conversation import ListingRow, ThreadView
from bot.domain.selection_resolver import Resolved, resolve
from bot.domain.selections import Having


class Act(Enum):
    """What a clause orders."""

    KILL = "kill"
    SPARE = "spare"
    ADD = "add"
    SWAP = "swap"


class Kind(Enum):
    """What a clause is."""

    ACT = "act"
    ROWS = "rows"  # points at rows and says nothing of them
    STATEMENT = "statement"
    COURTESY = "courtesy"
    BLOCKING = "blocking"


# English idioms, reduced to one verb before the words are looked at.
_IDIOMS = tuple(
    (re.compile(wrong, re.IGNORECASE), right)
    for wrong, right in (
        (r"\b(?:on |to |in |from )?(?:the |that |this )?same card\b|\bon (?:that|this) card\b", "on the card"),
        (r"\b(take|pull|leave|keep|get|strike) ((?:(?!and (?:take|pull|leave|keep|get|strike)\b)\S+ ){0,4}?)(?:off|out)(?: of)?(?: (?:it|the card|there|the list|that))?(?=[.,!;]|$| please| pls| and)", r"\1_off \2"),
        (r"\b(?:on (?:second|2nd) thoughts?|in that case|might as well|while (?:we|you) ?(?:'?re|are) at it),? ?", ""),
        (r"\b(?:get|put|raise|open|make|prepare)(?: me)?(?: up)? (?:a|the) (?:kill )?card(?: up)? for\b", "kill"),
        (r"(?:종료 ?|kill ?|킬 ?)?카드(?:를|도)? ?(?:좀 )?(?:올려|띄워|만들어)", "종료해"),
        (r", (?:both |all (?:of them )?)?(?:out|gone|dead|down)(?=,? (?:please|pls|now)\b|[.!]|$)", " kill"),
        (r"_?(\d{4,})(?:으?로|에서)? (?:끝나는|끝난)", r"\1"),
        (r"\bthrow in\b", "add"),
        (r"(?<=[고로] )(?:가자|가죠|갑시다)", ""),
        (r"\b(?:put|throw|stick|chuck|pop) ((?:\S+ ){1,4}?)(?:(?:on|onto|in) (?:it|the card|there|the list)|there)\b", r"add \1"),
        (r"\b(?:get|getting) rid of\b|\bdo away with\b|\bpull the plug on\b|\bput an end to\b", "kill"),
        (r"\btake ((?:(?!and\b|but\b)\S+ ){0,5}?)(?:down|out)\b", r"kill \1"),
        (r"\b(?:shut|bring|put|tear|turn|switch|knock|clear|cut|chop)(?:ting)? ((?:(?!and\b|but\b)\S+ ){0,5}?)(?:down|out|off)\b", r"kill \1"),
        (r"\b(?<!we )(?<!i )(?:can|has to|have to|needs to|need to|got to|must|should|could) (?:please )?(?:go|die|be (?:killed|stopped|terminated|ended|aborted|culled|let go))(?=\W|$)(?! (?:on|ahead|back|up|to|over|wrong|through))", "kill"),
        (r"(?<!it )\b(?:goes|dies|die)(?= (?:as well|too|also)\b|[.,!;]|$)", "kill"),
        (r"\b(?:do|does|did|should|must|shall) (?:we|i|you|they) (?:really )?(?:need|want|have|got) to\b", "should we"),
        (r"\b(?:we|i|you) (?:really )?(?:need|want|have|got) to (?!go\b|be\b|see\b)(?=\w)", ""),
        (r"(?<!stop )\bending (?:with |in )?(?=_?\d\d)", ""),
(r"\band (?:up|down|so on|above|below|onwards?|the like)\b", "beyond"),
        (r"\bfrom (\S+) on(?:wards?)?\b", r"beyond \1"),
        (r"\b(?:get|have(?! (?:you|we|they|i|he|she)\b)|see|like|want|need) ((?:\S+ ){1,5}?)(?:killed|stopped|terminated|ended|gone|shut down|taken down)\b", r"kill \1"),
        (r"\b(everything|all|anything)( of (?:them|these|those))? but\b", r"\1\2 except"),
        (r"(?<=\d )4 (?=(?:me|us|u)\b)", "for "),
        (r"(?<=서 )그런데(?=\s)", ""),
        (r"\bas well as\b", "and"),
        (r"보내 ?버(?=[리려])", "죽여 버"),
        (r"\bkill (?:the|that|this|my) card\b", "withdraw the card"),
        (r"(?<!no )(?<!no\. )(\b\d),? no\.? (?=\d)", r"\1, neither "),
        (r"\b(?:take (?:that|it) back|chang(?:ed|ing) my mind|never ?mind|(?:just|only|was|am|'m) (?:kidding|joking)|my mistake|my bad)\b", "retracted"),
        (r"\bnot (?:just|only)\b", "beyond"),
        (r"\b(?:as|so) long as\b|\bprovided(?: that)?\b|\bassuming\b|\bin case\b", "if"),
        (r"\bstop ((?:\S+ ){1,5}?)from (?=\w+ing\b)", r"hinder \1from "),
        (r"(?:목록|리스트|표)에서 (?:내려|내리)", "목록에서 감춰"),
        (r"\bothers? than\b", " except "),
        (r"\bwhat(?:'s| is)? (?:left|remains)\b", "the rest"),
        (r"\bin (?:place|lieu) of\b|\brather than\b", "instead of"),
        (r"\b(?:other than|apart from|except for|not counting|outside(?: of)?|hide|(?:strip|filter|weed) out)\b", " except "),
        (r"\bleave ((?:\S+ ){1,4}?)(?:alone|be|running)\b", r"spare \1"),
        (r"\bi (?:said|meant)\b", "make it"),
        (r"\b(could|can|may|might) ((?:\S+ ){1,6}?)be (?:killed|stopped|terminated|ended)(?=,? please)", r"\1 you kill \2"),
    )
)  # fmt: skip
_ACTS = {
    form: act
    for act, forms in {
        Act.KILL: "죽이 내리 끄 없애 날리 치우 끊 자르 짜르 쳐내 멈추 직이 걷어내 종료 킬 강제종료 강종 중단 중지 스탑 스톱 컷 "
        "아웃 정리 제거 셧다운 kill kil terminate stop end ending killing terminating stopping nuke axe abort cull whack murder bin "
        "reap yeet zap shutdown scrap ditch flush sack axing destroy murder shoot smoke burn"
        " 킬 ㅋㅣㄹ",
        Act.SPARE: "빼 말 냅두 놔두 두 남기 살리 유지 제외 제외하 킵 건드리 건들 손대 keep kept leave leave_off keep_off take_off "
        "pull_off get_off strike_off spare skip except excluding bar barring exclude without minus besides not untouched stay stays "
        "survive survives touch drop remove scratch",
        Act.ADD: "추가 포함 넣 더하 얹 태우 보태 include add adding plus extend",
        Act.SWAP: "바꾸 교체 변경 수정 조정 고치 갱신 업데이트 반영 대신 replace swap instead change switch",
    }.items()
    for form in listed(forms)
}
_COVER = set(
    listed(
        "주 드리 부탁 요청 바라 버리 하 시키 되 시 있 수 좀 걍 그냥 쭉 지금 바로 빨리 당장 일단 우선 그럼 그러면 그래 자 네 넵 응 예 "
        "카드 조 올리 띄우 만들 진행 ㄱㄱ ㄱ 고고 요 기 감사 고맙 죄송 미안 급하 하나 로 만 도 다시 마저 또 혹시 같이 이제 어서 얼른 제발 "
        "함께 강제 그만 이번 아직 님 씨 분들 어차피 예요 에요 걸 자리 "
        "thx thanx great good fine ya yup sure whatever enough anyway th its mine today again already still which ones ㅇㅇ ㄴㄴ ㅠㅠ ㅠ ㅎㅎ ㅋㅋ ㅋㅋㅋ 절차 띄우 묶 ᆸ쇼 "
        "까지 그 이 저 맨 순 들 안 내 은 는 거 중 새로 그대로 아니 아니다 다 못 but 반드시 절대 꼭 너무 진짜 정말 확 마저 임 세여 ㅇㅋ 오케이 및 각각 이렇게 그렇게 여기 좋 방금 "
        "please pls plz plss can could would will you we i me us let let's just now go ahead and the a an of to it for with "
        "in on from do one ones ok okay yes yeah yep then so right thanks thank "
        "card up make be mind want this that them those these at once immediately asap kindly "
        "well as too also only instead actually sorry no oh hey hi hello there all both by my straight away out off ta cheers urgent asap stat quick quickly fast rn pronto promptly "
        "alive hers his mate guys folks someone anybody anyone while we "
        "d ll ve re m s gonna going help bot team whoops oops uh um hmm er ah 당직 당직아 봇 봇아 have request requesting"
    )
)  # fmt: skip
_FUNCTION_TAGS = tuple(listed("J EP ETN SP SF SO SS SE SW XSN XSV W_EMOJI IC Z_"))
_ENDINGS = set(
    listed(
        "어서 아서 세 셔 쇼 ᆸ쇼 어 아 어요 아요 세요 으세요 셔요 십시오 으십시오 ᆸ시오 시오 라 어라 아라 자 ᆸ시다 읍시다 아니고 ᆸ니다 습니다 고 지 죠 쥬 줘 ᆯ 을 ᆫ 은 는 요 "
        "며 기 게 음 ᆷ 려 러 어야 여 ᆯ게요 을게요 ᆯ게 을게 ᆯ래 ᆯ래요 구 군"
    )
)
_ASKING = set(listed("ᆯ까요 을까요 ᆯ까 을까 나요 나 니 냐 ᆫ가요 는가요 ᆫ지요 을지요 ᆯ지요 ᆯ런지요"))
_REPORTED = set(
    listed(
        "라고 으라고 라는 으라는 래 으래 래요 다고 ᆫ다고 는다고 라던데 라던데요 라시던데요 대 대요 자고 라길래 냐고 으라던데"
    )
)
_IF = set(listed("ᆫ가 면 으면 거든 다면 ᆫ다면 는다면 려면"))
_MAY = {"어도", "아도"}
_BLOCKING_WORDS = set(
    listed(
        "if unless until till when once after before otherwise whether either or maybe perhaps later tomorrow tonight "
        "ask check tell see wait hold try should might kidding joke nvm nevermind cancel says said told am pm midnight noon "
        "restart rerun move pause suspend throttle bump mute reported supposedly apparently while "
        "물어보 묻 여쭙 여쭈 기다리 만약 나중 이따 이따가 내일 모레 자정 후 뒤 때 경우 아무 아무거나 아니면 농담 취소 재시작 옮기 되돌리 "
        "예약 알아서 적당히 필요하면 오전 오후 새벽"
    )
)
_SUBJECTS = set(
    listed(
        "it this that they he she we i there these those the my our his her its their someone somebody nobody everyone"
    )
)
_FINITE = set(
    listed(
        "is are was were has have had did does do s ve re d m been will can looks look seems means got needs wants said says told "
        "confirmed approved agreed left gave takes took keeps went goes starved starving eating burning hogging"
    )
)
_IMPERATIVE = set(
    listed(
        "get make let give send put set run add show find call ping open look report write remind notify use do go"
    )
)
_COMMANDS = set(listed("세요 으세요 십시오 으십시오 ᆸ시오 라 어라 아라 자 ᆸ시다 ᆯ까요 을까요"))
_CLOSING = {
    **dict.fromkeys(("어도", "아도"), ("되", "괜찮", "좋")),
    **dict.fromkeys(("면", "으면"), ("되", "감사", "좋", "고맙", "안", "어떻", "하")),
    **dict.fromkeys(("어야", "아야"), ("하", "되")),
}  # fmt: skip
_STARTING = _SUBJECTS - set(listed("the my our there this that these those"))
_COPULAS = set(listed("is are was were has have had"))
_RELATIVE = set(listed("that which whichever whatever who what"))
_PRONOUNS = {"pronoun", "pronouns"}
_POINTERS = set(listed("이 그 저 this that the"))
_LEANING = ("J", "E", "XSV", "VX", "VCP")
_LEADING = set(listed("so then just please pls and now go ahead"))
_DENIABLE = set(
    listed("touch 건드리 건들 손대 말 not without")
)  # "don't touch" spares, "don't drop" not
_NEGATIONS = set(listed("않 못"))
_REMOVALS = set(listed("drop remove scratch"))
_EXCHANGING = set(listed("swap replace switch change"))
_COMING = set(listed("with for by"))
_OWN = set(listed("ll will can"))
_HOLDS_BACK = set(listed("first confirm decide approve"))
_AFTERWARDS = set(listed("later tomorrow tonight tell told said am pm restart rerun"))
_MORE = set(listed("too also 도 까지 같이 well 마저 또 plus"))
_OTHERS = set(listed("he she they nobody everyone someone somebody"))
_NARROWING = FIGURE_WORDS | {"top", "bottom", "middle", "next", "odd", "even", "neighbour"}
_CONTRAST = set(listed("but however though whereas"))
_CONTENT = {
    ("NNG", "안"),
    ("XSN", "자"),
    ("XSN", "원"),
    ("XSN", "장"),
    ("XSN", "용"),
    ("JKB", "처럼"),
    ("JKB", "보다"),
}
_WHETHER = set(listed("do does did have has had is are was were should shall must may might"))
_SORTED_BY = set(listed("memory mem ram cores cpu age runtime time size duration usage"))
_THANKS = set(listed("고맙 감사 ㄱㅅ thx thanks thank"))
_EITHER = set(listed("든 든지 건지 거나"))
_RETRACTIONS = set(
    listed(
        "retracted nvm jk ignore forget disregard scratch undo cancel oops mistyped misread pretend 철회 보류 취소 무시 노노 ㄴㄴ "
        "ㄱㄷ ㅈㅅ 뻥 이따 이따가 아냐 monday tuesday wednesday thursday friday saturday sunday"
    )
)
"""Words that take an order back, or put it off, where they stand behind it and name no row."""
_SLIPS = set(
    listed(
        "wrong mistake accident accidental accidentally recovered hold hang wait sec moment 착각 헷갈리 틀리 싫 접 잠깐 실수 "
        "천천히 잘못 아직 딴 앗 글쎄 그만 누르 쓰 치 보내"
    )
)
"""Words that do so where nothing else is said: "잘못 눌렀다", and not "소스가 잘못돼서"."""
"""Words that take an order back, or put it off, where they stand behind it and name no row."""
_DIRECTIONS = set(listed("에 으로 로 에서 에게 한테"))
_MARKS = {"SF", "SP", "SS", "SE", "SO"}
_DENIALS = set(listed("no nah nope not almost nearly each oops ㄴ ㄴㄴ 아니 아니요"))
_HALTING = set(listed("스톱 스탑 스돕 stop 멈추 중지 그만"))
_TAKING_BACK = set(listed("no not never nah nope actually 아니 아니다 oops"))
_TIMES = set(listed("till until wait tonight tomorrow later am pm says said told noon midnight"))
_HELD_BACK = _HOLDS_BACK | {"you", "u"} | (_BLOCKING_WORDS - _AFTERWARDS)
_PRECEDENCE = (Act.SWAP, Act.KILL, Act.ADD, Act.SPARE)
_CONJUNCTIONS = set(listed("because since cause cuz but although though so however as"))
_EXCLUDING = set(listed("except excluding bar barring minus without besides not"))
_AUXILIARIES = set(listed("do does did can could will would is are was were should must if please"))
_KEEPING = set(listed("남기 살리 keep kept stay stays"))
_LEFT_OUT = (_EXCLUDING - {"not"}) | {"말", "빼", "제외"}
_DETERMINERS = set(listed("the a an my our your his her their this that"))
_BEFORE_NOUNS = set(listed("on at in of by"))
_QUESTIONS = set(listed("what which who whose how why where"))
_PAST = {"었", "았"}
_OR = {"이나", "나", "든", "든지", "이든", "이든지"}
_REQUESTS = {"부탁", "요청"}
_LIGHT_NOUNS = set(listed("거 것 걸 건 게 수 쪽 카드 절차 방향"))
_BEING = set(listed("있 되 하"))
_SHOWN = HOLDING - {"하", "되"}
_MODALS = set(listed("can could would will"))
_ASKED = set(listed("you u ya we someone somebody anybody anyone bot not"))
_BEFALLS = set(
    listed(
        "is was were are has had been being keeps kept got gets getting ends seems always again ever"
    )
)
_PERSONS = _SUBJECTS - set(listed("the my our his her its their this that these those there"))
_GOING_ON = (
    _FINITE
    | _COPULAS
    | set(listed("on show list tell give then under over above below with using"))
)
_CORRECTIONS = set(listed("아니 아니다 sorry sry wait oops actually 정정 아차 wrong meant mean"))


_RESERVED = (
    _COVER
    | _CORRECTIONS
    | HOLDING
    | set(_ACTS)
    | _BLOCKING_WORDS
    | _SUBJECTS
    | _FINITE
    | _AUXILIARIES
) - {"배치"}
_VOCABULARY = (
    _RESERVED
    | POINTING
    | _IMPERATIVE
    | _CONJUNCTIONS
    | _EXCLUDING
    | _QUESTIONS
    | _BEFALLS
    | _MODALS
)


@dataclass
class Clause:
    """A stretch of tokens, what ended it, and what was found in it."""

    tokens: list[Token]
    end: str = ""
    found: References = field(default_factory=References)
    act: Act | None = None
    act_at: int = -1
    kind: Kind = Kind.BLOCKING
    contradicted: bool = False

    @property
    def forms(self) -> list[str]:
        """The words, each in its dictionary form."""
        return [token.form for token in self.tokens]

    @property
    def says(self) -> list[Frame]:
        """What points at rows."""
        return [frame for frame in self.found.frames if frame.says]


@dataclass(frozen=True)
class Order:
    """What a message orders of a card: `rows` it must show; `whole` when every word is accounted for.

    `rows` may be the best guess when not whole, to be shown on a button. `why` names what stood in
    the way. `ids` are whole ids of applications that are not among the rows known.
    """

    rows: tuple[ListingRow, ...] = ()
    whole: bool = False
    why: str = ""
    acts: frozenset[Act] = frozenset()
    ids: tuple[str, ...] = ()


def tokens_of(words: Words, names: Names) -> tuple[Token, ...]:
    """Return the words of a message, slips of the finger mended."""
    return mended(words.tokens, names, _VOCABULARY)


def read_clauses(words: Words, names: Names) -> list[Clause]:
    """Return the clauses of a message, each with its act and what it points at."""
    tokens = tokens_of(words, names)
    return [_read(clause, names) for clause in _clauses(tokens, words.stops)]


def set_apart(
    clauses: Sequence[Clause], names: Names, *, keeps: bool
) -> tuple[list[References], list[Frame]]:
    """Return what a question speaks of, and what it leaves out: "all but prod", "prod 말고 etl".

    `keeps`: what is kept is what it speaks of, as in a list; a kill leaves out what it keeps.
    """
    kept: list[References] = []
    left_out: list[Frame] = []
    for clause in clauses:
        at, tokens = clause.act_at, clause.tokens
        spares = clause.act is Act.SPARE and not (_negated(tokens) or _asks_whether(tokens, at))
        if not spares or (keeps and tokens[at].form in _KEEPING):
            kept.append(clause.found)
            continue
        stays = tokens[at].form in _KEEPING - {"keep"}
        told = tokens[at].latin and not stays  # stands behind "except", and before "빼고", "stays"
        end = next((n for n in range(at + 1, len(tokens)) if _goes_elsewhere(tokens, n)), None)
        out = tokens[at + 1 : end] if told else tokens[:at]
        others = [tokens[:at], tokens[end:] if end else []] if told else [tokens[at + 1 :]]
        kept += [_scanned(part, names) for part in others if part]
        surely = tokens[at].form in _LEFT_OUT
        frames = _scanned(out, names).frames
        if not frames and kept:  # "5번은 건드리면 안 되니까 빼고"
            frames = kept.pop().frames
        left_out += [
            frame for frame in frames if surely or frame.says_which or "protected" in frame.meanings
        ]
    return kept, [frame for frame in left_out if frame.meanings != {"rest"}]


def _asks_whether(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether "아니" only asks for a yes: "airflow가 또 띄우는 거 아니에요?"."""
    after = tokens[at + 1].tag if at + 1 < len(tokens) else ""
    return tokens[at].tag == "VCN" and after == "EF"


def _goes_elsewhere(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the words for what is left out end here: "besides bob's | are over 10 cores"."""
    after = tokens[at + 1].form if at + 1 < len(tokens) else ""
    place = tokens[at].form == "from" and after in _POINTERS | {"it", "there", "them"}
    return place or tokens[at].form in _GOING_ON


def _scanned(tokens: Sequence[Token], names: Names) -> References:
    return Scanner(tokens, names, _RESERVED).scan()


def read_order(
    raw: str, view: ThreadView, kiwi: Morphemes, names: Names | None = None
) -> Order | None:
    """Return what a message orders to kill or to change on the open card; None without an act.

    What only spares rows orders nothing, and says so by its acts.
    """
    words = Words(reduced(raw), kiwi)
    clauses = read_clauses(words, names or Names(view.running or view.rows))
    return order_of(clauses, view, quotes=words.quotes)


def order_of(clauses: Sequence[Clause], view: ThreadView, *, quotes: bool) -> Order | None:
    """Return what clauses order together; `quotes` tells that some of their words are another's."""
    _judge(clauses, view)
    acts = {clause.act for clause in clauses if clause.act is not None}
    if view.kills_proved and not acts:  # "3 as well": what was done to the others
        for clause in clauses:
            more = clause.kind is Kind.ROWS and _MORE.intersection(clause.forms)
            clause.act, acts = (Act.KILL, {Act.KILL}) if more else (clause.act, acts)
    edits = view.on_card and (acts or any(_edit(clause) for clause in clauses))
    if Act.KILL not in acts and not edits:
        return Order(acts=frozenset(acts)) if acts else None
    try:
        fresh = _Fresh(view)
        chosen = _OnCard(view).rows(clauses) if view.on_card else fresh.read(clauses)
    except UnclearError:
        ids = _whole_ids(clauses) if acts == {Act.KILL} and not quotes else ()
        return Order(whole=bool(ids), why="unclear", acts=frozenset(acts), ids=ids)
    blocking = next((clause for clause in clauses if clause.kind is Kind.BLOCKING), None)
    why = "quoted" if quotes else fresh.doubt or _sorted_otherwise(clauses) or _jokes(clauses)
    if blocking is not None:
        why = " ".join(token.form for token in blocking.tokens)
    return Order(chosen, not why and bool(chosen), why, frozenset(acts))


def _jokes(clauses: Sequence[Clause]) -> str:
    """Return why it may be no order: all jobs, said with a laugh."""
    forms = [token.form for clause in clauses for token in clause.tokens]
    laughed = any(form[:2] in {"ㅋㅋ", "ㅎㅎ"} or form in {"lol", "lmao", "haha"} for form in forms)
    frames = [frame for clause in clauses for frame in clause.found.frames]
    every = any("all" in frame.meanings and not frame.says_which for frame in frames)
    return "is it a joke?" if laughed and every else ""


def _sorted_otherwise(clauses: Sequence[Clause]) -> str:
    """Return why places are not certain: they are of another order than the list's."""
    tokens = [token for clause in clauses for token in clause.tokens]
    sorted_by = any(
        one.form == "by" and other.form in _SORTED_BY for one, other in pairwise(tokens)
    ) or any(token.form == "순" for token in tokens)
    placed = any(
        frame.ranks or ("top" in frame.meanings and not frame.measures)
        for clause in clauses
        for frame in clause.found.frames
    )
    return "in which order?" if sorted_by and placed else ""


def _judge(clauses: Sequence[Clause], view: ThreadView) -> None:
    """Judge clauses again by those beside them, and by whether there is a card."""
    for clause in clauses:
        if clause.act is Act.ADD and not (view.on_card or clause.says):
            clause.act = None  # "파라미터 잘못 넣음" adds no row
            clause.kind = _kind(clause)
    for clause, after in zip_longest(clauses, clauses[1:]):
        said = [token.form for token in clause.tokens if token.tag not in _MARKS]
        hedged = bool(said) and said[-1] in _DENIALS
        if clause.act is Act.KILL and hedged and not (after and after.says):
            clause.kind = Kind.BLOCKING  # "kill 1 - no"
    killed: Act | None = None
    for before, clause in pairwise(clauses):
        killed = before.act if before.act is Act.KILL else killed
        lone = clause.act is None or before.act is Act.KILL  # "3번은 학습 중이니까 | 냅두고"
        if killed and lone and _holds_up(clause):
            clause.kind = Kind.BLOCKING
    for clause, after in pairwise(clauses):
        if _leans_on(after, clause):
            after.kind = Kind.BLOCKING
        told = clause.act is None and not clause.says
        if (told or clause.act is Act.KILL) and _shares_its_past(clause, after):
            clause.kind = Kind.STATEMENT if told else Kind.BLOCKING


def _leans_on(clause: Clause, before: Clause) -> bool:
    """Tell whether a clause is what is said of the one before, and nothing by itself.

    "1번 죽여 | 라고 하던데", "2번 꺼줘 | 하지 마", "we had to go | and kill 3".
    """
    first = clause.tokens[0]
    if before.act is not None and first.tag.startswith(_LEANING):
        return not all(map(functional, clause.tokens)) or _negated(clause.tokens)
    if before.act is not None and first.form in _COPULAS | {"하", "되"}:
        return True
    told = before.kind in {Kind.STATEMENT, Kind.BLOCKING} and before.act is None
    joined = first.form == "and" and before.forms[-1] != ","
    return told and joined and clause.act is Act.KILL


def _holds_up(clause: Clause) -> bool:
    """Tell whether a clause behind an order to kill casts doubt on it: "냅둬", "stop", "bob says"."""
    if clause.forms[-1] in {"says", "said"}:
        return True
    if not all(frame.bare_pronoun for frame in clause.says):
        return False
    if clause.act is not None:
        return clause.act is Act.SPARE or clause.forms[0] in _HALTING
    return _takes_back(clause)


def _takes_back(clause: Clause) -> bool:
    """Tell whether words that point at no row take back an order: "안 해도 됨", "no", "forget that"."""
    left, forms = _left_over(clause), clause.forms
    said = [token.form for token in clause.tokens if token.tag not in _MARKS]
    denied = bool(said) and said[-1] in _DENIALS | {"says", "said"}
    slipped = _SLIPS.intersection(forms) and {token.form for token in left} <= _SLIPS
    if denied or slipped or _RETRACTIONS.intersection(forms):
        return True
    if not left:
        return _negated(clause.tokens) or bool(_TAKING_BACK.intersection(forms))
    words = [token for token in clause.tokens if token.latin]
    alone = left == words[:1] and all(token.form in _POINTERS | {"it"} for token in words[1:])
    fooled = [token.tag for token in clause.tokens[:2]] == ["NNG", "VCP"]  # "뻥이야"
    exclaimed = not words and not any(token.stem or token.tag == "VCP" for token in clause.tokens)
    return fooled or alone or exclaimed  # "jk", "forget that", "철회", "ㄴㄴ"


def _shares_its_past(clause: Clause, after: Clause) -> bool:
    """Tell whether what is said was done already: "1번 내리고 점심 먹었어요", "죽여줘서 고마워"."""
    if clause.forms[-1] in {"어서", "아서"}:
        return not _THANKS.isdisjoint(after.forms)
    return clause.forms[-1] == "고" and not _PAST.isdisjoint(after.forms)


def _whole_ids(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Return the ids an order names, when it names nothing else and holds no other word."""
    if any(clause.kind is Kind.BLOCKING for clause in clauses):
        return ()
    frames = [frame for clause in clauses for frame in clause.says]
    named = [one.value for frame in frames for one in frame.conditions if isinstance(one, Having)]
    alone = all(
        frame.conditions and not (frame.ranks or frame.names or frame.counts) for frame in frames
    )
    whole = alone and all("_" in one or "-" in one for one in named)
    return tuple(dict.fromkeys(named)) if whole else ()


def reduced(raw: str) -> str:
    """Return a message with each idiom as the one verb it means."""
    text = raw.replace("’", "'")
    for pattern, verb in _IDIOMS:
        text = pattern.sub(verb, text)
    return text


def _clauses(tokens: Sequence[Token], marks_at: Sequence[tuple[int, str]]) -> list[Clause]:
    """Cut at sentence ends, at endings that close a clause, and before an English conjunction."""
    found: list[Clause] = [Clause([])]
    stops = list(marks_at)
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        while stops and stops[0][0] <= token.start:
            _, marks = stops.pop(0)
            found[-1].end += marks
            if found[-1].tokens:
                found.append(Clause([]))
        if found[-1].tokens and _starts(token, after, found[-1]):
            found.append(Clause([]))
        found[-1].tokens.append(token)
        found[-1].end += "?" * (token.form == "?")  # "누구 거야?, …" ends no sentence
        if token.form == "," and _goes_on(token, tokens[at + 1 : at + 4]):
            continue
        ordered = token.form == "," and _order_follows(tokens[at + 1 : at + 5])
        if ordered or _ends(token, after, found[-1]):
            found.append(Clause([]))
    return [clause for clause in found if clause.tokens]


def _starts(token: Token, after: Token | None, clause: Clause) -> bool:
    acted, last = not _ACTS.keys().isdisjoint(clause.forms), clause.forms[-1]
    following = after.form if after is not None else ""
    if acted and after is not None and token.latin and token.form in _CORRECTIONS:
        return last not in _CORRECTIONS | _AUXILIARIES | {"not", "to"}
    if token.form in _CONJUNCTIONS and following != "well":
        return token.form != "but" or acted
    if token.form == "and":
        return following in _ACTS or following in _BLOCKING_WORDS | _PERSONS
    excludes = token.form in _EXCLUDING and last not in _AUXILIARIES and not _own(clause)
    corrects = token.form == "아니" and token.tag == "IC"
    corrects = corrects and (after is None or after.start > token.end)
    exchanges = token.form in _COMING and not _EXCHANGING.isdisjoint(clause.forms)
    subject = token.form in _STARTING and acted and following in _FINITE | {"not"}
    return (
        excludes
        or corrects
        or exchanges
        or (subject and last not in _ACTS)
        or (last == "," and token.form in {"i", "we"})
        or (token.form == "나머지" and acted)
    )


def _ends(token: Token, after: Token | None, clause: Clause) -> bool:
    before = clause.tokens[-2] if len(clause.tokens) > 1 else None
    if before is not None and before.end >= token.start and _cut_ending(before, token, after):
        return True
    if token.tag == "EF":
        return after is None or after.tag not in {"SF", "SE"}
    if token.tag == "EC" and token.form not in {"게", "지", "러", "려", "다"}:
        closes = after is not None and after.form in _CLOSING.get(token.form, ())
        return not (closes or (after is not None and after.tag.startswith("VX")))
    told = _has_verb(clause) or not (_ACTS.keys() | _REQUESTS).isdisjoint(clause.forms)
    ended = token.form == "," and told
    return ended or token.form in {"ㄱㄱ", "고고", ";", ":", "—", "–"}


def _cut_ending(before: Token, token: Token, after: Token | None) -> bool:
    """Tell whether the analyser took an ending apart: "도는데", "0%네"."""
    if token.form == "네":
        return token.tag == "IC"
    return token.form == "데" and before.tag == "ETM" and (not after or after.tag[0] != "J")


def _goes_on(comma: Token, after: Sequence[Token]) -> bool:
    """Tell whether a list of numbers goes on after a comma: "kill first, third and fourth"."""
    if not after or not (after[0].tag == "SN" or after[0].form in ORDINALS):
        return False
    if after[0].start == comma.end:
        return True
    rest = after[2:] if len(after) > 1 and after[1].form == "번" else after[1:]
    return not rest or rest[0].form in {",", "and", "&", "+", "랑", "이랑", "하고"}


def _order_follows(after: Sequence[Token]) -> bool:
    """Tell whether an English order begins here: "it ran with the wrong input, so kill it"."""
    leading = _LEADING | _MODALS | {"you", "u", "let", "us"}
    verb = next((token for token in after if token.form not in leading), None)
    return verb is not None and verb.latin and verb.form in _ACTS.keys() - _EXCLUDING


def _read(clause: Clause, names: Names) -> Clause:
    clause.found = Scanner(clause.tokens, names, _RESERVED).scan()
    _find_act(clause)
    clause.kind = _kind(clause)
    return clause


def _find_act(clause: Clause) -> None:
    """Find what a clause orders; sparing and killing in one clause contradict each other."""
    tokens = clause.tokens
    found = [(at, act) for at in range(len(tokens)) if (act := _act_of(tokens, at))]
    kinds = {act for _, act in found}
    denied = {tokens[at].form for at, _ in found} <= {"not", "without"}
    others = denied or _OTHERS.intersection(clause.forms)
    if not found or (
        others and _declares(clause) and not any(frame.says_which for frame in clause.found.frames)
    ):
        return
    if _negated(tokens):
        kept = {tokens[at].form for at, act in found if act is Act.SPARE}
        clause.contradicted = not kinds <= {Act.KILL, Act.SPARE} or not kept <= _DENIABLE
        clause.act, clause.act_at = Act.SPARE, found[0][0]
        return
    kills = [at for at, act in found if act is Act.KILL]
    stopped = len(kills) > 1 or (kills and "그만" in clause.forms[kills[0] :])
    clause.contradicted = (Act.SPARE in kinds and len(kinds) > 1) or bool(stopped)
    first = min(found, key=lambda one: _PRECEDENCE.index(one[1]))
    clause.act_at, clause.act = first


def _act_of(tokens: Sequence[Token], at: int) -> Act | None:
    token = tokens[at]
    if token.tag == "VCN" or token.form == "아니고":
        return Act.SPARE if at else None
    before = tokens[at - 1].form if at else ""
    if token.form == "말" and (token.tag.startswith("NN") or before == "지"):
        return None  # a word, or it negates the verb before
    if token.form == "not" and any(
        _ACTS.get(other.form) in {Act.KILL, Act.SPARE} for other in tokens[at + 1 : at + 3]
    ):
        return None
    if token.latin and at and (token.form == "plus" or _is_noun(tokens[:at])):
        return None
    verbal = token.latin or token.tag[:2] in {"VV", "NN", "XR", "XS"}
    done = at > 1 and tokens[at - 1].tag == "EC" and tokens[at - 2].form not in {"놓", "내버리"}
    left = token.form == "두" and not done  # "받아 두었다" spares nothing
    kept = token.tag.startswith("VX") and (token.form == "말" or left)
    return _ACTS.get(token.form) if verbal or kept else None


def _is_noun(before: Sequence[Token]) -> bool:
    """Tell whether an English word is no verb here: "on leave", "in the end", "on my end"."""
    forms = [token.form for token in before[-2:]]
    owned = len(forms) > 1 and forms[0] in _BEFORE_NOUNS and forms[1] in _DETERMINERS
    return forms[-1] in _BEFORE_NOUNS or owned


def _negated(tokens: Sequence[Token]) -> bool:
    """Tell whether the verb of a clause is negated: 죽이지 마, 안 죽여, do not kill."""
    for at, token in enumerate(tokens):
        wrongly = at > 0 and tokens[at - 1].form == "잘"
        if token.form in _NEGATIONS | {"안"} and token.tag != "NNG" and not wrongly:
            return True
        if token.form == "말" and at and tokens[at - 1].form == "지":
            return True
        if token.form == "not" and _act_of(tokens, at) is None:
            return True
        if token.form == "no" and at + 1 < len(tokens) and _act_of(tokens, at + 1):
            return True
    return False


def _kind(clause: Clause) -> Kind:  # noqa: PLR0911 - one line a kind
    if clause.contradicted:
        return Kind.BLOCKING
    left = _left_over(clause)
    closing = clause.tokens[-1]
    if closing.tag == "EC" and (closing.form in _EITHER or (closing.form == "건" and left)):
        return Kind.BLOCKING  # "1번이든 2번이든", "3번 문의 건"
    if clause.act is not None:
        return Kind.ACT if not left and _ordered(clause) else Kind.BLOCKING
    if _own(clause) and _HOLDS_BACK.intersection(clause.forms):
        return Kind.BLOCKING
    promises = _own(clause) and _HELD_BACK.isdisjoint(clause.forms)
    if promises or _tells_of_a_subject(clause):
        return Kind.STATEMENT
    asked = "?" in clause.end or clause.forms[0] in _QUESTIONS
    covered = not (left or asked or _conditional(clause) or _shows(clause))
    if _is_loose(clause, left) or (covered and _goes_before(clause)):
        return Kind.BLOCKING
    if covered:
        return Kind.ROWS if clause.says else Kind.COURTESY
    return Kind.STATEMENT if _states(clause) else Kind.BLOCKING


def _is_loose(clause: Clause, left: Sequence[Token]) -> bool:
    """Tell whether more rows are meant, or only those, and it is not known which: "user 잡도"."""
    loose = _MORE.union({"만", "only"}).intersection(clause.forms)
    return bool(left and loose) and not _has_verb(clause)


def _declares(clause: Clause) -> bool:
    """Tell whether an English clause tells what somebody or something does: "they do not need it".

    Its subject is a word of its own, so that it can be no condition, question or order.
    """
    forms = [token.form for token in clause.tokens if token.latin]
    verbs = [at for at, form in enumerate(forms) if form in _FINITE | _MODALS | {"do", "not"}]
    if not verbs or "?" in clause.end or set(forms) & (_HELD_BACK - _TIMES):
        return False
    subject = [form for form in forms[: verbs[0]] if form not in _LEADING | _CONJUNCTIONS]
    ordered = set(subject) & (set(_ACTS) | _IMPERATIVE | _QUESTIONS)
    return bool(set(subject) - _DETERMINERS - {"it"}) and not ordered


def _own(clause: Clause) -> bool:
    """Tell whether the speaker says what they will or can do themselves."""
    forms = [token.form for token in clause.tokens[:2]]
    return forms[0] in {"i", "we"} and forms[-1] in _OWN


def _tells_of_a_subject(clause: Clause) -> bool:
    """Tell whether a clause only says what somebody does: "airflow가 또 띄움"."""
    closed = clause.tokens[-1].tag in {"EF", "SF"} and "?" not in clause.end
    told = closed and _has_subject(clause.tokens) and _BLOCKING_WORDS.isdisjoint(clause.forms)
    return told and not _asks_an_act(clause)


def _corrects(clause: Clause) -> bool:
    """Tell whether a clause takes back what was said: "no, 3", and not "it has the wrong date"."""
    told = clause.forms[:2] if clause.kind is Kind.STATEMENT else clause.forms
    return not _CORRECTIONS.isdisjoint(told)


def _corrects_itself(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether "wait" takes back what was said: "no wait, 3", and asks nobody to wait."""
    after = next((token for token in tokens[at + 1 :] if token.form != ","), None)
    back = _CORRECTIONS | {"the", "not", "i"}
    return (
        tokens[at].form == "wait"
        and after is not None
        and (after.tag == "SN" or after.form in back)
    )


def _has_verb(clause: Clause) -> bool:
    return any(token.stem or token.tag == "VCP" or token.form in _FINITE for token in clause.tokens)


def _goes_before(clause: Clause) -> bool:
    """Tell whether something else is to be done with the rows first: "3번 보고 멈춰줘"."""
    acts = any(token.tag in {"VV", "XSV"} and token.form not in _BEING for token in clause.tokens)
    return acts and clause.forms[-1] == "고"


def _shows(clause: Clause) -> bool:
    """Tell whether a verb that otherwise only describes rows is asked for: "etl 큐만 보여줘"."""
    verbs = zip(clause.forms, clause.forms[1:], clause.forms[2:], strict=False)
    return any(verb in _SHOWN and one in "어아" and other == "주" for verb, one, other in verbs)


def _left_over(clause: Clause) -> list[Token]:
    """Return the tokens of a clause that are neither act, nor reference, nor function."""
    taken = clause.found.taken
    aside = _relative_clause(clause, taken)
    return [
        token
        for at, token in enumerate(clause.tokens)
        if (
            at >= aside
            and at not in taken
            and token.form not in _ACTS
            and (
                _is_detached(clause.tokens, at)
                or not (functional(token) or _corrects_itself(clause.tokens, at))
            )
            and not (token.form == "라고" and at and clause.tokens[at - 1].tag == "VCP")
        )
        or _relates(clause, at)
    ]


def _relates(clause: Clause, at: int) -> bool:
    """Tell whether a particle sets a row in relation to what is to be killed: "1번 2번에", "help 1"."""
    token, before = clause.tokens[at], clause.tokens[at - 1].form if at else ""
    placed = token.tag == "JKB" and before in {"번", "째"} and token.form in _DIRECTIONS
    helps = token.form == "help" and at > clause.act_at >= 0
    return clause.act is Act.KILL and (placed or helps)


def _is_detached(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a word only seems to be a particle or a copula: "3위 로그", "kill 2 was wrong"."""
    token, before = tokens[at], tokens[:at]
    if token.tag.startswith("J"):
        return bool(before) and before[-1].end < token.start
    acted = any(each.latin and each.form in _ACTS for each in before)
    relative = any(each.form in _RELATIVE for each in before)
    holds = at + 1 < len(tokens) and tokens[at + 1].form in HOLDING  # "the one bob is running"
    return token.form in _COPULAS and acted and not (relative or holds)


def _relative_clause(clause: Clause, taken: frozenset[int]) -> int:
    """Return where a relative clause at the start ends: "frank가 켜놓고 퇴근한 pyspark-shell"."""
    for at, token in enumerate(clause.tokens):
        if token.tag != "ETM" or at + 1 >= len(clause.tokens):
            continue
        noun = clause.tokens[at + 1]
        named = at + 1 in taken and (noun.latin or noun.tag in {"NNP", "SN"})
        if named and _ACTS.keys().isdisjoint(clause.forms[:at]):
            return at + 1
    return 0


def functional(token: Token) -> bool:
    """Tell whether a token carries no meaning of its own in an order."""
    if token.tag.startswith("J") and token.form in _OR:
        return False
    if (token.tag, token.form) in _CONTENT:  # 3번안, 작업자
        return False
    if token.tag == "EF" and token.form == "네":
        return False  # "죽여주네" is no order
    if token.form in _COVER or token.form in HOLDING or token.form in _CORRECTIONS - {"wait"}:
        return True
    if token.tag in {"EF", "EC", "ETM"}:
        return token.form in _ENDINGS | _ASKING | _MAY | _IF
    return token.tag.startswith(_FUNCTION_TAGS) or token.tag in {"VX", "VCP"}


def _ordered(clause: Clause) -> bool:  # noqa: PLR0911 - one line a mood
    """Tell whether an act stands in the mood of an order: imperative, request, resolve, or bare."""
    forms = clause.forms
    after = clause.tokens[clause.act_at + 1 :]
    if (
        _happens(clause)
        or _is_past(clause)
        or _is_named(clause)
        or any(token.form == "싶" for token in after)
    ):
        return False  # it befalls them, is done, or is a wish
    endings = [token for token in after if token.tag in {"EF", "EC", "ETM"}]
    own = next((token for token in after if token.tag in {"EF", "EC", "ETM", "EP"}), None)
    if own is not None and own.tag == "ETM":
        last = own is after[-1]
        noun = own if last else after[after.index(own) + 1]
        if last and clause.act is Act.SPARE:
            return True  # "3번을 제외한 | 나머지"
        if own.form in {"ᆫ", "은", "던"} or noun.form not in _LIGHT_NOUNS:
            return False
    if any(each.form in _MAY for each in endings):
        return bool({"부탁", "요청"} & set(forms))
    if any(each.form in _REPORTED | _IF for each in endings):
        return _courteous_condition(clause)
    if any(token.tag == "EP" and token.form in _PAST | {"겠"} for token in after):
        asked = ("시" in forms and "주" in forms) or "드리" in forms
        return "겠" in forms and asked and _PAST.isdisjoint(forms)
    asked = any(token.form in _ASKING for token in endings) or "?" in clause.end
    if asked:
        asks_us = any(one in _MODALS and other in _ASKED for one, other in pairwise(forms))
        return asks_us or "주" in forms or "please" in forms
    taken = clause.found.taken
    return not any(form in _BLOCKING_WORDS for at, form in enumerate(forms) if at not in taken)


def _is_past(clause: Clause) -> bool:
    """Tell whether an act is asked after, or thanked for: "have you killed 1", "1번 죽여 줘서 고마워"."""
    forms = clause.forms
    asked = forms[0] in _WHETHER and not _PERSONS.union({"you"}).isdisjoint(forms[1:2])
    after = {token.form for token in clause.tokens[clause.act_at + 1 :]}
    thanked = bool({"고맙", "감사"} & after and {"ᆫ", "은", "어서", "아서"} & after)
    return asked or thanked


def _is_named(clause: Clause) -> bool:
    """Tell whether an act is only named: "1번 종료 절차", "1번 죽이는 거"."""
    tokens = [token for token in clause.tokens[clause.act_at :] if token.tag not in _MARKS]
    act, last = tokens[0], tokens[-1]
    if act.latin or last is act or not last.tag.startswith("NN"):
        return False
    told = any(token.stem or token.tag == "VCP" for token in tokens[1:])
    return not told and last.form not in _REQUESTS | {"카드", "ㄱㄱ", "기"} | _ACTS.keys()


def _happens(clause: Clause) -> bool:
    """Tell whether the act befalls the rows by itself: "2번이 자꾸 멈춰", "it keeps stopping"."""
    tokens, at = clause.tokens, clause.act_at
    if tokens[at].latin:
        before = clause.forms[:at]
        gerund = tokens[at].form.endswith("ing") and "mind" not in before
        wished = at > 0 and before[-1] in _MODALS | {"ll"}  # "we could kill 2"
        return not _BEFALLS.isdisjoint(before) or gerund or wished
    passive = any(token.form == "되" and token.tag == "XSV" for token in tokens[at : at + 2])
    return passive or _has_subject(tokens[:at])


def _has_subject(before: Sequence[Token]) -> bool:
    """Tell whether an act has a subject; one of a relative clause is that clause's: "bob이 띄운 거"."""
    return any(
        token.tag == "JKS" and all(each.tag != "ETM" for each in before[at:])
        for at, token in enumerate(before)
    )


def _courteous_condition(clause: Clause) -> bool:
    """Accept "해주시면 감사하겠습니다": a wish in the form of a condition."""
    forms = set(clause.forms)
    spared = clause.act is Act.SPARE or "시" in forms
    thanked = "주" in forms and forms & {"감사", "좋", "고맙", "되"}
    return bool(forms & {"면", "으면"} and (thanked or (spared and "되" in forms)))


def _conditional(clause: Clause) -> bool:
    endings = {token.form for token in clause.tokens if token.tag in {"EF", "EC"}}
    return not endings.isdisjoint(_IF) and {"감사", "고맙"}.isdisjoint(clause.forms)


def _states(clause: Clause) -> bool:
    """Tell whether a clause without an act only tells how things are, and changes no order."""
    ranked = any(frame.ranks for frame in clause.found.frames)
    marks = {"JX", "JKS", "VCP"}
    if ranked and not any(one.tag in marks or one.form in _FINITE for one in clause.tokens):
        return False  # a row is named, and nothing is said of it
    counted = any(frame.counts for frame in clause.found.frames)
    declares = _declares(clause) and not (ranked or counted)
    past = declares or not _PAST.isdisjoint(clause.forms)
    asked = clause.forms[0] in _QUESTIONS or ("?" in clause.end and clause.says)
    if asked or _conditional(clause):
        return False
    return past or (_BLOCKING_WORDS.isdisjoint(clause.forms) and not _asks_an_act(clause))


def _asks_an_act(clause: Clause) -> bool:
    """Tell whether a clause orders something else, or leads up to the order: "확인받고 (죽여)"."""
    tokens, forms = clause.tokens, clause.forms
    last = next((token for token in reversed(tokens) if token.tag in {"EF", "EC"}), None)
    if last is None:
        leading = next((form for form in forms if form not in _LEADING), "")
        asked = not {"please", "pls", "you", "부탁", "바라"}.isdisjoint(forms)
        return asked or leading in _IMPERATIVE | {"can", "could", "would"}
    if {"안녕", "수고", "고생"}.intersection(forms):
        return False
    asked = not any(token.tag == "JKS" for token in tokens) and any(
        token.tag.startswith("VX") and token.form in {"주", "달", "말"} for token in tokens
    )
    if asked or (last.tag == "EF" and last.form in _COMMANDS):
        return True
    if last.form not in ({"고", "어서", "아서"} if last.tag == "EC" else {"어", "아"}):
        return False
    return not any(
        token.tag in {"VA", "VCP", "VCN", "XSA", "JKS"} or token.form in {"있", "중", "없"}
        for token in tokens
    )


def _resolved(found: References, view: ThreadView) -> tuple[ListingRow, ...]:
    """Return the rows a clause speaks of; raises UnclearError when that is not certain."""
    known = view.running or view.rows
    selection, several = selection_of(found, view, known)
    frames = [frame for frame in found.frames if frame.says]
    relative = any(
        frame.ranks
        or "listed" in frame.meanings
        or (frame.meanings & {"top", "bottom", "all", "both"} and not frame.names)
        for frame in (*frames, *found.base)
    )
    if relative and not view.rows and not _orders_itself(found):
        raise UnclearError  # "the top 2" means rows of a list, and none was shown
    rows = view.rows if relative and view.rows else known
    if relative and view.running and not any(frame.ranks for frame in (*frames, *found.base)):
        alive = {row.ref for row in view.running}
        rows = tuple(row for row in rows if row.ref in alive)  # "the top 2" of what still runs
    moment = view.at or datetime.now(UTC)
    answer = resolve(selection, rows, moment)
    if not isinstance(answer, Resolved) or (len(answer.rows) > 1 and not several):
        raise UnclearError
    of_rows = (
        frame
        for frame in frames
        if (frame.says_rows or frame.conditions) and frame.counts and not frame.figured
    )
    if any(frame.counts[0] != len(answer.rows) for frame in of_rows if len(frames) == 1):
        raise UnclearError  # "the three etl jobs" where two run
    *others, last = [frame.counts for frame in frames] or [[]]
    if others and last and not any(others) and last[0] != len(answer.rows):
        raise UnclearError  # "the oldest and the biggest, two"
    if _is_bare_superlative(found):  # the least of the list, or of all that run? and of what?
        running = {row.ref for row in known}
        shown = tuple(row for row in view.rows if row.ref in running)
        measured = any(frame.measures or frame.meanings & {"oldest", "newest"} for frame in frames)
        other = resolve(selection, shown, moment) if shown or not measured else answer
        refs = [row.ref for row in other.rows] if isinstance(other, Resolved) else []
        if refs != [row.ref for row in answer.rows]:
            raise UnclearError
    return answer.rows


def _is_bare_superlative(found: References) -> bool:
    """Tell whether a place in an order is said, and not among what: "the smallest", "젤 큰 거"."""
    return not (found.base or found.than) and all(
        frame.meanings & FIGURE_WORDS and not (frame.names or frame.conditions or frame.ranks)
        for frame in found.frames
        if frame.says
    )


def _orders_itself(found: References) -> bool:
    """Tell whether words that sound like places of a list say their own order: "top by cpu"."""
    return not any(frame.ranks for frame in (*found.frames, *found.base)) and all(
        frame.measures or frame.names or frame.conditions for frame in found.frames if frame.says
    )


@dataclass
class _Fresh:
    """The rows an order without an open card chooses, clause by clause."""

    view: ThreadView
    killed: list[ListingRow] = field(default_factory=list)
    spared: list[ListingRow] = field(default_factory=list)
    told: list[ListingRow] = field(default_factory=list)
    pending: list[ListingRow] = field(default_factory=list)
    judged: list[ListingRow] = field(default_factory=list)
    among: tuple[ListingRow, ...] = ()
    aside: bool = False  # a statement stands just before
    called: bool = False  # a person's name stands just before: "bob, can you kill it"
    rest: bool = False
    scoped: bool = False  # some of a topic were spared: "etl은 alice 것만 살리고"
    how_many: int | None = None
    doubt: str = ""

    def read(self, clauses: Sequence[Clause]) -> tuple[ListingRow, ...]:
        """Return the rows; raises UnclearError when they are not certain."""
        for place, clause in enumerate(clauses):
            if clause.kind is Kind.BLOCKING and clause.act is None:
                continue
            near = clauses[max(place - 1, 0) : place + 1]
            self._take(clause, corrected=any(map(_corrects, near)))
            self.aside = clause.kind is Kind.STATEMENT
            self.called = clause.kind is Kind.ROWS and _names_a_person(clause)
        if not self.killed:
            self.killed = self.pending
        elif self.pending:
            self.doubt = "rows were named that no clause says anything of"
        if self.rest and not (self.spared or self.told or self.killed):
            self.doubt = "the rest of what?"
        if self.rest:
            self.killed += self._left()
        told = set(self.judged) & set(self.killed)
        if told and told < set(self.killed):
            self.doubt = "something is told of some of these rows"
        spared = {row.ref for row in self.spared}
        return tuple(row for row in dict.fromkeys(self.killed) if row.ref not in spared)

    def _left(self) -> list[ListingRow]:
        """Return what was not spared: as many rows as were said."""
        left = self._unspared(self.among or self.view.rows or self.view.running)
        if self.how_many not in {None, len(left)}:
            self.doubt = "another number of rows is left"
        return left

    def _unspared(self, rows: Sequence[ListingRow]) -> list[ListingRow]:
        """Return what may die of some rows; a row of the list and one that runs are one by its id."""
        spared = {row.ref for row in self.spared}
        return [row for row in rows if not row.protected and row.ref not in spared]

    def _take(self, clause: Clause, *, corrected: bool) -> None:
        frames = clause.found.frames
        if any(
            "rest" in frame.meanings and not frame.ranks and not frame.names for frame in frames
        ):
            self._take_the_rest(clause)
            return
        if clause.act is Act.KILL and self.spared and frames and all(map(_says_how_many, frames)):
            self._kill_the_rest(frames)
            return
        rows = _clause_rows(clause, self.view, self.pending or self.told or self.killed)
        aside = clause.kind in {Kind.STATEMENT, Kind.COURTESY} and clause.act is None
        if aside and corrected and not all(frame.meanings & _PRONOUNS for frame in frames):
            self.doubt = "a correction names no row that is known"
        if clause.kind is Kind.STATEMENT:
            self._tell(clause, rows)
        elif clause.act in {Act.KILL, Act.ADD}:
            self._kill(clause, rows, corrected=corrected)
        elif clause.act is Act.SPARE:
            self._spare(clause, rows)
        elif clause.act is Act.SWAP:
            self.doubt = "one row instead of another"
        elif clause.kind is Kind.ROWS:
            self._name(clause, rows, corrected=corrected)

    def _tell(self, clause: Clause, rows: list[ListingRow]) -> None:
        frames = clause.found.frames
        reported = any(token.form in _BLOCKING_WORDS for token in clause.tokens)
        points = _has_verb(clause) and not (reported or all(map(_says_how_many, frames)))
        self.told += rows if points else []  # "5 stars, would kill again" tells of no row
        self.judged += rows if any(frame.ranks or frame.names for frame in frames) else []

    def _name(self, clause: Clause, rows: list[ListingRow], *, corrected: bool) -> None:
        if self.killed and _adds(clause):
            self.killed += rows
        elif self.killed and all(map(_says_how_many, clause.found.frames)):
            if set(rows) != set(self.killed):
                self.doubt = "so many rows, or is it only said that all is well?"
        elif corrected and self.killed:
            self.killed = rows
        elif set(rows) != set(self.killed):  # "stop the etl jobs. both of them" says it twice
            self.pending += rows

    def _take_the_rest(self, clause: Clause) -> None:
        frames = clause.found.frames
        if clause.act is None and any(frame.bare_pronoun for frame in frames):
            raise UnclearError  # "this one and her other one"
        counts = [count for frame in frames for count in frame.counts]
        narrowed = any(
            frame.conditions or frame.ranks or frame.names or frame.meanings & _NARROWING
            for frame in frames
        )
        if narrowed or len(counts) > 1 or clause.found.base or clause.found.than:
            self.doubt = "the rest of which rows?"  # "나머지에서 20코어 넘는 건"
        if self.scoped:
            self.doubt = "the rest of the topic, or of all?"
        self.how_many = counts[0] if counts else self.how_many
        if clause.act is None and self.spared and not self.killed:
            self.pending += self._left()  # "not the first. the other two, terminate"
        self.rest = self.rest or clause.act is Act.KILL

    def _spare(self, clause: Clause, rows: list[ListingRow]) -> None:
        if _REMOVALS.intersection(clause.forms):
            self.doubt = "without a card, to drop may mean to kill"
        if _adds(clause) and len(clause.found.frames) > 1:
            self.doubt = "one of these may be to be killed as well"  # "except 2 and also 3"
        if any("rest" in frame.meanings for frame in clause.found.frames):
            rows = [row for row in rows if row not in self.killed]  # "the other etl job"
        self.scoped = self.scoped or _has_topic(clause)
        among = _wider(clause, rows, self.view)
        if among:  # "etl 큐에서 4번 빼고 다"
            self.among = among
        if clause.found.base:  # "1~4 중에 2 빼고"
            self.among = _resolved(References(clause.found.base), self.view)
        self.spared += rows or self.pending or self.told
        self.pending = [row for row in self.pending if rows and row not in rows]

    def _kill(self, clause: Clause, rows: list[ListingRow], *, corrected: bool) -> None:
        frames = clause.found.frames
        before = self.pending or (self.told if not rows else [])
        self.doubt = self._doubt_of(clause, rows, corrected=corrected) or self.doubt
        if corrected and rows:  # "kill 1. no, kill 2"
            self.pending = []
            self.killed = self.killed if _adds(clause) else []
        if self.among and all(map(_says_how_many, frames)):
            rows = self._unspared(self.among)  # "1~4 중에 2 빼고 (다)"
        looked_at = [row for row in self.view.rows if row.rank == self.view.looked_at_rank]
        if not (rows or before or self.killed) and (self.spared or _names_new(clause)):
            raise UnclearError
        self.killed += rows or before or looked_at
        self.pending = []

    def _doubt_of(self, clause: Clause, rows: list[ListingRow], *, corrected: bool) -> str:
        """Return why an order to kill is not certain, as its own words and those before stand."""
        frames, forms = clause.found.frames, set(clause.forms)
        known = self.view.running or self.view.rows
        named = any(frame.says and not frame.bare_pronoun for frame in frames)
        new = bool(self.killed) and not set(rows) <= set(self.killed)
        lone = not (self.killed or self.pending or self.told or self.spared)
        lone = lone and not self.view.kills_proved
        others = any("rest" in frame.meanings and frame.names for frame in frames)
        again = all(frame.bare_pronoun or _says_how_many(frame) for frame in frames)
        again = again and (set(rows) <= set(self.pending) or set(self.pending) <= set(rows))
        apart = bool(rows and self.pending) and set(rows) != set(self.pending) and not again
        found = {
            "a protected row is not killed": any("protected" in each.meanings for each in frames),
            "several queues end like that": any(
                len(queues_of(hits, known)) > 1 for each in frames for hits in each.names
            ),
            "nothing is there yet to add to": clause.act is Act.ADD,
            "up to that row, or that row as well": "까지" in forms and len(rows) == 1 and lone,
            "another than which?": others and lone and self.view.looked_at_rank is None,
            "one row is set against another": bool(_CONTRAST & forms) and len(frames) > 1,
            "one order may take the place of the other": new and self.aside and not _adds(clause),
            "somebody else is asked": self.called and (named or bool({"you", "u"} & forms)),
            "rows were named that no clause says anything of": apart and not corrected,
        }
        return next((why for why, doubted in found.items() if doubted), "")

    def _kill_the_rest(self, frames: Sequence[Frame]) -> None:
        """Read "가운데 거 빼고 둘 다": what is left of the list must be just so many."""
        left = self._unspared(self.among or self.view.rows)
        count = next((frame.counts[0] for frame in frames if frame.counts), len(left))
        if count != len(left):
            raise UnclearError
        self.killed += left


def _wider(clause: Clause, rows: Sequence[ListingRow], view: ThreadView) -> tuple[ListingRow, ...]:
    """Return the owner's or queue's rows, or those of a size, that a spared row is one of."""
    known = view.running or view.rows
    spared = {row.ref for row in rows}
    for frame in clause.found.frames:
        groups = [Frame(names=[hits]) for hits in frame.names if hits.whole in {"user", "queue"}]
        groups += [Frame(conditions=frame.conditions)] if frame.conditions else []
        for group in groups:
            chosen = resolve(
                frame_selection(group, view, known)[0], known, view.at or datetime.now(UTC)
            )
            found = chosen.rows if isinstance(chosen, Resolved) else ()
            if spared < {row.ref for row in found}:
                return found
    return ()


def _adds(clause: Clause) -> bool:
    """Tell whether a clause says that its rows come to others: "3 as well"."""
    return bool(_MORE.intersection(clause.forms))


def _has_topic(clause: Clause) -> bool:
    """Tell whether a clause says something of some of the rows it sets as its topic."""
    taken = clause.found.taken
    return any(
        token.tag == "JX" and token.form in {"은", "는"} and min(taken) < at < max(taken)
        for at, token in enumerate(clause.tokens)
        if taken
    )


def _names_new(clause: Clause) -> bool:
    """Tell whether rows are meant that no word points at: "kill one"."""
    pointing = _POINTERS.intersection(clause.forms)
    return not pointing and any(frame.meanings for frame in clause.found.frames)


def _names_a_person(clause: Clause) -> bool:
    frames = clause.found.frames
    named = all({hits.whole for hits in frame.names} == {"user"} for frame in frames)
    alone = all(at in clause.found.taken or t.form == "," for at, t in enumerate(clause.tokens))
    return named and alone and not any(frame.meanings for frame in frames)


def _says_how_many(frame: Frame) -> bool:
    """Tell whether a conjunct says a number of rows, or all of them, and nothing else."""
    many = {"all", "both", "job", "count", "listed"}
    many |= {"pronouns"} if "both" in frame.meanings else set()
    return not (frame.ranks or frame.names or frame.conditions or frame.meanings - many)


def _clause_rows(clause: Clause, view: ThreadView, before: list[ListingRow]) -> list[ListingRow]:
    """Return the rows of a clause; a pronoun means what was spoken of before, or just looked at."""
    frames = clause.says
    if not (frames or clause.found.base):
        return []
    if all(frame.bare_pronoun for frame in frames) and not clause.found.base:
        one = clause.act is Act.KILL and "it" in clause.forms
        if one and len({row.ref for row in before}) > 1:
            raise UnclearError  # "1 is slow and 2 is slow, kill it"
        return before or [row for row in view.rows if row.rank == view.looked_at_rank]
    counts = {frame.counts[0] for frame in frames if frame.counts and _says_how_many(frame)}
    counts |= {2 for frame in frames if "both" in frame.meanings}
    if before and counts == {len(before)} and all(map(_says_how_many, frames)):
        return before  # "그 두 개"
    try:
        return list(_resolved(clause.found, view))
    except UnclearError:
        if clause.kind is Kind.STATEMENT:
            return []
        raise


class _Edit(Enum):
    """What a clause does to the open card."""

    DROP = "drop"
    ADD = "add"
    ONLY = "only"
    SWAP = "swap"
    TO = "to"
    SET = "set"
    STAY = "stay"
    WITH = "with"  # what comes in an exchange


@dataclass
class _OnCard:
    """Changes of the open card: numbers are the list's, relative words mean the card's rows."""

    view: ThreadView

    def rows(self, clauses: Sequence[Clause]) -> tuple[ListingRow, ...]:
        """Return what the card should show; raises UnclearError when it is not certain."""
        card = [row for row in self.view.rows if row.rank in self.view.on_card]
        edits: list[tuple[_Edit | None, list[ListingRow]]] = []
        told: list[ListingRow] = []
        aside: list[ListingRow] = []
        for clause in clauses:
            rows = self._clause_rows(clause)
            blocked = clause.kind is Kind.BLOCKING and clause.act is None
            if clause.kind is Kind.STATEMENT or blocked:
                told = rows or told
                aside += rows
                continue
            edit = _edit(clause)
            begins = {token.form for token in clause.tokens[:2]}
            if edits and edits[-1][0] in {_Edit.DROP, _Edit.ADD} and begins & _CORRECTIONS:
                raise UnclearError  # "drop 1. no wait, 2"
            pointing = any(frame.bare_pronoun for frame in clause.found.frames)
            rows = rows or (told if pointing or edit in {_Edit.DROP, _Edit.ADD} else [])
            if rows or edit in {_Edit.SWAP, _Edit.TO, _Edit.DROP, _Edit.ADD}:
                edits.append((edit, rows))
        shown = _applied(_merged(edits), card)
        known = {row.ref for row in (*shown, *card)}
        if any(row.ref not in known for row in aside):
            raise UnclearError  # a clause of its own names a row that goes nowhere
        mortal = {row.ref for row in shown if not row.protected}
        if not mortal or mortal == {row.ref for row in card}:
            raise UnclearError  # nothing changes: a protected row comes on no card
        return tuple(dict.fromkeys(shown))

    def _clause_rows(self, clause: Clause) -> list[ListingRow]:
        aside = all(frame.bare_pronoun or _only_rest(frame) for frame in clause.says)
        if aside and not clause.found.base:
            return []
        try:
            return self._meant(clause)
        except UnclearError:
            if clause.kind is Kind.STATEMENT:
                return []
            raise

    def _meant(self, clause: Clause) -> list[ListingRow]:
        found, frames = clause.found, clause.says
        more = any(count > len(self.view.on_card) for frame in frames for count in frame.counts)
        if all(map(_relative, frames)) and not found.than and not more:
            return list(_among(found, self.view))
        rows = list(_resolved(found, self.view))
        filtered = all(frame.conditions and not frame.names for frame in frames)
        if filtered and _edit(clause) in {_Edit.ONLY, _Edit.DROP}:
            return [row for row in rows if row.rank in self.view.on_card]
        return rows


def _only_rest(frame: Frame) -> bool:
    return "rest" in frame.meanings and not (frame.ranks or frame.names or frame.conditions)


def _edit(clause: Clause) -> _Edit | None:  # noqa: C901, PLR0911 - one line a change
    """Return what a clause does to the card; None for rows without a word of what to do."""
    forms = set(clause.forms)
    marks = {token.form for token in clause.tokens if token.tag in {"JX", "JKB"}}
    alone = "만" in marks and clause.act in {None, Act.KILL, Act.SPARE}
    if alone or forms & {"남기", "only", "just"}:
        return _Edit.ONLY
    if clause.tokens[0].form in _COMING:
        return _Edit.WITH
    if clause.act is None and "그대로" in forms:
        return _Edit.STAY
    if clause.act is Act.SWAP or forms & {"자리", "대신", "instead", "place"}:
        return _Edit.SWAP if _exchanges(clause) else _Edit.TO
    if clause.act is Act.ADD:
        return _Edit.ADD
    if clause.act is Act.SPARE:
        if forms & {"keep", "kept", "유지", "stay", "stays"} and "alive" not in forms:
            return _Edit.STAY
        return _Edit.DROP
    more = forms & (_MORE | {"추가", "add"})
    if clause.act is Act.KILL and not more:
        return _Edit.SET
    if more or forms & {"plus", "another", "+"}:
        return _Edit.ADD
    if marks & {"로", "으로"}:
        return _Edit.TO
    if forms & {"make", "meant", "mean", "instead"}:
        return _Edit.SET
    return None


def _exchanges(clause: Clause) -> bool:
    """Tell whether one row comes for another, rather than the whole card anew: "3번으로 바꿔줘"."""
    forms = clause.forms
    named = any(token.tag == "JKO" for token in clause.tokens)
    anew = any(token.form in {"로", "으로"} for token in clause.tokens) or "instead" in forms
    return named or bool({"with", "for", "by", "of", "자리", "대신"} & set(forms)) or not anew


def _merged(
    edits: Sequence[tuple[_Edit | None, list[ListingRow]]],
) -> list[tuple[_Edit, list[ListingRow]]]:
    """Give rows without an act that of the clause they belong to: "2 not 3", "1이요"."""
    found: list[tuple[_Edit, list[ListingRow]]] = []
    dropping = any(edit is _Edit.DROP for edit, _ in edits)
    for place, (edit, rows) in enumerate(edits):
        following = edits[place + 1] if place + 1 < len(edits) else None
        if edit is None and following is not None and following[0] is not None and not following[1]:
            found.append((following[0], rows))
        elif edit in {None, _Edit.WITH} and found and found[-1][0] is _Edit.SWAP:
            found[-1][1].extend(rows)  # "swap 3 for 4", "4 대신 1번 올려줘"
        elif edit is None and (dropping or edits[place - 1][0] is _Edit.ADD):
            found.append((_Edit.ADD, rows))
        elif edit in {None, _Edit.WITH}:
            raise UnclearError
        elif rows or (following is not None and following[0] is _Edit.WITH):
            found.append((edit, rows))
    return found


def _applied(
    edits: Sequence[tuple[_Edit, list[ListingRow]]], card: list[ListingRow]
) -> list[ListingRow]:
    shown = list(card)
    dropped = any(edit is _Edit.DROP for edit, _ in edits)
    for edit, rows in edits:
        left = [row for row in shown if row not in rows]
        coming = [row for row in rows if row not in shown]
        leaves = len(left) < len(shown)
        match edit:
            case _Edit.DROP:
                shown = left
            case _Edit.ADD:
                shown += coming
            case _Edit.SWAP if len(shown) - len(left) == len(coming) == 1:
                shown = left + coming
            case _Edit.SWAP | _Edit.TO if dropped and not leaves:
                shown += coming
            case _Edit.SWAP if leaves:
                raise UnclearError
            case _Edit.ONLY | _Edit.SET | _Edit.TO | _Edit.SWAP:
                shown = list(rows)
    return shown


_PLACED = set(listed("top bottom middle most least more fewer oldest newest all both"))


def _relative(frame: Frame) -> bool:
    """Tell whether a conjunct speaks of the card's rows by place or size, not by the list's numbers."""
    if frame.names or frame.conditions or (frame.ranks and not frame.ordinal):
        return False
    return bool(frame.ordinal or frame.meanings & _PLACED or frame.counts)


def _among(found: References, view: ThreadView) -> tuple[ListingRow, ...]:
    card = tuple(row for row in view.rows if row.rank in view.on_card)
    placed = tuple(replace(row, rank=place) for place, row in enumerate(card, start=1))
    for frame in found.frames:
        frame.compared = True
    inner = replace(view, rows=placed, running=placed, on_card=())
    chosen = {row.ref for row in _resolved(found, inner)}
    return tuple(row for row in card if row.ref in chosen)
