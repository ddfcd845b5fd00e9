"""Lists of applications, and what they hold together: how the list was made comes first."""

from collections.abc import Sequence
from datetime import timedelta

from bot.agents.facts import ListFacts, TotalFacts
from bot.agents.templates.wording import Voice, Wording, bold, settling_first
from bot.domain.answers import Button, Buttons, Note, Paragraph, Part, Span, Table, plain
from bot.domain.applications import Basis, span
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.language import Language, Text
from bot.domain.listings import MAX_ROWS, Total
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Exceeding,
    Field,
    Having,
    Holding,
    LongerThan,
    Measure,
    Pronoun,
    Protected,
    Ranks,
    Selection,
    Top,
    Without,
)
from bot.texts import figures

HEADS = {
    "rank": Text(ko="#", en="#"),
    "name": Text(ko="잡", en="Job"),
    "id": Text(ko="ID", en="ID"),
    "user": Text(ko="사용자", en="Owner"),
    "queue": Text(ko="큐", en="Queue"),
    "cores": Text(ko="코어", en="Cores"),
    "used_cores": Text(ko="사용 / 할당 코어", en="Cores used / granted"),
    "granted_cores": Text(ko="할당 코어", en="Granted cores"),
    "memory": Text(ko="메모리", en="Memory"),
    "share": Text(ko="비율", en="Share"),
    "time": Text(ko="실행 시간", en="Running"),
    "waits": Text(ko="대기 시간", en="Waiting"),
    "count": Text(ko="잡 수", en="Jobs"),
    "state": Text(ko="상태", en="State"),
}
ORDERS = {
    (Measure.CPU, False): Text(ko="CPU 순", en="by CPU"),
    (Measure.CPU, True): Text(ko="CPU가 적은 순", en="by CPU, smallest first"),
    (Measure.GRANTED, False): Text(ko="할당 코어 순", en="by granted cores"),
    (Measure.GRANTED, True): Text(ko="할당 코어가 적은 순", en="by granted cores, smallest first"),
    (Measure.WASTED, False): Text(ko="할당받고 쓰지 않는 코어 순", en="by granted cores not used"),
    (Measure.MEMORY, False): Text(ko="메모리 순", en="by memory"),
    (Measure.MEMORY, True): Text(ko="메모리가 적은 순", en="by memory, smallest first"),
    (Measure.DURATION, False): Text(ko="오래 실행한 순", en="longest running first"),
    (Measure.DURATION, True): Text(ko="최근에 시작한 순", en="latest start first"),
}
SMALLEST = Text(ko="{order}, 적은 순", en="{order}, smallest first")
LISTED_ALL = Text(
    ko="실행 중인 Spark 잡 {shown}개입니다({how}).", en="Spark jobs running: {shown} ({how})."
)
LISTED = Text(
    ko="실행 중인 Spark 잡 {matching}개 중 {shown}개입니다({how}).",
    en="Spark jobs running: {shown} of {matching} ({how}).",
)
LISTED_AFTER = Text(
    ko="실행 중인 Spark 잡 {matching}개 중 {first}~{last}번째입니다({how}).",
    en="Spark jobs running: {first} to {last} of {matching} ({how}).",
)
ONLY_ROW = Text(ko=" {name}, {value}.", en=" {name}, {value}.")
FIRST_ROW = Text(ko=" 1위 {name}, {value}.", en=" First: {name}, {value}.")
WAITING = Text(ko="{count}개가 기다립니다: {names}", en="{count} waiting: {names}")
WAITING_OF = Text(
    ko="기다리는 잡 {matching}개 중 {count}개입니다: {names}",
    en="{count} of {matching} waiting: {names}",
)
NONE_RUN = Text(ko="실행 중인 Spark 잡이 없습니다{how}.", en="No Spark job is running{how}.")
NONE_MATCH = Text(
    ko="조건에 맞는 실행 중인 Spark 잡이 없습니다{how}.", en="No running Spark job matches{how}."
)
NONE_WAIT = Text(ko="대기 중인 Spark 잡이 없습니다{how}.", en="No Spark job is waiting{how}.")
NO_MORE = Text(
    ko="그 뒤로는 없습니다. 실행 중인 Spark 잡은 모두 {matching}개입니다.",
    en="There are no more: {matching} Spark jobs run in all.",
)
UNAPPLIED = Text(
    ko="조건으로 쓰지 못한 말: {words}. 그 조건 없이 보여 드립니다.",
    en="I could not filter by {words}, so it is left out.",
)
MEMORY_UNKNOWN = Text(
    ko="메모리가 –인 잡은 사용량을 알 수 없어 맨 뒤에 두었습니다. Spark 마스터는 알려 주지 않습니다.",
    en="The memory of jobs with a – is unknown, so they come last: a Spark master does not tell it.",
)
DRIVERS = Text(
    ko="driver-…는 클러스터 모드의 드라이버입니다. supervise로 띄운 것은 앱을 종료해도 다시 시작하므로 드라이버를 종료해야 합니다.",
    en="driver-… are drivers of cluster mode. A supervised one starts its application again: kill the driver, not the application.",
)
OTHERS = Text(
    ko="다른 종류 {count}개는 뺐습니다({types})", en="{count} of other types left out ({types})"
)
PROTECTED_MARK = Text(ko="{name} (보호)", en="{name} (protected)")
SHORTER = Text(
    ko="{count}개를 요청했지만 한 번에 {most}개까지 보여 드립니다.",
    en="You asked for {count}; at most {most} are shown at a time.",
)
CHOOSE = Text(ko="종료할 잡 고르기", en="Choose applications")

