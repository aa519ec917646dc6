"""Hashed words against scikit-learn's, whose columns the weights of saved text heads stand for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from tradewind.features.text.hashing import hashed_tokens

TOKENS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(TOKENS, max_size=8), max_size=6), st.sampled_from([16, 1000, 2**16]))
def test_columns_are_those_of_scikit_learn(documents, n_columns):
    got = hashed_tokens(documents, n_columns)
    assert got.shape == (len(documents), n_columns)
    if not documents:
        return
    vectoriser = HashingVectorizer(
        analyzer=lambda tokens: tokens, n_features=n_columns, alternate_sign=False, norm=None, binary=True
    )
    want = vectoriser.transform(documents)
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(got, name), getattr(want, name), err_msg=name)


def test_hashes_of_both_signs_are_met():
    tokens = [f"word {i}" for i in range(200)]
    want = [abs(int(murmurhash3_32(token, seed=0))) % 4096 for token in tokens]
    got = [int(hashed_tokens([[token]], 4096).indices[0]) for token in tokens]
    assert got == want
    assert {int(murmurhash3_32(token, seed=0)) < 0 for token in tokens} == {True, False}


def test_a_text_that_is_no_valid_unicode_is_hashed_too():
    assert hashed_tokens([["\ud800"]], 64).nnz == 1


@pytest.mark.slow
def test_a_head_is_read_without_scikit_learn(tmp_path):
    head = "from tradewind.features.text import TextHead, TextHeadSettings as S; import numpy as np, sys\n"
    fill = (
        "h = TextHead(S(n_features=64)); h._edges = np.array([0] * 5 + [9]).astype('datetime64[us]')\n"
        "h._weight = np.ones((6, 64)); h._idf = np.ones((6, 64)); h._bias = np.zeros(6)\n"
        f"h.save({str(tmp_path)!r})\n"
    )
    read = (
        f"h = TextHead.load({str(tmp_path)!r})\n"
        "v = h.read(['strong growth'], np.array([0]), np.array([99]).astype('datetime64[us]'))\n"
        "assert v[0] > 0.5; print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", head + fill + read], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr
