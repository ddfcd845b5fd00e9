"""Ingest: incremental, deletions too; damaged, foreign and emptied indexes."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from rich.console import Console

from bot.domain.knowledge import Collection
from bot.domain.language import Language
from bot.errors import StartError
from bot.retrieval.documents import FOLDERS, load_documents, split
from bot.retrieval.index import State, Store, carry_out, cut, fill, main, open_or_replace, plan, run
from bot.retrieval.knowledge import Knowledge, Space
from bot.retrieval.search import Progress
from tests.unit.retrieval.conftest import HISTORY

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def filled(knowledge: Knowledge, progress: Progress = lambda _done, _total: None) -> Store:
    """Open the index as a start does."""
    store = open_or_replace(knowledge, lambda: NOW)
    for space in store.spaces:
        fill(knowledge, store, space, progress)
    return store


def states(store: Store, knowledge: Knowledge) -> dict[str, State]:
    """Ingest as the command does; return what became of each file."""
    report = plan(store, knowledge.local, *cut(knowledge))
    carry_out(store, knowledge.local, report, lambda _done, _total: None)
    return {result.file: result.state for result in report.results}


def counts(store: Store) -> list[int]:
    return [len(store.ids(store.spaces[0], collection)) for collection in FOLDERS]


def test_only_what_changed_is_written(knowledge: Knowledge, source: Path) -> None:
    """A second ingest writes nothing; a changed file is written, a deleted one removed."""
    indexes = filled(knowledge)
    assert counts(indexes) == [2, 1]
    assert set(states(indexes, knowledge).values()) == {State.UNCHANGED}
    before = indexes.ids(knowledge.local, Collection.MANUAL)

    manual = source / "manual" / "spark.md"
    manual.write_text("# Spark\n\n## 새 절\n새 문장이다.\n", encoding="utf-8")
    (source / "history" / "2025-05-02-notebook.md").unlink()
    assert states(indexes, knowledge) == {
        "spark.md": State.CHANGED,
        "2025-05-02-notebook.md": State.REMOVED,
    }
    assert counts(indexes) == [1, 0]
    chunks = indexes.chunks(knowledge.local, Collection.MANUAL)
    assert [chunk.text for chunk in chunks] == ["새 문장이다."]
    assert not indexes.ids(knowledge.local, Collection.MANUAL) & before


def test_a_file_that_became_unreadable_stays_indexed(knowledge: Knowledge, source: Path) -> None:
    """Its last good state is better than nothing."""
    indexes = filled(knowledge)
    (source / "manual" / "spark.md").write_bytes(b"\xff\xfe\xff")
    assert states(indexes, knowledge)["spark.md"] is State.BROKEN
    assert counts(indexes) == [2, 1]


def test_a_cut_off_ingest_is_finished_by_the_next(knowledge: Knowledge, source: Path) -> None:
    """A document of which passages are missing counts as changed."""
    indexes = filled(knowledge)
    one = min(indexes.ids(knowledge.local, Collection.MANUAL))
    indexes.remove(knowledge.local, Collection.MANUAL, [one])
    assert states(indexes, knowledge)["spark.md"] is State.CHANGED
    assert counts(indexes) == [2, 1]


def test_a_first_filling_that_was_cut_off_is_taken_up_by_the_next_start(
    knowledge: Knowledge, source: Path
) -> None:
    """Some passages are there by then, and would look like a whole index."""

    def cut_off(_done: int, _total: int) -> None:
        raise InterruptedError

    for number in range(40):  # more than one batch
        page = source / "manual" / f"more{number}.md"
        page.write_text(f"# More\n\n## Step {number}\nLook at {number}.\n", encoding="utf-8")
    with pytest.raises(InterruptedError):
        filled(knowledge, cut_off)
    assert counts(filled(knowledge)) == [42, 1]


def test_kept_incidents_are_ingested_with_every_source(knowledge: Knowledge) -> None:
    """Another source takes nothing of what the team kept."""
    kept = knowledge.kept / "history" / "kept.md"
    kept.parent.mkdir(parents=True)
    kept.write_text(HISTORY, encoding="utf-8")
    indexes = filled(knowledge)
    assert counts(indexes) == [2, 2]
    (knowledge.documents() / "history" / "2025-05-02-notebook.md").unlink()
    states(indexes, knowledge)
    assert counts(indexes) == [2, 1]


def test_a_start_changes_nothing_that_another_source_wrote(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    """Only an ingest by hand replaces passages; a start adds what is missing."""
    filled(knowledge)
    other = tmp_path / "other"
    (other / "manual").mkdir(parents=True)
    (other / "manual" / "x.md").write_text("# X\nother", encoding="utf-8")
    assert counts(filled(replace(knowledge, source=other))) == [2, 1]


def test_the_command_shows_what_it_did(knowledge: Knowledge, source: Path) -> None:
    """New and broken files are listed, the reason beside them."""
    (source / "manual" / "bad.md").write_text("---\ntitle: x")
    out = Console(file=StringIO(), width=120)
    assert run(knowledge, out, out) == 0
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    assert "manual/bad.md" in text
    assert "front matter is not closed" in text
    assert "2 new, 0 changed, 0 unchanged, 0 removed, 1 broken" in text
    assert "2 manual, 1 history" in text


def test_the_command_speaks_korean_where_that_is_set(knowledge: Knowledge) -> None:
    """Every word of it: columns, states and the sum."""
    out = Console(file=StringIO(), width=120)
    assert run(knowledge, out, out, Language.KO) == 0
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    assert "2 새로 씀, 0 바뀜, 0 그대로, 0 지움, 0 읽지 못함. 문단: 2 매뉴얼, 1 이력" in text
    assert "┃ 문단 ┃ 이유 ┃" in text


def test_a_wrong_source_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the line names the directory."""
    assert main(["--source", str(tmp_path)]) == 1
    assert "holds neither manual/ nor history/" in capsys.readouterr().err


