"""The words, emoji and fields by which monitoring tools and people tell states, and where they stand."""

import re
from collections.abc import Iterator
from enum import IntEnum

from bot.domain.alerts import Metric


class Sense(IntEnum):
    """What a word says: the alert began, goes on between, or is over."""

    FIRES = 1
    BETWEEN = 2
    ENDS = 3


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, as a set."""
    return frozenset(text.split())


# Between a name and its state.
COPULA = words_of(
    "is are has have been now state status to back of into became become check turned in a the"
    " returned crossed reached entered went currently as be"
)
NOUNS = words_of("alert alarm incident notification event alerts page")
STATES: dict[Sense, frozenset[str]] = {
    Sense.FIRES: words_of(
        "firing alerting triggered retriggered re-triggered problem breached breach violated"
        " violation offline unreachable opened open active activated raised started unresolved ongoing failing"
        " unhealthy abnormal anomalous anomaly degraded down unknown"
        " fired fires persists renotify re-notify reopened escalating bad tripped"
        " critical crit warning warn major minor fatal emergency severe disaster urgent panic"
    )
    | NOUNS,
    Sense.BETWEEN: words_of(
        "acknowledged acknowledgement acknowledgment acked ack unacknowledged silenced silence"
        " muted mute unmuted snoozed snooze downtime maintenance suppressed inhibited assigned"
        " reassigned unassigned delegated escalated commented comment note flapping"
        " downtimestart downtimeend investigating claimed"
    ),
    Sense.ENDS: words_of(
        "resolved recovered recovery ok okay cleared clear closed ended normal normalized"
        " normalised up healthy fixed succeeded success restored inactive finished settled stable"
        " subsided deactivated rearmed passing solved stopped reset operational online available recovers resolves"
    ),
}
KOREAN: tuple[tuple[Sense, re.Pattern[str]], ...] = (
    (
        Sense.BETWEEN,
        re.compile(
            r"확인\s?(?:됨|완료|함)|인지(?:됨|함|\s?완료)|접수(?!\s?번호)|점검|유지\s?보수|음소거|무음|스누즈"
            r"|다운타임|작업\s?중|담당자\s?(?:지정|배정|변경)|알림\s?(?:중지|끔)|억제|보류|댓글"
        ),
    ),
    (
        Sense.FIRES,
        re.compile(
            r"비정상|미해[결소]|미복구|재발|발생|장애|경고|위험|긴급|심각|주의|치명|초과(?=했|하였|됐|되었)"
            r"|이상\s?(?:감지|발생|징후|탐지)|임계\S*\s?(?:도달|돌파)|감지|탐지|지속\s?중|다운(?!타임)|경보|알람"
        ),
    ),
    (
        Sense.ENDS,
        re.compile(
            r"해소|해제|해결|복구|(?<!비)정상(?!\s?(?:범위|수준|치|값))|회복|복귀|종료|종결|원복"
            r"|정상\s?(?:범위|수준|치|값)\S*\s?(?:돌아|복귀|회복|진입|들어|내려)"
            r"|이상\s?없음|안정(?:화|\s?상태|됨)|소멸|양호|(?:처리|조치)\s?완료|내려(?:옴|왔)|가라앉"
        ),
    ),
)
# What follows an end that has not come: "해소되지 않음", "복구 필요", "종료 예정".
NOT_YET = re.compile(
    r"[가이은는을를]?(?:(?:되|하)?지\s?(?:않|못)|\s?(?:안|못)\s?[됨되]"
    r"|\s?(?:필요|예정|요망|바랍|요청|불가|지연|대기|실패|작업|중))"
)
GOOD_EMOJI = re.compile(
    r":[\w+-]*(?:check|green|ok\b|tada|resolved|thumbsup|relieved|sunny|recover|blue_heart"
    r"|ice_cube|snowflake|rainbow|smile|raised_hands|clap|dove|four_leaf)[\w+-]*:"
    "|[✅🟢🟩☑✔🎉👌🆗💚💙👍🌤☀🌈😌🙂😀😊😄🙌👏🧊❄🍀🕊🆒]"
)
BAD_EMOJI = re.compile(
    r":[\w+-]*(?:fire|rotating_light|red_|siren|bomb|skull|boom|no_entry|exclamation|sos|alarm"
    r"|octagonal|warning|bangbang|large_orange|large_yellow|\bx\b|down|alert|critical|scream|thermometer|hot_face)[\w+-]*:"
    "|[🔥🚨🔴🟥🟠🟧🟡🟨⚠❗‼💥💣🆘⛔🛑❌☠💀📛🔺😱🥵😡🌡🌋]"
)
BETWEEN_EMOJI = re.compile(
    r":[\w+-]*(?:hammer|wrench|construction|mute|zzz|no_bell|bell_with_slash|eyes|memo|speech"
    r"|hourglass|calendar|raising_hand|bust_in)[\w+-]*:|[🔧🛠🚧🔕🔇💤👀📝💬⏳]"
)
EMOJI = re.compile(r":[a-z0-9_+-]{2,40}:|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]")
# Words a name may have of which nothing is learnt.
EMPTY = COPULA | words_of(
    "prometheus alertmanager grafana cloudwatch zabbix nagios icinga datadog monitoring monitor"
    " notification message description summary details detail type info information service host"
    " check the a an is are has have been was in on of at for from to state status now alert"
    " alarm incident event linux additional reason affected back kibana opsgenie pagerduty new"
    " server relic high low medium average by and with all alerts everything fine again good things currently rule labels annotations value source"
    " 알림 알람 경보 이벤트 모니터링 시스템 상태 안내 서버 현재"
)
METRICS: tuple[tuple[Metric, re.Pattern[str]], ...] = tuple(
    (metric, re.compile(pattern, re.IGNORECASE))
    for metric, pattern in (
        (
            Metric.NO_DATA,
            (
                r"data\s?source\s?error|\bno\s?data\b|failed to (?:query|evaluate)|missing data|absent"
                r"|데이터\s?(?:없음|소스)|수집\s?(?:중단|실패|불가)|no value\]"
            ),
        ),
        (Metric.THROTTLING, r"throttl|\bcfs\b|[스쓰]로틀"),
        (Metric.WAITING, r"\bio[\s_-]?wait|\bi/o wait|\biowait|\bsteal\b|디스크 대기"),
        (Metric.GPU, r"\bgpus?\b|\bcuda\b|nvidia|\bdcgm\b|vram|그래픽"),
        (
            Metric.HDFS,
            (r"hdfs|name\s?node|under.?replicated|\bdfs\b|missing blocks|블록 (?:유실|손상)"),
        ),
        (
            Metric.DISK,
            (
                r"\bdisks?\b|file\s?system|\binodes?\b|\bmount|\bvolume|\bstorage\b|\biops\b|partition"
                r"|디스크|파일\s?시스템|볼륨|스토리지|저장\s?(?:공간|소)|\B/data\d*\b"
            ),
        ),
        (
            Metric.MEMORY,
            (r"\bmem\b|memory|\bheap\b|\boom|\bswap|\bram\b|메모리|힙\s?(?:사용|메모)|스왑|\bgc\b"),
        ),
        (
            Metric.NETWORK,
            (
                r"\bnetwork|bandwidth|\bpackets?\b|\bnic\b|\btcp\b|\b[rt]x\b|\blatency\b|네트워크|트래픽|대역폭"
            ),
        ),
        (  # of a processor, but nothing that an application's end would mend
            Metric.OTHER,
            (
                r"\btemp(?:erature)?\b|\bdegrees\b|\bfan\b|voltage|\brpm\b|온도|전압|팬\s?속도|\bis down\b"
                r"|\A(?!(?s:.)*\b(?:idle|free)\b)(?s:.)*(?:\bbelow the threshold|\btoo low|\bunder-?(?:us|util)|미만)"
            ),
        ),
        (
            Metric.LOAD,
            (
                r"load\s?av(?:era)?g|\bload\s?(?:1|5|15)\b|\bhigh\s?load\b|\bload\s?(?:is\s)?(?:too\s)?high\b"
                r"|system load|로드\s?(?:애버리지|평균)|평균\s?부하"
            ),
        ),
        (
            Metric.CPU,
            (
                r"cpu|processor|\bvcores?\b|core usage|프로세서|씨피유|가동\s?[률율]|부하"
                r"|(?:cluster|server|node|host|system|yarn)\s?(?:\w+\s)?(?:utili[sz]ation|usage|load|busy)"
                r"|(?:클러스터|서버|노드|시스템)\s?(?:전체\s)?(?:사용\s?[률율]|점유\s?[률율])"
            ),
        ),
    )
)
METRIC_WORD = re.compile(
    "|".join(f"(?:{pattern.pattern})" for _, pattern in METRICS)
    + r"|utili[sz]ation|\busage\b|saturat|\bload\b|사용\s?[률율]|점유\s?[률율]",
    re.IGNORECASE,
)


# Words for states, counts and limits in a text, each where it stands.


BRACKET = re.compile(r"[\[(【<]\s?([^\[\]()【】<>]{1,60}?)\s?[\])】>]")
_WORD = re.compile(r"(?<![\w.\-/])(?:[Rr]e-)?[A-Za-z]+(?![\w\-/]|\.\w)")
_COUNTED = re.compile(
    r"\b([A-Za-z]+|발생|장애|경고|위험|해소|해제|해결|복구|정상)\s?[:\-–]\s?(\d+)(?=\s?[\],*)]|$)"
    r"|\b(\d+)\s?(?:alert\(s\)|alerts?|건|개)?\s?(firing|resolved|발생|해소|해제|해결|복구)",
    re.IGNORECASE,
)
NOT = frozenset({"not", "never", "no", "isn't", "hasn't", "n't", "longer"})
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트|percent)", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:threshold|limit|above|over|exceed\w*|greater than|more than|기준\S?|임계\S*|한도|>=?|≥)"
    r"\s*(?:value|of|is|값|치|[:=`*(])*\s*(?P<after>\d{1,3}(?:\.\d+)?)(?![\d.]*\d|\s?[gmk]i?b)"
    r"|(?P<before>\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트)(?:를|을)?\s?(?:초과|이상|넘)",
    re.IGNORECASE,
)
_REMAINS = re.compile(r"\bfree\b|available|remaining|\bidle\b|여유|남은|잔여|가용", re.IGNORECASE)
_WHOLE, _HIGH = 100.0, 80.0


def threshold_in(text: str) -> float | None:
    """Return the percentage the alert fires above, as its text tells; or None."""
    for match in _LIMIT.finditer(text):
        value = float(match["after"] or match["before"])
        if 1.0 < value <= _WHOLE:
            return value
    return None


def value_in(text: str) -> float | None:
    """Return the percentage a post tells, which is not its threshold; or None."""
    limit = threshold_in(text)
    values = (float(match[1]) for match in _PERCENT.finditer(text))
    return next((value for value in values if value != limit and value <= _WHOLE), None)


def height_of(text: str) -> str:
    """Return where a post's figure stands: over or under its limit, high or low; empty without one."""
    limit, value = threshold_in(text), value_in(text)
    if value is None or _REMAINS.search(text):
        return ""
    if limit is not None:
        return "over" if value >= limit else "under"
    return "high" if value >= _HIGH else "low"


def spaced(text: str) -> str:
    """Return a text with the words of CamelCase set apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)


def state_words(text: str) -> Iterator[tuple[int, int, Sense]]:
    """Yield (start, end, sense) of every word for a state, in order for each language."""
    before: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        sense = next((each for each, known in STATES.items() if word in known), None)
        if sense is not None:
            if sense is not Sense.BETWEEN and NOT & set(before[-2:]):
                sense = Sense.FIRES if sense is Sense.ENDS else Sense.ENDS
            yield match.start(), match.end(), sense
        before.append(word)
    for sense, pattern in KOREAN:
        for match in pattern.finditer(text):
            late = sense is Sense.ENDS and NOT_YET.match(text, match.end())
            yield match.start(), match.end(), Sense.FIRES if late else sense


def counts_in(line: str) -> Iterator[Sense]:
    """Yield what a line counts: alerts that fire, that are over."""
    for match in _COUNTED.finditer(line):
        word, count = (match[1], match[2]) if match[1] else (match[4], match[3])
        said = next(state_words(word), None)
        if said and word.casefold() not in NOUNS and int(count[:6]) > 0:
            yield said[2]
