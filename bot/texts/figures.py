"""Figures with their units, the same way everywhere, and what of them is missing and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.domain.applications import Basis, Measurement, Source
from bot.domain.core_usage import UsageSum, Weighed
from bot.domain.language import Language, Text
from bot.errors import FaultKind, FaultReason, Missing

GIB = 1024**3
UNKNOWN = "–"
POINTS = Text(ko="{value}%p", en="{value} points")
CORES = Text(ko="{value}코어", en="{value} cores")
MINUTES = Text(ko="{m}분", en="{m} min")
HOURS = Text(ko="{h}시간 {m}분", en="{h} h {m} min")
WHOLE_HOURS = Text(ko="{h}시간", en="{h} h")
WHOLE_DAYS = Text(ko="{d}일", en="{d} d")
DAYS = Text(ko="{d}일 {h}시간", en="{d} d {h} h")
SECONDS = Text(ko="{s}초", en="{s} s")
GRANTED = Text(ko="할당", en="granted")
BASIS = {
    Basis.MEASURED: Text(ko="실사용", en="used"),
    Basis.BOUND: Text(ko="바쁜 슬롯 기준 상한", en="at most, by busy slots"),
    Basis.GRANTED: Text(ko="할당량", en="granted"),
}


def percent(value: float | None) -> str:
    """Return `91%`, or a dash when unknown; one decimal under 10."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}%" if 0 < abs(value) < 9.95 else f"{value:.0f}%"  # noqa: PLR2004 - where rounding shows 10


def points(value: float, language: Language) -> str:
    """Return a difference of percentages with its sign: `-37%p`, `-37 points`."""
    return POINTS(language, value=f"{value:+.0f}")


def share(value: float | None) -> str:
    """Return a part of a whole (0 to 1) as a percentage."""
    return UNKNOWN if value is None else percent(value * 100)


def number(value: float | None) -> str:
    """Return a count without needless decimals: `56`, `7.8`; a dash when unknown."""
    if value is None:
        return UNKNOWN
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004 - two digits are enough


def cores(value: float | None, language: Language) -> str:
    """Return cores with their unit."""
    return UNKNOWN if value is None else CORES(language, value=number(value))


def core_pair(item: Weighed) -> str:
    """Return used and granted cores: `6.1 / 8`, `≥ 3.1 / 8`, `≤ 6 / 8`, `– / 8`.

    Where nothing tells used cores, the granted ones alone; where granted ones are not told, the used.
    """
    if Basis(item.cores_basis) is Basis.GRANTED:
        return number(item.cores)
    sign = "≤ " if Basis(item.cores_basis) is Basis.BOUND else "≥ " if item.partly else ""
    used = f"{sign}{number(item.cores)}" if item.cores is not None else UNKNOWN
    return used if item.granted_cores is None else f"{used} / {number(item.granted_cores)}"


def judged_cores(value: float, basis_: str, language: Language) -> str:
    """Return the cores of a verdict; granted ones, and upper bounds, say what they are."""
    shown = cores(value, language)
    return shown if Basis(basis_) is Basis.MEASURED else f"{shown} ({basis(basis_, language)})"


def cores_of(item: Weighed, language: Language) -> str:
    """Return used and granted cores with their unit and what they are."""
    value = CORES(language, value=core_pair(item))
    what = basis(item.cores_basis, language)
    pair = Basis(item.cores_basis) is not Basis.GRANTED and item.granted_cores is not None
    granted = f" / {GRANTED(language)}" if pair else ""
    return f"{value} ({what}{granted})"


def gib(value: float | None) -> str:
    """Return bytes as GiB."""
    return UNKNOWN if value is None else f"{number(value / GIB)} GiB"


def rate(value: float | None) -> str:
    """Return bytes per second as MB/s."""
    return UNKNOWN if value is None else f"{value / 1e6:,.0f} MB/s"


