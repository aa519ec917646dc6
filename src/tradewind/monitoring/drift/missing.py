"""Has the share of missing values changed?"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray


def missing_p_value(missing: AnyArray, rows: AnyArray, ref_missing: AnyArray, ref_rows: AnyArray) -> FloatArray:
    """Return the two-sided p-value of the pooled two-proportion z-test, rows taken as independent.

    All are counts of one shape or broadcast; 1 where nothing or everything is missing on both sides, NaN without rows.
    """
    from scipy.stats import norm  # takes a second to import

    k, n, l, m = (np.asarray(x, dtype=np.float64) for x in (missing, rows, ref_missing, ref_rows))  # noqa: E741
    some = (n > 0) & (m > 0)
    n, m = np.where(some, n, 1.0), np.where(some, m, 1.0)
    pooled = (k + l) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.where(error > 0, (k / n - l / m) / np.where(error > 0, error, 1.0), 0.0)
    result: FloatArray = np.where(some, 2 * norm.sf(np.abs(z)), np.nan)
    return result