TOTAL = Text(
    ko="실행 중인 Spark 잡은 {count}개이고 모두 {cores}{share}, 메모리 {memory}를 {verb}{how}.",
    en="Spark jobs running: {count}, {verb} {cores}{share} and {memory} of memory{how}.",
)
TOTAL_WAITING = Text(
    ko="대기 중인 Spark 잡은 {count}개입니다{how}.", en="Spark jobs waiting: {count}{how}."
)
OF_ALL = Text(ko="(전체의 {share})", en=" ({share} of the cluster)")
USES = Text(ko="씁니다", en="using")
WASTES = Text(ko="쓰지 않으면서 잡고 있습니다", en="granted and not using")
HOLDS = Text(ko="할당받았습니다", en="holding")
AT_LEAST = Text(ko="{value} 이상", en="at least {value}")
PER = {
    Field.USER: Text(ko="사용자별: {groups}", en="By owner: {groups}"),
    Field.QUEUE: Text(ko="큐별: {groups}", en="By queue: {groups}"),
    Field.NAME: Text(ko="이름별: {groups}", en="By name: {groups}"),
    Field.STATE: Text(ko="상태별: {groups}", en="By state: {groups}"),
}
GROUP_JOBS = Text(ko="{name} {count}개", en="{name} {count}")

FILTERS = {
    Field.USER: Text(ko="사용자 {value}", en="owner {value}"),
    Field.QUEUE: Text(ko="{value} 큐", en="queue {value}"),
    Field.NAME: Text(ko="이름에 '{value}'", en="name with “{value}”"),
    Field.ID: Text(ko="ID {value}", en="id {value}"),
    Field.STATE: Text(ko="상태 {value}", en="state {value}"),
    Field.ANY: Text(ko="'{value}'", en="“{value}”"),
}
LONGER = Text(ko="{time} 넘게 실행", en="running over {time}")
YOUNGER = Text(ko="{time} 안에 시작", en="started within {time}")
AMOUNTS = {
    Measure.CPU: Text(ko="코어 {value}개", en="{value} cores"),
    Measure.MEMORY: Text(ko="메모리 {value}", en="{value} of memory"),
    Measure.DURATION: Text(ko="실행 {value}", en="{value} of running"),
}
LEAST = Text(ko="{amount} 이상", en="at least {amount}")
MOST = Text(ko="{amount} 이하", en="at most {amount}")
OVER = Text(ko="{amount} 초과", en="more than {amount}")
UNDER = Text(ko="{amount} 미만", en="less than {amount}")
MORE_THAN = {
    Measure.CPU: Text(ko="{than}보다 코어가 많은 잡", en="more cores than {than}"),
    Measure.MEMORY: Text(ko="{than}보다 메모리가 많은 잡", en="more memory than {than}"),
    Measure.DURATION: Text(ko="{than}보다 오래 실행한 잡", en="running longer than {than}"),
}
LESS_THAN = {
    Measure.CPU: Text(ko="{than}보다 코어가 적은 잡", en="fewer cores than {than}"),
    Measure.MEMORY: Text(ko="{than}보다 메모리가 적은 잡", en="less memory than {than}"),
    Measure.DURATION: Text(ko="{than}보다 나중에 시작한 잡", en="started after {than}"),
}
PROTECTED = Text(ko="보호 대상", en="protected")
NUMBERS = Text(ko="목록의 {ranks}번", en="#{ranks} of the list")
FIRST = Text(ko="목록의 위 {count}개", en="the first {count} of the list")
LAST = Text(ko="목록의 아래 {count}개", en="the last {count} of the list")
SHOWN = Text(ko="보여 드린 목록", en="the list shown")
LEAVING_OUT = Text(ko="{what} 제외", en="without {what}")
OR = Text(ko=" 또는 ", en=" or ")

