"""Ingest: incremental, deletions too; damaged, foreign and emptied indexes."""

import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from rich.console import Console

from bot.domain.knowledge import Collection
from bot.domain.language import Language
from bot.errors import StartError
from bot.retrieval.chroma_client import Indexes, Knowledge, ensure_index, open_indexes
from bot.retrieval.command import Screen, main, run
from bot.retrieval.documents import FOLDERS, Document, load_documents
from bot.retrieval.embeddings import Space
from bot.retrieval.ingest import Origin, State, add, ingest
from bot.retrieval.split import split
from tests.unit.retrieval.conftest import HISTORY


def states(indexes: Indexes, source: Path) -> dict[str, State]:
    report = ingest(indexes.local, load_documents(source), Origin.SOURCE)
    return {result.file: result.state for result in report.results}


def counts(indexes: Indexes) -> list[int]:
    return [indexes.local.count(collection) for collection in FOLDERS]


def test_only_what_changed_is_written(knowledge: Knowledge, source: Path) -> None:
    """A second ingest writes nothing; a changed file is written, a deleted one removed."""
    indexes = ensure_index(knowledge)
    assert counts(indexes) == [2, 1]
    assert set(states(indexes, source).values()) == {State.UNCHANGED}
    revision = indexes.local.revision(Collection.MANUAL)

    manual = source / "manual" / "spark.md"
    manual.write_text("# Spark\n\n## 새 절\n새 문장이다.\n", encoding="utf-8")
    (source / "history" / "2025-05-02-notebook.md").unlink()
    assert states(indexes, source) == {
        "spark.md": State.CHANGED,
        "2025-05-02-notebook.md": State.REMOVED,
    }
    assert counts(indexes) == [1, 0]
    assert [row.text for row in indexes.local.rows(Collection.MANUAL)] == ["새 문장이다."]
    assert indexes.local.revision(Collection.MANUAL) != revision


def test_a_file_that_became_unreadable_stays_indexed(knowledge: Knowledge, source: Path) -> None:
    """Its last good state is better than nothing."""
    indexes = ensure_index(knowledge)
    (source / "manual" / "spark.md").write_bytes(b"\xff\xfe\xff")
    assert states(indexes, source)["spark.md"] is State.BROKEN
    assert counts(indexes) == [2, 1]


def test_a_cut_off_ingest_is_finished_by_the_next(knowledge: Knowledge, source: Path) -> None:
    """A document of which passages are missing counts as changed."""
    indexes = ensure_index(knowledge)
    indexes.local.remove(Collection.MANUAL, [indexes.local.rows(Collection.MANUAL)[0].id])
    assert states(indexes, source)["spark.md"] is State.CHANGED
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
        ensure_index(knowledge, cut_off)
    assert counts(ensure_index(knowledge)) == [42, 1]


def test_kept_incidents_outlive_an_ingest_of_the_source(knowledge: Knowledge, source: Path) -> None:
    """An ingest deletes only what came from its own origin."""
    indexes = ensure_index(knowledge)
    kept = Document(Collection.HISTORY, "kept.md", "K", "# K\n지킨 사례")
    assert add(indexes.local, kept, Origin.KEPT) == 1
    assert add(indexes.local, kept, Origin.KEPT) == 1
    states(indexes, source)
    assert counts(indexes) == [2, 2]


def test_a_dry_run_changes_nothing(knowledge: Knowledge, tmp_path: Path) -> None:
    """It says what would be done and leaves no file."""
    out = Console(file=StringIO(), width=120)
    assert run(knowledge, Screen(out, out), dry_run=True) == 0
    assert not knowledge.data_dir.exists()
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    assert "(dry run): 2 new" in text


def test_the_command_shows_what_it_did(knowledge: Knowledge, source: Path) -> None:
    """New and broken files are listed, the reason beside them."""
    (source / "manual" / "bad.md").write_text("---\ntitle: x")
    out = Console(file=StringIO(), width=120)
    assert run(knowledge, Screen(out, out)) == 0
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    assert "manual/bad.md" in text
    assert "front matter is not closed" in text
    assert "2 new, 0 changed, 0 unchanged, 0 removed, 1 broken" in text
    assert "2 manual, 1 history" in text


