"""A model of the label from the words of a bar's items, fitted inside the fold; its output is one more feature."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import Field
from scipy import sparse

from tradewind.core import Labels, News, NotFittedError, Panel, Settings, UsageError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray
from tradewind.core.files import atomic_path, write_text
from tradewind.features.news_rows import row_of_items
from tradewind.features.text.hashing import hashed_tokens
from tradewind.features.text.protocol import TextEmbedder
from tradewind.features.text.tokens import words

Matrix = Any  # (k, d) a SciPy CSR matrix of hashed words, or a dense array of embeddings
MIN_DOCUMENTS = 100


class TextHeadSettings(Settings):
    """How the head reads and learns.

    Attributes
    ----------
    n_features : columns that words are hashed into; not used with an embedder.
    max_ngram : longest run of words that counts as one token.
    penalty : strength of the L2 penalty on the weights, in units of documents (1 / C of scikit-learn).
    n_blocks : time blocks of the cross-fitting.
    """

    n_features: int = Field(default=2**16, ge=16)
    max_ngram: int = Field(default=2, ge=1, le=4)
    penalty: float = Field(default=2.0, gt=0.0)
    n_blocks: int = Field(default=5, ge=2)


class TextHead:
    """Probability of a rise from the words that were known at a bar's close and not at the close before.

    The items of a row are one document. Words and word pairs are hashed (Weinberger et al., "Feature hashing for large
    scale multitask learning", ICML 2009), weighted by inverse document frequency of the training rows, and given to a
    logistic regression; or the mean of the items' embeddings is.

    **Values inside the training window are cross-fitted.** A model stacked on this column must not see values fitted
    on the very labels it learns from. So the training window is cut into time blocks; the value of a row inside the
    window comes from a head fitted without the rows of its block and without those whose label overlaps the block
    (Lopez de Prado, "Advances in Financial Machine Learning", 2018, ch. 7). Rows after the window get the head fitted
    on all training rows.

    Parameters
    ----------
    settings : see :class:`TextHeadSettings`.
    embedder : None for hashed words.
    """

    def __init__(self, settings: TextHeadSettings | None = None, *, embedder: TextEmbedder | None = None) -> None:
        self.settings, self.embedder = settings or TextHeadSettings(), embedder
        self._edges: TimeArray | None = None  # (n_blocks + 1,) first moment of each block, then the window's end
        self._weight: FloatArray = np.zeros((0, 0))  # (n_blocks + 1, d); the last row is the head of all blocks
        self._bias: FloatArray = np.zeros(0)
        self._idf: FloatArray = np.zeros(0)  # (n_blocks + 1, d); each head's own weights of words

    def fit(self, panel: Panel, labels: Labels, news: News, rows: IntArray, *, seed: int) -> Self:
        """Fit on ``rows`` of ``panel``: those with items and a direction.

        Raises
        ------
        UsageError : fewer than 100 of the rows have both, or their labels are all the same.
        """
        documents, row = self._documents(*_held(panel, news))
        known = np.isin(row, rows) & ~np.isnan(labels.direction[row])
        documents, row = documents[np.flatnonzero(known)], row[known]
        target = labels.direction[row]
        if len(row) < MIN_DOCUMENTS or len(np.unique(target)) < 2:
            raise UsageError(
                f"{len(row)} training rows have news and a direction; {MIN_DOCUMENTS} of both directions are needed",
                field="news",
                fix="lengthen the training window or leave the text head out",
            )
        start, end = labels.start[row], labels.end[row]
        moments = np.unique(start)
        first = moments[np.arange(self.settings.n_blocks) * len(moments) // self.settings.n_blocks]
        self._edges = np.concatenate([first, [moments[-1]]])
        everything = np.ones(len(row), dtype=bool)
        outside = [self._outside(start, end, block) for block in range(self.settings.n_blocks)]
        heads = [self._one_head(documents, target, use, seed) for use in (*outside, everything)]
        self._idf, self._weight = np.stack([h[0] for h in heads]), np.stack([h[1] for h in heads])
        self._bias = np.array([h[2] for h in heads])
        return self

    def _outside(self, start: TimeArray, end: TimeArray, block: int) -> BoolArray:
        """(k,) True for rows whose label does not touch the span of ``block``, labels of the block's rows included."""
        inside = self._block(start) == block
        if not inside.any():
            return np.ones(len(start), dtype=bool)
        before: BoolArray = end < start[inside].min()
        after: BoolArray = start > end[inside].max()
        return before | after

    def _one_head(
        self, documents: Matrix, target: FloatArray, use: BoolArray, seed: int
    ) -> tuple[FloatArray, FloatArray, float]:
        """Return word weights, coefficients and bias of a head fitted on the documents in ``use``."""
        part, label = documents[np.flatnonzero(use)], target[use]
        width = documents.shape[1]
        idf = np.ones(width)
        if sparse.issparse(part):
            count = np.bincount(part.indices, minlength=width)
            idf = np.where(count > 0, np.log((1.0 + part.shape[0]) / (1.0 + count)) + 1.0, 0.0)
        if len(np.unique(label)) < 2:
            return idf, np.zeros(width), 0.0
        from sklearn.linear_model import LogisticRegression  # late: a process that only forecasts never needs it

        model = LogisticRegression(
            C=1.0 / self.settings.penalty, solver="liblinear", class_weight="balanced", random_state=seed
        )
        model.fit(_scaled(part, idf), label)
        return idf, model.coef_[0].astype(np.float64), float(model.intercept_[0])

    def _block(self, time: TimeArray) -> IntArray:
        """(k,) head of each moment: its block within the training window, the head of all blocks after it."""
        edges = self._fitted()
        block = np.clip(np.searchsorted(edges[:-1], time, side="right") - 1, 0, None)
        block[time > edges[-1]] = self.settings.n_blocks
        return block.astype(np.int64)

    def transform(self, panel: Panel, news: News) -> FloatArray:
        """(n,) probability of a rise of each row of ``panel``; NaN where a row has no items.

        The balance of the classes is taken out: 0.5 means that the words speak for neither side.
        """
        return self.read(*_held(panel, news), panel.time)

    def read(self, texts: Sequence[str], row: IntArray, time: TimeArray) -> FloatArray:
        """(n,) the same for rows of which the texts are at hand: text i is of row ``row[i]``; ``time`` (n,) of rows."""
        self._fitted()
        documents, row = self._documents(texts, row)
        value = np.full(len(time), np.nan)
        head = self._block(time[row])
        for h in np.unique(head):
            at = np.flatnonzero(head == h)
            margin = _scaled(documents[at], self._idf[h]) @ self._weight[h] + self._bias[h]
            value[row[at]] = 1.0 / (1.0 + np.exp(-margin))
        return value

    def _fitted(self) -> TimeArray:
        if self._edges is None:
            raise NotFittedError("the text head is used before fit")
        return self._edges

    def _documents(self, texts: Sequence[str], row: IntArray) -> tuple[Matrix, IntArray]:
        """Return one document per row that has texts, and those rows in ascending order."""
        order = np.argsort(row, kind="stable")
        row, first = np.unique(row[order], return_index=True)
        texts = [texts[i] for i in order]
        if self.embedder is not None:
            vectors = self.embedder.embed(texts).astype(np.float64)
            bounds = np.append(first, len(texts))
            mean = [vectors[a:b].mean(axis=0) for a, b in pairwise(bounds)]
            return np.array(mean).reshape(len(row), vectors.shape[1]), row
        items = hashed_tokens([self._tokens(text) for text in texts], self.settings.n_features)
        which = np.repeat(np.arange(len(row)), np.diff(np.append(first, len(texts))))
        gather = sparse.csr_matrix((np.ones(len(texts)), (which, np.arange(len(texts)))), shape=(len(row), len(texts)))
        documents = sparse.csr_matrix(gather @ items)
        documents.data = np.log1p(documents.data)
        return documents, row

    def _tokens(self, text: str) -> Iterable[str]:
        tokens = words(text)
        for n in range(1, self.settings.max_ngram + 1):
            for i in range(len(tokens) - n + 1):
                yield " ".join(tokens[i : i + n])

    def save(self, folder: str | Path) -> None:
        """Write the fitted head into ``folder`` as ``text_head.json`` and ``text_head.npz``.

        An embedder is not written, only its name: :meth:`load` asks for it.
        """
        edges = self._fitted()
        with atomic_path(Path(folder) / "text_head.npz") as draft:
            np.savez_compressed(
                draft, edges=edges.astype(np.int64), weight=self._weight, bias=self._bias, idf=self._idf
            )
        record = {
            "settings": self.settings.model_dump(mode="json"),
            "embedder": None if self.embedder is None else self.embedder.name,
        }
        write_text(Path(folder) / "text_head.json", json.dumps(record, indent=2) + "\n")

    @classmethod
    def load(cls, folder: str | Path, *, embedder: TextEmbedder | None = None) -> Self:
        """Read a head that :meth:`save` wrote; it gives equal values.

        Raises
        ------
        UsageError : the head was fitted on another embedder than the one given.
        """
        record = json.loads((Path(folder) / "text_head.json").read_text(encoding="utf-8"))
        given = None if embedder is None else embedder.name
        if record["embedder"] != given:
            raise UsageError(
                f"the head was fitted on {record['embedder'] or 'hashed words'}, not on {given or 'hashed words'}",
                file=Path(folder) / "text_head.json",
                field="embedder",
                fix="give the embedder it was fitted on",
            )
        head = cls(TextHeadSettings.model_validate(record["settings"]), embedder=embedder)
        with (Path(folder) / "text_head.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            head._edges = arrays["edges"].astype("datetime64[us]")
            head._weight, head._bias, head._idf = arrays["weight"], arrays["bias"], arrays["idf"]
        return head


def _held(panel: Panel, news: News) -> tuple[list[str], IntArray]:
    """Return the texts that belong to a row of the panel, and the row of each."""
    row = row_of_items(panel, news)
    held = np.flatnonzero(row >= 0)
    return [str(news.text[i]) for i in held], row[held]


def _scaled(documents: Matrix, idf: FloatArray) -> Matrix:
    """Return documents with their words weighted and each brought to length 1 (a zero document stays zero)."""
    if not sparse.issparse(documents):
        return np.asarray(documents)
    weighted = sparse.csr_matrix(documents.multiply(idf))
    length: AnyArray = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.where(length > 0, length, 1.0)) @ weighted)