COLUMNS = ("rank", "name", "cores", "share", "memory", "user", "queue", "time", "id")
WAITING_COLUMNS = ("rank", "name", "user", "queue", "waits", "id")
RIGHT = {
    "rank",
    "cores",
    "used_cores",
    "granted_cores",
    "share",
    "memory",
    "time",
    "waits",
    "count",
}
NAMED = 5
GROUPS_SHOWN = 20


def short_id(application_id: str) -> str:
    """Return the part of an id that people say: its last number."""
    return application_id.rpartition("_")[2] if "_" in application_id else application_id[-4:]


def job_table(listing: Listing, voice: Voice, columns: tuple[str, ...] = COLUMNS) -> Table:
    """Return a listing as the numbered table people refer to."""
    language = voice.language

    rows = [
        _cells(row, span(row.started_at, listing.taken_at), columns, language)
        for row in listing.rows
    ]
    heads = tuple(_CORES[measures(listing)] if name == "cores" else name for name in columns)
    return _table(heads, rows, language)


_CORES = {True: "used_cores", False: "granted_cores"}


def measures(listing: Listing) -> bool:
    """Tell whether the cores of a listing are used ones."""
    return any(Basis(row.cores_basis) is not Basis.GRANTED for row in listing.rows)


def _cells(
    row: ListingRow, age: timedelta | None, columns: tuple[str, ...], language: Language
) -> tuple[str, ...]:
    age_shown = figures.duration(age, language)
    cells = {
        "rank": str(row.rank),
        "name": PROTECTED_MARK(language, name=row.name) if row.protected else row.name,
        "cores": figures.core_pair(row),
        "share": figures.share(row.share),
        "memory": figures.gib(row.memory),
        "user": row.user,
        "queue": row.queue,
        "time": age_shown,
        "waits": age_shown,
        "id": short_id(row.ref.id),
    }
    return tuple(cells[column] for column in columns)


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], language: Language) -> Table:
    right = frozenset(place for place, column in enumerate(columns) if column in RIGHT)
    return Table((tuple(HEADS[column](language) for column in columns), *rows), right)


def choose_buttons(listing: Listing, language: Language) -> tuple[Button, ...]:
    """Return the button that opens the window over a listing; none when all of it is protected."""
    if all(row.protected for row in listing.rows):
        return ()
    return (Button("choose_applications", CHOOSE(language)),)


def cores_basis(listing: Listing, language: Language) -> tuple[str, ...]:
    """Return the line that says where the cores listed come from."""
    if not listing.rows:
        return ()
    if measures(listing) and listing.measurement is None:
        return ()  # a listing kept from before it told
    return (figures.measured(listing.measurement, language),)


def listed(facts: ListFacts, voice: Voice) -> Wording:
    """Show a list, or say that nothing matches."""
    language, query, listing = voice.language, facts.query, facts.listing
    left_out = _unapplied(facts.unapplied, language)
    if not listing.rows:
        sentence = _nothing(facts, language)
        footing = voice.footing(listing.taken_at, facts.missing, *_others(facts, language))
        wording = Wording(sentence, (Paragraph((bold(sentence), *left_out)), footing))
        return settling_first(wording, facts.missing, language)
    sentence = _waiting(facts, language) if query.waiting else _counted(facts, language)
    first = "" if query.waiting else _first(facts, language)
    columns = WAITING_COLUMNS if query.waiting else COLUMNS
    parts: list[Part] = [
        Paragraph((bold(sentence + first), *left_out)),
        job_table(listing, voice, columns),
    ]
    if (query.count or 0) > MAX_ROWS:
        parts.append(Note(SHORTER(language, count=query.count, most=MAX_ROWS)))
    if any(row.ref.id.startswith("driver-") for row in listing.rows):
        parts.append(Note(DRIVERS(language)))
    if query.by is Measure.MEMORY and any(row.memory is None for row in listing.rows):
        parts.append(Note(MEMORY_UNKNOWN(language)))
    basis = () if query.waiting else cores_basis(listing, language)
    parts.append(voice.footing(listing.taken_at, facts.missing, *basis, *_others(facts, language)))
    if choose := choose_buttons(listing, language):
        parts.append(Buttons(choose))
    if facts.history:
        since = voice.moment(facts.history[0].since)
        parts.insert(2, Note(figures.spent(facts.history, since, language)))
    names = ", ".join(f"{row.rank}. {row.name}" for row in listing.rows[:NAMED])
    summary = sentence if query.waiting else f"{sentence} {names}"
    wording = Wording(summary, tuple(parts), tuple(row.ref.id for row in listing.rows))
    return settling_first(wording, facts.missing, language)


