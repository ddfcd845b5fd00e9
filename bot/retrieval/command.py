"""The ingest command: indexes the documents and shows what became of each."""

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from chromadb.errors import ChromaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Characters

from bot.domain.knowledge import Collection
from bot.domain.language import Language, Text
from bot.errors import SettingsError, StartError
from bot.retrieval.assembly import build_knowledge
from bot.retrieval.chroma_client import Indexes, Knowledge, open_indexes
from bot.retrieval.documents import Loaded, load_documents
from bot.retrieval.embeddings import EmbeddingError
from bot.retrieval.index import Index, MismatchError
from bot.retrieval.ingest import FAST, Origin, Report, State, ingest, load_source
from bot.retrieval.store import REBUILD, DamagedStoreError, first_line, open_store
from bot.settings import load_settings
from bot.texts import ingest as texts

FAILED = 1
USAGE = 2
SHOWN = frozenset({State.NEW, State.CHANGED, State.REMOVED, State.BROKEN})


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the command speaks, and in which language."""

    out: Console
    err: Console
    language: Language = Language.EN

    def say(self, text: Text, **values: object) -> None:
        """Print a line."""
        self.out.print(text(self.language, **values), markup=False, soft_wrap=True)

    def complain(self, text: Text, **values: object) -> None:
        """Print a line where faults go."""
        self.err.print(text(self.language, **values), markup=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 usage or settings."""
    options = _parser().parse_args(arguments)
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    screen = Screen(out, err)
    try:
        settings = load_settings()
        screen = Screen(out, err, Language.KO if settings.language == "ko" else Language.EN)
        knowledge = build_knowledge(settings, options.source)
        return run(knowledge, screen, dry_run=options.dry_run, rebuild=options.rebuild)
    except SettingsError as error:
        for problem in error.problems:
            err.print(problem, markup=False, soft_wrap=True)
        return USAGE
    except (StartError, DamagedStoreError, MismatchError, ChromaError) as error:
        screen.complain(texts.FAILED, error=first_line(error))
        return FAILED


def run(
    knowledge: Knowledge, screen: Screen, *, dry_run: bool = False, rebuild: bool = False
) -> int:
    """Ingest into every space; a provider that is lost fails only its own space.

    Raises StartError, DamagedStoreError, MismatchError and ChromaError.
    """
    source = knowledge.documents()
    loaded = load_source(source)
    code = 0
    with ExitStack() as stack:
        indexes = (
            _inspected(knowledge, stack) if dry_run else open_indexes(knowledge, rebuild=rebuild)
        )
        stack.callback(indexes.close)
        for index in indexes.all:
            try:
                report = _ingested(index, loaded, knowledge.kept, screen.out, dry_run=dry_run)
            except EmbeddingError as error:
                values = {"space": index.space.name, "error": error, "command": texts.COMMAND}
                screen.complain(texts.NO_VECTORS, **values)
                code = FAILED
                continue
            _show(index, report, screen)
    if not dry_run:
        knowledge.note_source(source)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ingest", description="Index the operation manual and the incident history."
    )
    parser.add_argument(
        "--source", type=Path, help="directory with manual/ and history/ (default: knowledge/)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--rebuild", action="store_true", help="drop what is indexed and start anew"
    )
    return parser


def _inspected(knowledge: Knowledge, stack: ExitStack) -> Indexes:
    """Open what is there without repairing it; what is not there is looked at in an empty place."""
    if knowledge.chroma_url is None and not knowledge.place.directory.is_dir():
        empty = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        knowledge = replace(knowledge, data_dir=empty)
    try:
        client = open_store(knowledge.place)
    except DamagedStoreError as error:
        raise StartError(f"{knowledge.place}: {error}; run {REBUILD}") from error
    spaces = [knowledge.local] + ([knowledge.remote] if knowledge.remote else [])
    opened = [Index(client, space) for space in spaces]
    for index in opened:
        index.check()
    return Indexes(opened[0], opened[1] if len(opened) > 1 else None)


def _ingested(index: Index, loaded: Loaded, kept: Path, out: Console, *, dry_run: bool) -> Report:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(index.space.name, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        report = ingest(index, loaded, Origin.SOURCE, dry_run=dry_run, progress=show, batch=FAST)
        if kept.is_dir():
            more = ingest(index, load_documents(kept), Origin.KEPT, dry_run=dry_run, batch=FAST)
            report = replace(report, results=(*report.results, *more.results))
    return report


def _show(index: Index, report: Report, screen: Screen) -> None:
    language = screen.language
    table = Table(*(column(language) for column in texts.COLUMNS))
    for result in report.results:
        if result.state in SHOWN:
            file = Characters(f"{result.folder}/{result.file}")
            state = texts.STATES[result.state.value](language)
            table.add_row(file, state, str(result.passages), Characters(result.reason))
    if table.row_count:
        screen.out.print(table)
    counts = ", ".join(
        f"{report.count(state)} {texts.STATES[state.value](language)}" for state in State
    )
    held = ", ".join(
        f"{index.count(collection)} {texts.COLLECTIONS[collection.value](language)}"
        for collection in (Collection.MANUAL, Collection.HISTORY)
    )
    summary = texts.DRY_SUMMARY if report.dry_run else texts.SUMMARY
    screen.say(summary, space=index.space.name, counts=counts, held=held)
