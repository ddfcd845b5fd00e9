"""The ingest command: indexes the documents and shows what became of each."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Characters

from bot.domain.language import Language
from bot.errors import SettingsError, StartError
from bot.retrieval.documents import FOLDERS
from bot.retrieval.embeddings import EmbeddingError, Space
from bot.retrieval.ingest import Report, State, carry_out, cut, plan
from bot.retrieval.knowledge import Knowledge, build_knowledge
from bot.retrieval.store import STORE_ERRORS, Store, first_line, open_or_replace
from bot.settings import load_settings
from bot.texts import commands as texts

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
        err.print(texts.FAILED(language, error=first_line(error)), markup=False)
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
            values = {"space": space.name, "error": error, "command": texts.COMMAND}
            err.print(texts.NO_VECTORS(language, **values), markup=False)
            code = FAILED
    store.close()
    knowledge.note_source(knowledge.documents())
    return code


def _carry_out(store: Store, space: Space, report: Report, out: Console) -> None:
    with Progress(*COLUMNS, console=out, transient=True) as bar:
        task = bar.add_task(space.name, total=None)
        carry_out(
            store, space, report, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _show(store: Store, space: Space, report: Report, out: Console, language: Language) -> None:
    table = Table(*(column(language) for column in texts.COLUMNS))
    for result in report.results:
        if result.state is not State.UNCHANGED:
            file = Characters(f"{result.folder}/{result.file}")
            state = texts.STATES[result.state.value](language)
            table.add_row(file, state, str(result.passages), Characters(result.reason))
    if table.row_count:
        out.print(table)
    counts = ", ".join(
        f"{report.count(state)} {texts.STATES[state.value](language)}" for state in State
    )
    held = ", ".join(
        f"{len(store.ids(space, each))} {texts.COLLECTIONS[each.value](language)}"
        for each in FOLDERS
    )
    out.print(texts.SUMMARY(language, space=space.name, counts=counts, held=held), markup=False)
