"""What simpler searches reach on the same questions: words between spaces, Chroma's own embedder."""

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import bm25s
import httpx
import numpy as np
from chromadb.utils.embedding_functions import DefaultEmbeddingFunction
from numpy.typing import NDArray
from rich.console import Console

from bot.retrieval.documents import Chunk, load_documents, split
from tests.bench.retrieval_corpus import found, questions

Score = Callable[[str], NDArray[np.float32]]


def baseline_figures(source: Path) -> dict[str, float]:
    """Return recall@3 of each baseline over the same passages; one that cannot be run is named."""
    pieces = [piece for document in load_documents(source).documents for piece in split(document)]
    figures = {"baseline_words_recall3": _recall3(pieces, _words(pieces))}
    try:
        figures["baseline_chroma_recall3"] = _recall3(pieces, _chroma(pieces))
    except (OSError, ValueError, httpx.HTTPError) as error:
        # It downloads its model at its first use; Chroma wraps what failed in a ValueError.
        Console().print(f"baseline_chroma_recall3: cannot be run here ({type(error).__name__})")
    return figures


def _words(pieces: Sequence[Chunk]) -> Score:
    words = bm25s.BM25(method="lucene")
    texts = [piece.indexed.page_content.lower().split() for piece in pieces]
    words.index(texts, show_progress=False)
    known = set(chain.from_iterable(texts))

    def score(text: str) -> NDArray[np.float32]:
        said = [each for each in text.lower().split() if each in known]
        return words.get_scores(said) if said else np.zeros(len(texts), dtype=np.float32)

    return score


def _chroma(pieces: Sequence[Chunk]) -> Score:
    embed = DefaultEmbeddingFunction()
    vectors = np.asarray(embed([piece.indexed.page_content for piece in pieces]), dtype=np.float32)
    return lambda text: vectors @ np.asarray(embed([text])[0], dtype=np.float32)


def _recall3(pieces: Sequence[Chunk], score: Score) -> float:
    hits = 0
    for question in questions():
        inside = [p.collection is question.gold.collection for p in pieces]
        ranked = np.argsort(np.where(inside, -score(question.text), np.inf), kind="stable")
        hits += any(found(question.gold, pieces[place].text) for place in ranked[:3])
    return hits / len(questions())
