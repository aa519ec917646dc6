"""FinBERT: a transformer trained on financial text, through ``transformers``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tradewind.core import MissingExtraError, UsageError
from tradewind.core.arrays import FloatArray


class FinBERTScorer:
    """Scores a text as probability of a positive minus probability of a negative tone.

    Araci, "FinBERT: financial sentiment analysis with pre-trained language models", 2019.

    Parameters
    ----------
    model : name on the model hub, or a folder that holds the weights and the tokeniser.
    batch_size : texts scored together.
    device : ``"cpu"``, ``"cuda"``, ...; None takes the processor.
    """

    def __init__(self, model: str = "ProsusAI/finbert", *, batch_size: int = 32, device: str | None = None) -> None:
        self.model, self.batch_size, self.device = model, batch_size, device

    @cached_property
    def _classify(self) -> Callable[..., Any]:
        try:
            import transformers
        except ImportError as error:
            raise MissingExtraError(error.name or "transformers", "finbert") from error
        try:
            pipe: Callable[..., Any] = transformers.pipeline(
                "text-classification", model=self.model, tokenizer=self.model, device=self.device or "cpu", top_k=None
            )
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UsageError(
                f"the weights of {self.model!r} cannot be had ({reason.rstrip('.')})",
                field="model",
                fix="connect once so that they are stored, or give a folder that holds weights and tokeniser",
            ) from error
        return pipe

    def score(self, texts: Sequence[str], /) -> FloatArray:
        """Return (m,) scores in [-1, 1]; an empty text scores 0. Repeated texts are scored once.

        Raises
        ------
        MissingExtraError : ``transformers`` is not installed.
        UsageError : the weights can be neither read nor downloaded, or the model has no positive and negative class.
        """
        unique = [text for text in dict.fromkeys(texts) if text.strip()]
        if not unique:
            return np.zeros(len(texts))
        answers = self._classify(unique, batch_size=self.batch_size, truncation=True)
        once = {text: self._tone(answer) for text, answer in zip(unique, answers, strict=True)}
        return np.array([once.get(text, 0.0) for text in texts], dtype=np.float64)

    def _tone(self, answer: list[dict[str, Any]]) -> float:
        share = {str(part["label"]).lower(): float(part["score"]) for part in answer}
        if "positive" not in share or "negative" not in share:
            raise UsageError(
                f"the model {self.model!r} has the classes {sorted(share)}, not positive and negative",
                field="model",
                fix="choose a model of sentiment such as ProsusAI/finbert",
            )
        return share["positive"] - share["negative"]