def _others(facts: ListFacts, language: Language) -> tuple[str, ...]:
    """Say how many applications are of types that are not listed, where there are any."""
    named = sorted(facts.others.items(), key=lambda item: (-item[1], item[0]))
    if not named:
        return ()
    types = ", ".join(f"{kind} {count}" for kind, count in named[:NAMED])
    return (OTHERS(language, count=sum(facts.others.values()), types=types),)


def totalled(facts: TotalFacts, voice: Voice) -> Wording:
    """Say how many there are and what they hold, per owner or queue when asked."""
    language = voice.language
    total = _total(facts, language)
    parts: list[Part] = []
    sentence = total
    if facts.per and facts.query.per is not None:
        head = PER.get(facts.query.per, PER[Field.USER])
        groups = (_group(each, facts.query, language) for each in facts.per[:NAMED])
        sentence = head(
            language, groups=", ".join(groups) + (" …" if len(facts.per) > NAMED else "")
        )
        parts.append(_per_table(facts, language))
        parts.append(plain(total))
    lead = Paragraph((bold(sentence), *_unapplied(facts.unapplied, language)))
    if facts.history:
        parts.append(
            Note(figures.spent(facts.history, voice.moment(facts.history[0].since), language))
        )
    basis = figures.measured(facts.measurement, language)
    footing = voice.footing(facts.taken_at, facts.missing, *([] if facts.granted else [basis]))
    ids = tuple(row.ref.id for row in facts.rows)
    wording = Wording(sentence, (lead, *parts, footing), ids)
    return settling_first(wording, facts.missing, language)


def filter_words(selection: Selection, language: Language) -> str:  # noqa: C901, PLR0911 - one case a selection
    """Return a list's filter in a few words."""
    match selection:
        case Having(field, value):
            return FILTERS[field](language, value=value)
        case LongerThan(age, shorter):
            time = figures.duration(age, language)
            return (YOUNGER if shorter else LONGER)(language, time=time)
        case Holding(by, amount, less, beyond):
            limit = (UNDER if less else OVER) if beyond else (MOST if less else LEAST)
            return limit(language, amount=_amount(by, amount, language))
        case Exceeding(by, than_these, less):
            texts = LESS_THAN if less else MORE_THAN
            return texts[by](language, than=filter_words(than_these, language))
        case Protected():
            return PROTECTED(language)
        case Both(parts):
            return ", ".join(filter_words(part, language) for part in parts if _says(part))
        case Either(parts):
            return OR(language).join(filter_words(part, language) for part in parts)
        case Without(base, minus):
            left = LEAVING_OUT(language, what=filter_words(minus, language))
            return f"{filter_words(base, language)}, {left}" if _says(base) else left
        case Ranks(ranks):
            return NUMBERS(language, ranks=", ".join(map(str, ranks)))
        case Top(count) | Exactly(count):
            return FIRST(language, count=count)
        case Bottom(count):
            return LAST(language, count=count)
        case Everything() | Pronoun():
            return SHOWN(language)


def _says(selection: Selection) -> bool:
    return not isinstance(selection, Everything)


def _amount(by: Measure, amount: float, language: Language) -> str:
    value = {
        Measure.CPU: lambda: figures.number(round(amount, 1)),
        Measure.MEMORY: lambda: figures.gib(amount),
        Measure.DURATION: lambda: figures.duration(timedelta(seconds=amount), language),
    }[by]()
    return AMOUNTS[by](language, value=value)


def _how(query: Query, language: Language) -> str:
    """Return the filter in brackets, or nothing."""
    if query.only is None or not _says(query.only):
        return ""
    return f" ({filter_words(query.only, language)})"


