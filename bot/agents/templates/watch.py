"""A promise to tell when, and its being kept."""

from bot.agents.facts import WatchFacts
from bot.agents.templates.capacity import ANYWHERE, QUEUE, amount
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Button, Buttons, Paragraph, Span, plain
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Watch, WatchKind
from bot.domain.language import Language, Text
from bot.texts import figures

WHEN = {
    WatchKind.CPU_BELOW: Text(ko="CPU가 {percent} 아래로 내려가면", en="CPU falls below {percent}"),
    WatchKind.CPU_ABOVE: Text(ko="CPU가 {percent}를 넘으면", en="CPU rises above {percent}"),
    WatchKind.MEMORY_BELOW: Text(
        ko="메모리가 {percent} 아래로 내려가면", en="memory falls below {percent}"
    ),
    WatchKind.MEMORY_ABOVE: Text(
        ko="메모리가 {percent}를 넘으면", en="memory rises above {percent}"
    ),
    WatchKind.ENDED: Text(ko="{names}이(가) 끝나면", en="{names} has ended"),
    WatchKind.RELAUNCHED: Text(ko="{names}이(가) 다시 뜨면", en="{names} runs again"),
    WatchKind.ROOM: Text(ko="{place}에 {need}자리가 나면", en="{place} has room{need}"),
}
SO = {
    WatchKind.CPU_BELOW: Text(
        ko="CPU가 {seen}입니다(기준 {percent} 아래).", en="CPU is at {seen}, below {percent}."
    ),
    WatchKind.CPU_ABOVE: Text(
        ko="CPU가 {seen}입니다(기준 {percent} 위).", en="CPU is at {seen}, above {percent}."
    ),
    WatchKind.MEMORY_BELOW: Text(
        ko="메모리가 {seen}입니다(기준 {percent} 아래).", en="Memory is at {seen}, below {percent}."
    ),
    WatchKind.MEMORY_ABOVE: Text(
        ko="메모리가 {seen}입니다(기준 {percent} 위).", en="Memory is at {seen}, above {percent}."
    ),
    WatchKind.ENDED: Text(ko="{names}이(가) 끝났습니다.", en="{names} has ended."),
    WatchKind.RELAUNCHED: Text(
        ko="{names}이(가) 다시 떴습니다: {ids}.", en="{names} runs again: {ids}."
    ),
    WatchKind.ROOM: Text(
        ko="{place}에 {need}자리가 났습니다.", en="There is room{need} in {place}."
    ),
}
PROMISE = Text(
    ko="{when} 이 스레드에 한 번 알려 드리겠습니다. {time}까지 지켜봅니다.",
    en="I will say so here, once, when {when}. I keep watching until {time}.",
)
ALREADY = Text(ko="이미 그렇습니다. {so}", en="That is so already. {so}")
FULL = Text(
    ko="이 스레드에서 이미 {count}가지를 지켜보고 있습니다. 하나를 그만두게 한 뒤 다시 말씀해 주세요.",
    en="I am watching {count} things in this thread already. Stop one of them first.",
)
ASKED = Text(ko=" 부탁하신 알림입니다, ", en=" As you asked, ")
END = Text(ko=" 님.", en=".")
STOP = Text(ko="그만 지켜보기", en="Stop watching")
NEED = Text(ko="{need} ", en=" for {need}")


def promised(facts: WatchFacts, voice: Voice) -> Wording:
    """Say what is watched and until when; or that it is so already."""
    language, watch = voice.language, facts.watch
    ids = tuple(each.ref.id for each in watch.applications)
    if facts.full:
        sentence = FULL(language, count=facts.most)
        return Wording(sentence, (plain(sentence),), ids)
    if facts.already:
        sentence = ALREADY(language, so=so(watch, facts.metrics, (), language))
        return Wording(sentence, (plain(sentence),), ids)
    when = WHEN[watch.wanted.kind](language, **_values(watch, language))
    sentence = PROMISE(language, when=when, time=voice.moment(watch.expires_at))
    stop = Buttons((Button("cancel_watch", STOP(language), watch.id),))
    return Wording(sentence, (plain(sentence), stop), ids)


def kept(watch: Watch, metrics: ClusterMetrics, again: tuple[str, ...]) -> Wording:
    """Tell who asked that it has come true; `again` are the ids that run anew."""
    sentence = so(watch, metrics, again, watch.language)
    spans = [bold(sentence), Span(ASKED(watch.language)), Span(watch.asker, user=watch.asker)]
    ids = again or tuple(each.ref.id for each in watch.applications)
    return Wording(sentence, (Paragraph((*spans, Span(END(watch.language)))),), ids)


def so(watch: Watch, metrics: ClusterMetrics, again: tuple[str, ...], language: Language) -> str:
    """Return the sentence that says what is so."""
    memory = watch.wanted.kind in {WatchKind.MEMORY_ABOVE, WatchKind.MEMORY_BELOW}
    gauge = metrics.memory if memory else metrics.cpu
    seen = figures.percent(gauge.percent if gauge else None)
    values = _values(watch, language) | {"seen": seen, "ids": ", ".join(again) or figures.UNKNOWN}
    return SO[watch.wanted.kind](language, **values)


def _values(watch: Watch, language: Language) -> dict[str, str]:
    need = watch.wanted.need
    asked = amount(need, language)
    return {
        "percent": figures.percent(watch.wanted.percent),
        "names": ", ".join(dict.fromkeys(each.name for each in watch.applications)),
        "place": QUEUE(language, name=need.queue) if need.queue else ANYWHERE(language),
        "need": NEED(language, need=asked) if asked else "",
    }