def duration(value: timedelta | None, language: Language) -> str:
    """Return `38분`, `6시간 50분`, `2일 3시간`, a dash when unknown; seconds only under a minute."""
    if value is None:
        return UNKNOWN
    seconds = int(value.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return (DAYS if hours else WHOLE_DAYS)(language, d=days, h=hours)
    if hours:
        return (HOURS if minutes else WHOLE_HOURS)(language, h=hours, m=minutes)
    if minutes:
        return MINUTES(language, m=minutes)
    return SECONDS(language, s=seconds)


def clock_time(at: datetime, zone: tzinfo) -> str:
    """Return a time of day with its zone, e.g. `17:02:35 KST`."""
    return at.astimezone(zone).strftime("%H:%M:%S %Z")


def minute_time(at: datetime, zone: tzinfo) -> str:
    """Return a time of day to the minute, e.g. `17:02`."""
    return at.astimezone(zone).strftime("%H:%M")


def date_time(at: datetime, zone: tzinfo) -> str:
    """Return a date and a time of day with its zone, e.g. `11-21 17:02 KST`."""
    return at.astimezone(zone).strftime("%m-%d %H:%M %Z")


def basis(value: Basis | str, language: Language) -> str:
    """Return whether a figure was measured or granted."""
    return BASIS[Basis(value)](language)


OWNERS = 5
SOURCES = {
    Source.QUERY: Text(ko="Prometheus 질의 실측", en="measured by your Prometheus query"),
    Source.CONTAINERS: Text(ko="컨테이너 실측(Prometheus)", en="containers measured (Prometheus)"),
    Source.PROCESSES: Text(ko="process-exporter 실측", en="measured by process-exporter"),
    Source.NODE_MANAGERS: Text(ko="NodeManager 실측", en="measured by NodeManagers"),
    Source.SLOTS: Text(
        ko="Spark의 바쁜 태스크 슬롯(상한)", en="busy Spark task slots, an upper bound"
    ),
}
WINDOW = Text(ko="최근 {span}", en="last {span}")
NODES = Text(ko="노드 {read}/{of}", en="nodes {read}/{of}")
USED = Text(ko="코어 사용량은 {how}", en="cores used: {how}")
BY_GRANTED = Text(
    ko="할당 기준, 실사용은 측정되지 않음", en="by granted cores, use is not measured"
)


SPENT = Text(
    ko="{since}부터 쓰지 않은 코어·시간: {owners}.",
    en="Core-hours not used since {since}: {owners}.",
)
OWNER = Text(ko="{owner} {wasted} (할당 {granted})", en="{owner} {wasted} (of {granted} granted)")


def spent(sums: Sequence[UsageSum], since: str, language: Language) -> str:
    """Return who left most of what was granted unused, the most first."""
    owners = (
        OWNER(
            language,
            owner=each.owner,
            wasted=number(each.wasted),
            granted=number(each.granted),
        )
        for each in sorted(sums, key=lambda each: -each.wasted)[:OWNERS]
    )
    return SPENT(language, since=since, owners=", ".join(owners))


def measured(measurement: Measurement | None, language: Language) -> str:
    """Return the source of used cores, its window and coverage, or that nothing tells them."""
    if measurement is None:
        return BY_GRANTED(language)
    words = [SOURCES[measurement.source](language)]
    if measurement.window is not None:
        words.append(WINDOW(language, span=duration(measurement.window, language)))
    if measurement.read is not None and measurement.of:
        words.append(NODES(language, read=measurement.read, of=measurement.of))
    return USED(language, how=", ".join(words))


# Which part of the picture is missing, and why.
SYSTEMS = {
    "prometheus": Text(ko="Prometheus(측정값)", en="Prometheus (measurements)"),
    "alertmanager": Text(ko="Alertmanager(알람)", en="Alertmanager (alerts)"),
    "yarn": Text(ko="YARN ResourceManager", en="YARN ResourceManager"),
    "spark": Text(ko="Spark 마스터", en="Spark master"),
    "gateway": Text(ko="클러스터 게이트웨이", en="the cluster's gateway"),
    "operation_manual": Text(ko="운영 매뉴얼", en="operation manual"),
    "operation_history": Text(ko="운영 이력", en="incident history"),
    "web": Text(ko="웹 검색", en="web search"),
}
KINDS = {
    FaultKind.NOT_CONFIGURED: Text(ko="설정되지 않았습니다", en="is not configured"),
    FaultKind.UNREACHABLE: Text(ko="연결되지 않습니다", en="cannot be reached"),
    FaultKind.TIMEOUT: Text(ko="제때 응답하지 않습니다", en="did not answer in time"),
    FaultKind.REFUSED: Text(ko="접근을 거부했습니다", en="refused access"),
    FaultKind.STANDBY: Text(ko="활성 노드를 찾지 못했습니다", en="has no active node"),
    FaultKind.FAILED: Text(ko="오류를 돌려주었습니다", en="answered with an error"),
    FaultKind.BAD_ANSWER: Text(ko="읽을 수 없는 답을 보냈습니다", en="sent an unreadable answer"),
    FaultKind.NO_DATA: Text(ko="값이 없거나 오래되었습니다", en="has no recent data"),
    FaultKind.HIDDEN: Text(ko="일부 수치를 숨깁니다", en="hides some figures"),
    FaultKind.PARTIAL: Text(ko="일부만 답했습니다: {detail}", en="answered in part: {detail}"),
    FaultKind.IMPLAUSIBLE: Text(
        ko="있을 수 없는 값을 보냈습니다: {detail}", en="sent an impossible figure: {detail}"
    ),
    FaultKind.SETTLING: Text(
        ko="방금 넘겨받아 아직 온전하지 않습니다(노드와 수치가 돌아오는 중)",
        en="has just taken over and is not whole yet: nodes and figures are coming back",
    ),
    FaultKind.UNMATCHED: Text(
        ko="노드 이름이 스케줄러와 맞지 않습니다({detail})",
        en="calls its nodes otherwise than the scheduler does ({detail})",
    ),
}
REASONS = {
    FaultReason.NAME: Text(
        ko="주소의 호스트 이름을 찾을 수 없습니다", en="has a host name that does not resolve"
    ),
    FaultReason.CLOSED: Text(ko="포트가 닫혀 있습니다", en="refuses the connection"),
    FaultReason.FOREIGN_CA: Text(
        ko="인증서를 믿을 수 없습니다", en="has a certificate that is not trusted here"
    ),
    FaultReason.NOT_TLS: Text(ko="https가 아니라 http를 씁니다", en="speaks http, not https"),
    FaultReason.TLS_WANTED: Text(ko="http가 아니라 https를 씁니다", en="speaks https, not http"),
    FaultReason.TLS: Text(ko="TLS 연결에 실패했습니다", en="failed at TLS"),
    FaultReason.PROXY: Text(ko="프록시가 거부했습니다", en="is not let through by the proxy"),
    FaultReason.REDIRECT: Text(ko="다른 곳으로 넘깁니다", en="sends elsewhere"),
    FaultReason.LOGIN: Text(
        ko="로그인 화면을 보냈습니다", en="sent a page for people, such as a sign-in"
    ),
    FaultReason.NOT_FOUND: Text(ko="그 경로를 모릅니다", en="does not know that path"),
    FaultReason.CREDENTIALS: Text(ko="인증을 요구합니다", en="wants credentials"),
    FaultReason.FORBIDDEN: Text(ko="접근을 거부했습니다", en="refused access"),
    FaultReason.LIMIT: Text(
        ko="요청이 몰려 지금은 답하지 않습니다", en="is busy and takes no requests now"
    ),
    FaultReason.NEGOTIATE: Text(ko="Kerberos 인증을 요구합니다", en="wants Kerberos"),
    FaultReason.NO_TICKET: Text(
        ko="Kerberos 티켓이 없습니다", en="was not asked: there is no Kerberos ticket"
    ),
    FaultReason.EXPIRED_TICKET: Text(
        ko="Kerberos 티켓이 만료되었습니다", en="was not asked: the Kerberos ticket has expired"
    ),
    FaultReason.ADDRESS: Text(
        ko="IP 주소로는 Kerberos 인증을 할 수 없습니다",
        en="was not asked: Kerberos wants a host name, not an address",
    ),
}
HIDDEN = Text(
    ko="YARN이 {count}개 잡의 수치를 숨깁니다(YARN_USER에 조회 권한 VIEW_APP이 없습니다)",
    en="YARN hides the figures of {count} jobs (YARN_USER lacks the right VIEW_APP)",
)
SPECIAL: dict[tuple[str, FaultKind | FaultReason], Text] = {
    ("yarn", FaultKind.HIDDEN): HIDDEN,
    ("web", FaultKind.NO_DATA): Text(
        ko="질문에 밖으로 보내도 되는 말이 없어 웹은 검색하지 않았습니다",
        en="the web was not asked, as nothing in the question may leave the house",
    ),
    ("web", FaultKind.NOT_CONFIGURED): Text(
        ko="웹 검색에는 TAVILY_API_KEY 설정이 필요합니다",
        en="searching the web takes the setting TAVILY_API_KEY",
    ),
    ("web", FaultReason.CREDENTIALS): Text(
        ko="웹 검색이 TAVILY_API_KEY를 거부했습니다",
        en="the web search refused TAVILY_API_KEY",
    ),
    ("web", FaultReason.LIMIT): Text(
        ko="웹 검색(Tavily)의 사용 한도를 다 썼습니다",
        en="the plan of the web search (Tavily) is used up",
    ),
}
"""Whole sentences for what its system's name alone does not explain."""
_ADDED = frozenset(
    {
        FaultKind.HIDDEN,
        FaultKind.PARTIAL,
        FaultKind.IMPLAUSIBLE,
        FaultKind.SETTLING,
        FaultKind.UNMATCHED,
    }
)
TAKEN_OVER = Text(
    ko="YARN ResourceManager가 방금 넘겨받아 아직 온전하지 않습니다. 노드와 잡의 수치가 1분 안에 돌아옵니다.",
    en="YARN's ResourceManager has just taken over and is not whole yet. Nodes and figures of jobs come back within a minute.",
)
NAMED = Text(ko="{name}: {words}", en="{name} {words}")
LINE = Text(ko="확인 못한 것: {parts}.", en="Missing: {parts}.")


def takeover(missing: Iterable[Missing], language: Language) -> str:
    """Return what to say first while a ResourceManager is not whole yet, or an empty string."""
    settling = any(item.kind is FaultKind.SETTLING for item in missing)
    return TAKEN_OVER(language) if settling else ""


def why_of(item: Missing) -> Text:
    """Return the words for why a part is missing: the cause where it is known, else its kind."""
    known = KINDS[item.kind] if item.reason is None else REASONS[item.reason]
    return _special(item) or known


def _special(item: Missing) -> Text | None:
    return SPECIAL.get((item.system, item.reason or item.kind))


def said(missing: Iterable[Missing], language: Language) -> str:
    """Return one line naming each missing system once, or an empty string."""
    parts: dict[tuple[str, str], str] = {}
    for item in missing:
        system = SYSTEMS.get(item.system)
        name = system(language) if system else item.system
        words = why_of(item)(language, count=item.count, detail=item.detail)
        # One failure of a system tells for all that follow from it; what is left out adds to it.
        told = item.kind.value if item.kind in _ADDED else ""
        parts.setdefault(
            (item.system, told),
            words if _special(item) else NAMED(language, name=name, words=words),
        )
    return LINE(language, parts="; ".join(parts.values())) if parts else ""