def test_the_last_source_is_remembered(knowledge: Knowledge, source: Path, space: Space) -> None:
    """A lost index is rebuilt from the directory that was ingested last."""
    nowhere = Console(file=StringIO())
    run(knowledge, nowhere, nowhere)
    later = Knowledge(knowledge.data_dir, space)
    assert later.documents() == source.resolve()
    shutil.rmtree(knowledge.directory)
    assert counts(filled(later)) == [2, 1]


def damage_garbage(directory: Path) -> None:
    (directory / "chroma.sqlite3").write_bytes(b"no database" * 500)


def damage_truncated(directory: Path) -> None:
    database = directory / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def damage_deleted(directory: Path) -> None:
    shutil.rmtree(directory)


def damage_emptied(directory: Path) -> None:
    (directory / "chroma.sqlite3").unlink()


@pytest.mark.parametrize(
    "damage", [damage_garbage, damage_truncated, damage_deleted, damage_emptied]
)
def test_a_lost_index_is_rebuilt(
    knowledge: Knowledge, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happened to the directory, every passage is there again, the kept ones too."""
    kept = knowledge.kept / "history" / "kept.md"
    kept.parent.mkdir(parents=True)
    kept.write_text(HISTORY, encoding="utf-8")
    first = filled(knowledge)
    assert counts(first) == [2, 2]
    first.close()
    assert callable(damage)
    damage(knowledge.directory)
    assert counts(filled(knowledge)) == [2, 2]


def test_missing_vectors_are_noticed(tmp_path: Path, space: Space, source: Path) -> None:
    """Beyond 1,000 passages vectors lie in files of their own; without them it is rebuilt."""
    text = "# 긴 문서\n\n" + "\n\n".join(f"## 절 {n}\n문장 {n}" for n in range(1100))
    (source / "manual" / "long.md").write_text(text, encoding="utf-8")
    cheap = Space("cheap", DeterministicFakeEmbedding(size=16))
    knowledge = Knowledge(tmp_path / "data", cheap, source=source)
    first = filled(knowledge)
    assert counts(first) == [1102, 1]
    first.close()
    for folder in knowledge.directory.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    assert counts(filled(knowledge)) == [1102, 1]
    assert list(knowledge.data_dir.glob("chroma.damaged-*"))


def test_another_embedding_has_collections_of_its_own(knowledge: Knowledge) -> None:
    """Two models are never mixed, whatever their dimensions."""
    other = Space("other", DeterministicFakeEmbedding(size=16))
    filled(replace(knowledge, local=other))
    indexes = filled(knowledge)
    assert counts(indexes) == [2, 1]
    vector = knowledge.local.embeddings.embed_query("executor OOM")
    assert len(indexes.nearest(knowledge.local, Collection.MANUAL, vector, 2)) == 2


def test_a_damaged_directory_is_set_aside_not_deleted(knowledge: Knowledge) -> None:
    """It can still be looked at; its new name holds the time."""
    knowledge.directory.mkdir(parents=True)
    (knowledge.directory / "chroma.sqlite3").write_bytes(b"x" * 5000)
    open_or_replace(knowledge, lambda: NOW)
    aside = knowledge.data_dir / "chroma.damaged-20261122-093000"
    assert (aside / "chroma.sqlite3").read_bytes() == b"x" * 5000


def test_shipped_pages_are_samples_and_others_are_not(
    knowledge: Knowledge, tmp_path: Path, space: Space
) -> None:
    """Every passage of them bears the mark."""
    assert not any(chunk.sample for chunk in cut(knowledge)[1])
    assert all(chunk.sample for chunk in cut(Knowledge(tmp_path / "own", space))[1])


def test_an_unreachable_server_is_named(tmp_path: Path, space: Space) -> None:
    """CHROMA_URL stands in the line, no credentials do."""
    url = "http://user:secret@127.0.0.1:9"
    with pytest.raises(StartError, match="CHROMA_URL") as caught:
        open_or_replace(Knowledge(tmp_path, space, chroma_url=url))
    assert "secret" not in str(caught.value)


def test_the_same_document_gives_the_same_passages(source: Path) -> None:
    """Cutting is deterministic, so an unchanged file keeps its ids."""
    first, second = (load_documents(source).documents[0] for _ in range(2))
    assert split(first) == split(second)