def _counted(facts: ListFacts, language: Language) -> str:
    query, rows = facts.query, facts.listing.rows
    order = ORDERS[query.by, query.ascending](language)
    if query.by in {Measure.CPU, Measure.WASTED} and not measures(facts.listing):
        order = figures.BY_GRANTED(language)
        order = SMALLEST(language, order=order) if query.ascending else order
    only = query.only
    words = [filter_words(only, language)] if only is not None and _says(only) else []
    text = LISTED_AFTER if query.after else LISTED if len(rows) < facts.matching else LISTED_ALL
    return text(
        language,
        matching=facts.matching,
        shown=len(rows),
        first=rows[0].rank,
        last=rows[-1].rank,
        how=", ".join([*words, order]),
    )


def _first(facts: ListFacts, language: Language) -> str:
    """Return who leads a list, with the figure that it is ordered by."""
    row, by = facts.listing.rows[0], facts.query.by
    if row.rank != 1:
        return ""
    granted = Basis(row.cores_basis) is Basis.GRANTED
    known = {
        Measure.MEMORY: figures.gib(row.memory),
        Measure.DURATION: figures.duration(span(row.started_at, facts.listing.taken_at), language),
        Measure.GRANTED: figures.cores(row.granted_cores, language),
    }
    cores = figures.cores(row.cores, language) if granted else figures.cores_of(row, language)
    value = known.get(by, cores)
    text = FIRST_ROW if len(facts.listing.rows) > 1 else ONLY_ROW
    return "" if figures.UNKNOWN in value else text(language, name=row.name, value=value)


def _waiting(facts: ListFacts, language: Language) -> str:
    rows, at = facts.listing.rows, facts.listing.taken_at
    names = ", ".join(
        f"{row.name} {figures.duration(span(row.started_at, at), language)}" for row in rows[:NAMED]
    )
    more = " …" if len(rows) > NAMED else ""
    text = WAITING_OF if len(rows) < facts.matching else WAITING
    said = text(language, count=len(rows), matching=facts.matching, names=names + more)
    return said + _how(facts.query, language)


def _nothing(facts: ListFacts, language: Language) -> str:
    query = facts.query
    if query.after and facts.matching:
        return NO_MORE(language, matching=facts.matching)
    how = _how(query, language)
    text = NONE_WAIT if query.waiting else NONE_MATCH if how else NONE_RUN
    return text(language, how=how)


def _unapplied(words: tuple[str, ...], language: Language) -> tuple[Span, ...]:
    if not words:
        return ()
    quoted = ", ".join(f"“{word}”" for word in words)
    return (Span(" " + UNAPPLIED(language, words=quoted)),)


def _total(facts: TotalFacts, language: Language) -> str:
    whole, how = facts.whole, _how(facts.query, language)
    if facts.query.waiting:
        return TOTAL_WAITING(language, count=whole.count, how=how)
    if not whole.count:
        return (NONE_MATCH if how else NONE_RUN)(language, how=how)
    share = OF_ALL(language, share=figures.share(facts.share)) if facts.share is not None else ""
    verb = HOLDS if facts.granted else WASTES if facts.query.by is Measure.WASTED else USES
    return TOTAL(
        language,
        count=whole.count,
        cores=_cores(whole, language),
        share=share,
        memory=_memory(whole, language),
        verb=verb(language),
        how=how,
    )


def _memory(total: Total, language: Language) -> str:
    known = figures.gib(total.memory)
    return AT_LEAST(language, value=known) if total.partial and total.memory else known


def _cores(total: Total, language: Language) -> str:
    known = figures.cores(total.cores, language)
    return AT_LEAST(language, value=known) if total.cores_partial and total.cores else known


def _group(total: Total, query: Query, language: Language) -> str:
    if query.waiting:
        return GROUP_JOBS(language, name=total.of, count=total.count)
    by_memory = query.by is Measure.MEMORY
    return f"{total.of} {(_memory if by_memory else _cores)(total, language)}"


def _per_table(facts: TotalFacts, language: Language) -> Table:
    column = {Field.QUEUE: "queue", Field.NAME: "name", Field.STATE: "state"}
    first = column.get(facts.query.per or Field.USER, "user")
    rows = [
        (each.of, str(each.count), figures.number(each.cores), _memory(each, language))
        for each in facts.per[:GROUPS_SHOWN]
    ]
    return _table((first, "count", "cores", "memory"), rows, language)
