"""Words for lists, details and what a kill would bring."""

from datetime import timedelta

from bot.agents.facts import Detail, DetailFacts, ListFacts, UnreadableFacts, WhatIfFacts
from bot.agents.templates.evidence import evidence_words
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import (
    Button,
    Buttons,
    Facts,
    Note,
    Notice,
    Paragraph,
    Part,
    Table,
    Tone,
    plain,
)
from bot.domain.applications import Application
from bot.domain.conversation import Listing
from bot.domain.language import Language
from bot.domain.listings import MAX_ROWS
from bot.domain.selections import Measure
from bot.texts import figures, jobs, talk
from bot.texts.missing import said

COLUMNS = ("rank", "name", "cores", "share", "memory", "user", "queue", "time", "id")
ZERO = timedelta(0)
NUMERIC = frozenset({0, 2, 3, 4, 7})


def short_id(application_id: str) -> str:
    """Return the part of an id that people say: its last number."""
    return application_id.rpartition("_")[2] if "_" in application_id else application_id[-4:]


def job_table(listing: Listing, voice: Voice) -> Table:
    """Return a listing as the numbered table people refer to."""
    language = voice.language
    rows = [
        (
            str(row.rank),
            jobs.PROTECTED_MARK(language, name=row.name) if row.protected else row.name,
            figures.number(row.cores),
            figures.share(row.share),
            figures.gib(row.memory),
            row.user,
            row.queue,
            figures.duration(max(listing.taken_at - row.started_at, ZERO), language),
            short_id(row.ref.id),
        )
        for row in listing.rows
    ]
    return Table((tuple(jobs.HEADS[column](language) for column in COLUMNS), *rows), NUMERIC)


def choose_buttons(listing: Listing, language: Language) -> tuple[Button, ...]:
    """Return the button that opens the window over a listing; none when all of it is protected."""
    if all(row.protected for row in listing.rows):
        return ()
    return (Button("choose_applications", jobs.CHOOSE(language)),)


def listed(facts: ListFacts, voice: Voice) -> Wording:
    """Show a list, or say that nothing matches."""
    language, query = voice.language, facts.query
    if not facts.listing.rows:
        none = jobs.NONE_WAIT if query.waiting else jobs.NONE_MATCH
        footing = voice.footing(facts.listing.taken_at, facts.missing)
        return Wording(none(language), (plain(none(language)), footing))
    sentence = (jobs.LISTED_WAITING if query.waiting else jobs.LISTED)(
        language,
        matching=facts.matching,
        shown=len(facts.listing.rows),
        order=jobs.ORDERS[query.by](language),
    )
    parts: list[Part] = [Paragraph((bold(sentence),)), job_table(facts.listing, voice)]
    if (query.count or 0) > MAX_ROWS:
        parts.append(Note(jobs.SHORTER(language, count=query.count, most=MAX_ROWS)))
    if query.by is Measure.MEMORY and any(row.memory is None for row in facts.listing.rows):
        parts.append(Note(jobs.MEMORY_UNKNOWN(language)))
    basis = figures.basis(facts.listing.rows[0].cores_basis, language)
    basis_line = jobs.BASIS(language, basis=basis)
    parts.append(voice.footing(facts.listing.taken_at, facts.missing, basis_line))
    if choose := choose_buttons(facts.listing, language):
        parts.append(Buttons(choose))
    names = ", ".join(f"{row.rank}. {row.name}" for row in facts.listing.rows[:5])
    return Wording(
        f"{sentence} {names}", tuple(parts), tuple(row.ref.id for row in facts.listing.rows)
    )


def detail(facts: DetailFacts, voice: Voice) -> Wording:
    """Show applications as they are now."""
    sentences: list[str] = []
    parts: list[Part] = []
    for item in facts.details:
        sentence, shown = _one(item, facts, voice)
        sentences.append(sentence)
        parts.extend(shown)
    basis = [
        jobs.BASIS(
            voice.language, basis=figures.basis(item.application.cores_basis, voice.language)
        )
        for item in facts.details[:1]
        if item.application is not None
    ]
    parts.append(voice.footing(facts.read_at, (), *basis))
    ids = tuple(item.row.ref.id for item in facts.details)
    return Wording(" ".join(sentences), tuple(parts), ids)


