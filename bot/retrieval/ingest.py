"""Bringing the index in line with the documents: what is new, changed, gone or broken."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text as Characters

from bot.domain.knowledge import Collection
from bot.domain.language import Language, Text
from bot.errors import SettingsError, StartError
from bot.retrieval.documents import FOLDERS, Chunk, Loaded, Origin, load_documents, split
from bot.retrieval.knowledge import EmbeddingError, Knowledge, Space, build_knowledge
from bot.retrieval.search import Progress
from bot.retrieval.store import STORE_ERRORS, Store, first_line, open_or_replace
from bot.settings import load_settings

COMMAND = "python -m bot ingest"  # `dangjik ingest` is the same; both are there without a checkout

HEADS = (
    Text(ko="파일", en="file"),
    Text(ko="상태", en="state"),
    Text(ko="문단", en="passages"),
    Text(ko="이유", en="reason"),
)
STATES = {
    "new": Text(ko="새로 씀", en="new"),
    "changed": Text(ko="바뀜", en="changed"),
    "unchanged": Text(ko="그대로", en="unchanged"),
    "removed": Text(ko="지움", en="removed"),
    "broken": Text(ko="읽지 못함", en="broken"),
}
COLLECTIONS = {
    "operation_manual": Text(ko="매뉴얼", en="manual"),
    "operation_history": Text(ko="이력", en="history"),
}
SUMMARY = Text(ko="{space}: {counts}. 문단: {held}", en="{space}: {counts}; passages: {held}")
NO_VECTORS = Text(
    ko="{space}: 임베딩 서비스가 벡터를 주지 않았습니다({error}). 검색은 로컬 색인으로 됩니다. 나중에 다시 실행하세요: {command}",
    en="{space}: the provider gave no vectors ({error}). The local index answers; run again later: {command}",
)
NOT_INDEXED = Text(ko="색인하지 못했습니다: {error}", en="ingest: {error}")


class State(StrEnum):
    """What became of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of an ingest; `reason` only for a broken one."""

    folder: str
    file: str
    state: State
    passages: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, or would do: what is written, what is removed, and what of each file."""

    write: tuple[Chunk, ...]
    remove: tuple[Chunk, ...]
    results: tuple[FileResult, ...]

    def count(self, state: State) -> int:
        """Return the number of files of one state."""
        return sum(result.state is state for result in self.results)


def load_source(source: Path) -> Loaded:
    """Read a source directory. Raises StartError when it is none: an empty one would delete all."""
    if not any((source / folder).is_dir() for folder in FOLDERS.values()):
        raise StartError(f"{source}: holds neither manual/ nor history/")
    return load_documents(source)


def cut(knowledge: Knowledge, loaded: Loaded | None = None) -> tuple[Loaded, tuple[Chunk, ...]]:
    """Return the documents and kept incidents, and their passages. Raises StartError."""
    loaded = loaded or load_source(knowledge.documents())
    kept = load_documents(knowledge.kept) if knowledge.kept.is_dir() else Loaded((), ())
    sample = knowledge.sample
    chunks = [
        chunk for document in loaded.documents for chunk in split(document, sample=sample)
    ] + [chunk for document in kept.documents for chunk in split(document, Origin.KEPT)]
    return replace(loaded, broken=(*loaded.broken, *kept.broken)), tuple(chunks)


def plan(store: Store, space: Space, loaded: Loaded, wanted: Sequence[Chunk]) -> Report:
    """Compare one space with the documents; a file that cannot be read keeps what is indexed of it.

    Passages that are the same at the same place keep their id, so what is written is what differs.
    """
    held = {chunk.id: chunk for each in FOLDERS for chunk in store.chunks(space, each)}
    broken = {(each.collection, each.file) for each in loaded.broken}
    ids = {chunk.id for chunk in wanted}
    write = tuple(chunk for chunk in wanted if chunk.id not in held)
    remove = tuple(
        chunk
        for id_, chunk in held.items()
        if id_ not in ids and (chunk.collection, chunk.file) not in broken
    )
    results = [
        FileResult(FOLDERS[each.collection], each.file, State.BROKEN, reason=each.reason)
        for each in loaded.broken
    ]
    files: dict[tuple[Collection, str], set[str]] = {}
    for chunk in (*wanted, *remove):
        files.setdefault((chunk.collection, chunk.file), set()).add(chunk.id)
    for (collection, file), mine in files.items():
        state = _state(mine & ids, mine & held.keys())
        results.append(FileResult(FOLDERS[collection], file, state, len(mine & ids or mine)))
    return Report(write, remove, tuple(results))


