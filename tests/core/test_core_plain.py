"""Values as JSON can hold them."""

from __future__ import annotations

import json
import math

import numpy as np

from tradewind.core.plain import finite


def test_everything_json_cannot_hold_is_made_plain():
    value = {1: (np.float64(0.5), math.inf), "b": [np.int64(3), np.bool_(True), math.nan], "c": {"d": None}}
    assert finite(value) == {"1": [0.5, None], "b": [3, True, None], "c": {"d": None}}
    assert json.loads(json.dumps(finite(value), allow_nan=False)) == finite(value)
    assert finite(np.bool_(False)) is False