def _one(item: Detail, facts: DetailFacts, voice: Voice) -> tuple[str, list[Part]]:
    language, row, now = voice.language, item.row, item.application
    if now is None:
        sentence = jobs.GONE(language, name=row.name, id=row.ref.id)
        return sentence, [plain(sentence)]
    sentence = jobs.DETAIL(language, name=now.name, state=jobs.STATES[now.state.value](language))
    parts: list[Part] = [Paragraph((bold(sentence),)), Facts(_pairs(item, now, facts, voice))]
    told = _judgement(item, language)
    if told:
        parts.append(plain(told))
    if now.diagnostics:
        label = jobs.LABEL_DIAGNOSTICS(language)
        parts.append(Note(f"{label}: {now.diagnostics[:300]}"))
    return sentence, parts


def _judgement(item: Detail, language: Language) -> str:
    """Say whether it stands out, with the evidence, and whether it is protected."""
    words = [jobs.IS_PROTECTED(language)] if item.row.protected else []
    finding = item.finding
    if finding is not None and finding.as_always and finding.usual_cores:
        usual = figures.cores(finding.usual_cores, language)
        words.insert(0, jobs.AS_ALWAYS(language, cores=usual))
    elif finding is not None and finding.evidence:
        evidence = ", ".join(evidence_words(one, language) for one in finding.evidence)
        looks = jobs.LOOKS_RUNAWAY if finding.runaway else jobs.LOOKS_HEAVY
        words.insert(0, looks(language, evidence=evidence))
    return " ".join(words)


def what_if(facts: WhatIfFacts, voice: Voice) -> Wording:
    """Say what a kill should give back; propose nothing."""
    language = voice.language
    total = sum(relief.cores for relief in facts.reliefs)
    gone = ", ".join(row.name for row in facts.gone)
    over = jobs.ALREADY_OVER(language, names=gone) if gone else ""
    if not facts.reliefs:
        return Wording(over, (plain(over), voice.footing(facts.read_at, ())))
    count = len(facts.reliefs)
    if facts.cpu_now is not None and facts.cpu_then is not None:
        now, then = figures.percent(facts.cpu_now), figures.percent(facts.cpu_then)
        sentence = jobs.EXPECTED(language, count=count, now=now, then=then)
    else:
        cores = figures.cores(total, language)
        sentence = jobs.EXPECTED_CORES(language, count=count, cores=cores)
    parts: list[Part] = [Paragraph((bold(sentence),)), _relief_table(facts, language)]
    if over:
        parts.append(Notice(over, Tone.INFO))
    parts.extend((Note(jobs.ESTIMATE(language)), voice.footing(facts.read_at, ())))
    ids = tuple(relief.row.ref.id for relief in facts.reliefs)
    return Wording(sentence, tuple(parts), ids)


def unreadable(facts: UnreadableFacts, voice: Voice) -> Wording:
    """Say that the cluster cannot be read, and which part of it."""
    sentence, gap = talk.UNREADABLE(voice.language), said(facts.missing, voice.language)
    return Wording(f"{sentence} {gap}", (Notice(f"{sentence} {gap}", Tone.WARNING),))


def _relief_table(facts: WhatIfFacts, language: Language) -> Table:
    heads = (
        jobs.HEADS["rank"](language),
        jobs.HEADS["name"](language),
        jobs.HEADS["user"](language),
        jobs.HEADS["cores"](language),
        jobs.RELIEF(language),
    )
    rows = [
        (
            str(relief.row.rank),
            relief.row.name,
            relief.row.user,
            figures.number(relief.cores),
            figures.UNKNOWN if relief.points is None else figures.points(-relief.points, language),
        )
        for relief in facts.reliefs
    ]
    return Table((heads, *rows), frozenset({0, 3, 4}))


def _pairs(
    item: Detail, now: Application, facts: DetailFacts, voice: Voice
) -> tuple[tuple[str, str], ...]:
    language = voice.language
    heads = {key: head(language) for key, head in jobs.HEADS.items()}
    pairs = [
        (heads["id"], now.ref.id),
        (heads["user"], now.user),
        (heads["queue"], now.queue),
        (heads["cores"], figures.number(now.cores)),
        (heads["memory"], figures.gib(now.memory)),
        (jobs.LABEL_SHARE(language), figures.share(item.share)),
        (jobs.LABEL_STARTED(language), voice.time(now.started_at)),
        (heads["time"], figures.duration(now.running_for(facts.read_at), language)),
        (jobs.LABEL_ATTEMPT(language), str(now.attempt)),
    ]
    if now.containers is not None:
        pairs.append((jobs.LABEL_CONTAINERS(language), str(now.containers)))
    return tuple(pairs)
