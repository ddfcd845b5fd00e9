"""Figures with their units, the same way everywhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from bot.domain.applications import Basis, Measurement, Source
from bot.domain.core_usage import UsageSum, Weighed
from bot.domain.language import Language, Text

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