def test_the_command_speaks_korean_where_that_is_set(knowledge: Knowledge) -> None:
    """Every word of it: columns, states and the sum."""
    out = Console(file=StringIO(), width=120)
    assert run(knowledge, Screen(out, out, Language.KO)) == 0
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
    run(knowledge, Screen(nowhere, nowhere))
    later = Knowledge(knowledge.data_dir, space)
    assert later.documents() == source.resolve()
    shutil.rmtree(knowledge.place.directory)
    assert counts(ensure_index(later)) == [2, 1]


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
    first = ensure_index(knowledge)
    assert counts(first) == [2, 2]
    first.close()
    assert callable(damage)
    damage(knowledge.place.directory)
    assert counts(ensure_index(knowledge)) == [2, 2]


def test_missing_vectors_are_noticed(tmp_path: Path, space: Space, source: Path) -> None:
    """Beyond 1,000 passages vectors lie in files of their own; without them it is rebuilt."""
    text = "# 긴 문서\n\n" + "\n\n".join(f"## 절 {n}\n문장 {n}" for n in range(1100))
    (source / "manual" / "long.md").write_text(text, encoding="utf-8")
    cheap = Space("cheap", "__cheap", DeterministicFakeEmbedding(size=16), 16)
    knowledge = Knowledge(tmp_path / "data", cheap, source=source)
    first = ensure_index(knowledge)
    assert counts(first) == [1102, 1]
    first.close()
    for folder in knowledge.place.directory.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    assert counts(ensure_index(knowledge)) == [1102, 1]
    assert list(knowledge.data_dir.glob("chroma.damaged-*"))


def test_another_embedding_in_our_directory_is_replaced(knowledge: Knowledge, source: Path) -> None:
    """Same collection names, another model and dimension: rebuilt, never mixed."""
    other = Space("other", knowledge.local.suffix, DeterministicFakeEmbedding(size=16), 16)
    ensure_index(Knowledge(knowledge.data_dir, other, source=source))
    indexes = ensure_index(knowledge)
    assert counts(indexes) == [2, 1]
    vector = knowledge.local.embeddings.embed_query("executor OOM")
    assert len(indexes.local.nearest(Collection.MANUAL, vector, 2)) == 2


def test_a_damaged_directory_is_set_aside_not_deleted(space: Space, tmp_path: Path) -> None:
    """It can still be looked at; its new name holds the time."""
    knowledge = Knowledge(tmp_path, space, clock=lambda: datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    knowledge.place.directory.mkdir()
    (knowledge.place.directory / "chroma.sqlite3").write_bytes(b"x" * 5000)
    open_indexes(knowledge)
    aside = tmp_path / "chroma.damaged-20261122-093000"
    assert (aside / "chroma.sqlite3").read_bytes() == b"x" * 5000


def test_an_index_without_documents_is_refused(tmp_path: Path, space: Space) -> None:
    """Silence would look like "nothing found"."""
    (tmp_path / "source" / "manual").mkdir(parents=True)
    with pytest.raises(StartError, match="no passage is indexed"):
        ensure_index(Knowledge(tmp_path / "data", space, source=tmp_path / "source"))


def test_an_unreachable_server_is_named(tmp_path: Path, space: Space) -> None:
    """CHROMA_URL stands in the line, no credentials do."""
    url = "http://user:secret@127.0.0.1:9"
    with pytest.raises(StartError, match="CHROMA_URL") as caught:
        open_indexes(Knowledge(tmp_path, space, chroma_url=url))
    assert "secret" not in str(caught.value)


def test_the_same_document_gives_the_same_passages(source: Path) -> None:
    """Cutting is deterministic, so an unchanged file keeps its ids."""
    first, second = (load_documents(source).documents[0] for _ in range(2))
    assert split(first) == split(second)
