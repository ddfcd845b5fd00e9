"""Where an application's cores come from, in words."""

from collections.abc import Sequence

from bot.domain.applications import Measurement, Source
from bot.domain.core_usage import UsageSum
from bot.domain.language import Language, Text
from bot.texts import figures

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
            wasted=figures.number(each.wasted),
            granted=figures.number(each.granted),
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
        words.append(WINDOW(language, span=figures.duration(measurement.window, language)))
    if measurement.read is not None and measurement.of:
        words.append(NODES(language, read=measurement.read, of=measurement.of))
    return USED(language, how=", ".join(words))
