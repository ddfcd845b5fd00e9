"""The ingest command: indexes the documents and shows what became of each."""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Characters

from bot.domain.knowledge import Collection
from bot.domain.language import Language, Text
from bot.errors import SettingsError, StartError
from bot.retrieval.documents import FOLDERS
from bot.retrieval.embeddings import EmbeddingError, Space
from bot.retrieval.ingest import Report, State, carry_out, cut, plan
from bot.retrieval.knowledge import Knowledge, build_knowledge
from bot.retrieval.store import (
    STORE_ERRORS,
    DamagedStoreError,
    Store,
    first_line,
    open_or_replace,
    open_store,
)
from bot.settings import load_settings
from bot.texts import commands as texts

FAILED = 1
USAGE = 2


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
    except (StartError, DamagedStoreError, *STORE_ERRORS) as error:
        screen.complain(texts.FAILED, error=first_line(error))
        return FAILED


def run(
    knowledge: Knowledge, screen: Screen, *, dry_run: bool = False, rebuild: bool = False
) -> int:
    """Ingest into every space; a provider that is lost fails only its own space.

    Raises StartError, DamagedStoreError and STORE_ERRORS.
    """
    source = knowledge.documents()
    loaded, chunks = cut(knowledge)
    code = 0
    with ExitStack() as stack:
        if dry_run and knowledge.chroma_url is None and not knowledge.directory.is_dir():
            empty = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            knowledge = replace(knowledge, data_dir=empty, source=source)
        store = open_store(knowledge) if dry_run else open_or_replace(knowledge)
        stack.callback(store.close)
        if rebuild and not dry_run:
            store.drop()
        for space in store.spaces:
            report = plan(store, space, loaded, chunks)
            try:
                if not dry_run:
                    _carried_out(store, space, report, screen.out)
            except EmbeddingError as error:
                values = {"space": space.name, "error": error, "command": texts.COMMAND}
                screen.complain(texts.NO_VECTORS, **values)
                code = FAILED
                continue
            held = {each: len(store.ids(space, each)) for each in FOLDERS}
            _show(space, report, held, screen, dry_run=dry_run)
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


def _carried_out(store: Store, space: Space, report: Report, out: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=out, transient=True) as bar:
        task = bar.add_task(space.name, total=None)
        carry_out(
            store, space, report, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _show(
    space: Space,
    report: Report,
    held: Mapping[Collection, int],
    screen: Screen,
    *,
    dry_run: bool,
) -> None:
    language = screen.language
    table = Table(*(column(language) for column in texts.COLUMNS))
    for result in report.results:
        if result.state is not State.UNCHANGED:
            file = Characters(f"{result.folder}/{result.file}")
            state = texts.STATES[result.state.value](language)
            table.add_row(file, state, str(result.passages), Characters(result.reason))
    if table.row_count:
        screen.out.print(table)
    counts = ", ".join(
        f"{report.count(state)} {texts.STATES[state.value](language)}" for state in State
    )
    numbers = ", ".join(
        f"{count} {texts.COLLECTIONS[collection.value](language)}"
        for collection, count in held.items()
    )
    summary = texts.DRY_SUMMARY if dry_run else texts.SUMMARY
    screen.say(summary, space=space.name, counts=counts, held=numbers)
