"""What is costly and the same for every flow: our own documents, indexed."""

import shutil
from pathlib import Path

import pytest

from bot.retrieval.knowledge import SOURCE_NOTE, Knowledge, default_source, local_space
from bot.retrieval.library import open_library


@pytest.fixture(scope="session")
def indexed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed")
    knowledge = Knowledge(folder, local_space(), source=default_source())
    open_library(knowledge, lambda _done, _total: None).close()
    (folder / SOURCE_NOTE).write_text(f"{default_source()}\n", encoding="utf-8")
    return folder


@pytest.fixture
def our_documents(indexed_once: Path, tmp_path: Path) -> Path:
    """Make the test's folder a data directory in which all of our documents are indexed."""
    return shutil.copytree(indexed_once, tmp_path / "data")