def carry_out(store: Store, space: Space, report: Report, progress: Progress) -> None:
    """Write and remove; blocks, belongs in a thread. Raises EmbeddingError and STORE_ERRORS."""
    store.write(space, report.write, progress)
    for collection in FOLDERS:
        gone = [chunk.id for chunk in report.remove if chunk.collection is collection]
        store.remove(space, collection, gone)


def fill(knowledge: Knowledge, store: Store, space: Space, progress: Progress) -> None:
    """Add what is missing of the documents to what is indexed, where nothing speaks against it.

    An index that holds what these documents do not is another source's, or an older one's: only
    an ingest by hand changes it. Raises StartError, EmbeddingError and STORE_ERRORS.
    """
    loaded, wanted = cut(knowledge)
    report = plan(store, space, loaded, wanted)
    if not report.remove:
        carry_out(store, space, report, progress)


def _state(wanted: set[str], held: set[str]) -> State:
    if not wanted:
        return State.REMOVED
    if not held:
        return State.NEW
    return State.UNCHANGED if wanted == held else State.CHANGED


# The command, which shows what became of each document.


FAILED = 1
USAGE = 2
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 usage or settings."""
    parser = argparse.ArgumentParser(
        prog="ingest", description="Index the operation manual and the incident history."
    )
    parser.add_argument(
        "--source", type=Path, help="directory with manual/ and history/ (default: knowledge/)"
    )
    options = parser.parse_args(arguments)
    out, err = (Console(stderr=each, highlight=False, soft_wrap=True) for each in (False, True))
    try:
        settings = load_settings()
    except SettingsError as error:
        err.print(*error.problems, sep="\n", markup=False)
        return USAGE
    language = Language.KO if settings.language == "ko" else Language.EN
    try:
        return run(build_knowledge(settings, options.source), out, err, language)
    except (StartError, *STORE_ERRORS) as error:
        err.print(NOT_INDEXED(language, error=first_line(error)), markup=False)
        return FAILED


def run(knowledge: Knowledge, out: Console, err: Console, language: Language = Language.EN) -> int:
    """Ingest into every space; a provider that is lost fails only its own space.

    Raises StartError and STORE_ERRORS.
    """
    loaded, chunks = cut(knowledge)
    store, code = open_or_replace(knowledge), 0
    for space in store.spaces:
        report = plan(store, space, loaded, chunks)
        try:
            _carry_out(store, space, report, out)
            _show(store, space, report, out, language)
        except EmbeddingError as error:
            values = {"space": space.name, "error": error, "command": COMMAND}
            err.print(NO_VECTORS(language, **values), markup=False)
            code = FAILED
    store.close()
    knowledge.note_source(knowledge.documents())
    return code


def _carry_out(store: Store, space: Space, report: Report, out: Console) -> None:
    with Bar(*COLUMNS, console=out, transient=True) as bar:
        task = bar.add_task(space.name, total=None)
        carry_out(
            store, space, report, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _show(store: Store, space: Space, report: Report, out: Console, language: Language) -> None:
    table = Table(*(head(language) for head in HEADS))
    for result in report.results:
        if result.state is not State.UNCHANGED:
            file = Characters(f"{result.folder}/{result.file}")
            state = STATES[result.state.value](language)
            table.add_row(file, state, str(result.passages), Characters(result.reason))
    if table.row_count:
        out.print(table)
    counts = ", ".join(f"{report.count(state)} {STATES[state.value](language)}" for state in State)
    held = ", ".join(
        f"{len(store.ids(space, each))} {COLLECTIONS[each.value](language)}" for each in FOLDERS
    )
    out.print(SUMMARY(language, space=space.name, counts=counts, held=held), markup=False)
