"""Documents: the same words in every form, harmless markup, real PDF files."""

from __future__ import annotations

import builtins
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import MissingExtraError
from tradewind.governance.pages import (
    Code,
    Document,
    Figure,
    Items,
    Mark,
    Notice,
    Pairs,
    PdfEngineError,
    Section,
    Table,
    Text,
    to_html,
    to_markdown,
    write_document,
    write_pdf,
)
from tradewind.governance.pages.markdown import escaped
from tradewind.governance.pages.numbers import count, number, percent, percent_range

SVG = '<svg viewBox="0 0 10 10" role="img"><rect width="5" height="5" fill="var(--series-1)"/></svg>'


def document(text: str = "plain words", many: int = 1) -> Document:
    blocks = (
        Text(text), Notice(text), Items((text, "second")), Code(text), Pairs(((text, Mark("PASS", "good")),)),
        Table(("name", "value"), ((text, "0.5000"),) * many, note=text), Figure(SVG, "a square", "below"),
    )  # fmt: skip
    return Document(
        kind="Report", title=text, status=Mark("FAIL", "bad"), lead=(text,), facts=(("as of", "2026-11-25"),),
        sections=(Section("Part", "part", blocks),), foot=text,
    )  # fmt: skip


def pdf_words(page: str) -> str:
    """Return the words that WeasyPrint lays out, page by page."""
    import weasyprint

    found = []

    def walk(box: Any) -> None:
        if getattr(box, "text", None):
            found.append(box.text)
        for child in getattr(box, "children", ()):
            walk(child)

    for one in weasyprint.HTML(string=page).render().pages:
        walk(one._page_box)
    return " ".join(found)


@pytest.mark.slow
def test_a_pdf_is_one_and_holds_the_words(tmp_path: Path, pango: None):
    files = write_document(
        document("Momentum has no skill"), {"a": float("nan")}, tmp_path, "r", markdown=True, pdf=True
    )
    assert [path.suffix for path in files] == [".pdf", ".html", ".md", ".json"]
    content = (tmp_path / "r.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 1 or b"/ObjStm" in content
    words = " ".join(pdf_words((tmp_path / "r.html").read_text()).split())
    for wanted in ("Momentum has no skill", "PASS", "FAIL", "0.5000", "2026-11-25"):
        assert wanted in words
    assert '"a": null' in (tmp_path / "r.json").read_text()


@pytest.mark.slow
def test_a_long_table_runs_over_pages_with_its_head(pango: None):
    words = pdf_words(to_html(document(many=200)))
    assert words.count("0.5000") == 200
    assert words.count("value") >= 3


def test_without_weasyprint_nothing_is_written_and_the_extra_is_named(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtraError, match=r"tradewind\[pdf\]"):
        write_document(document(), {}, tmp_path, "r", pdf=True)
    assert not list(tmp_path.iterdir())


def test_without_pango_the_debian_packages_are_named(tmp_path: Path, monkeypatch: Any):
    real = builtins.__import__

    def absent(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0': error\nmore")
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(PdfEngineError, match=r"apt install libpango-1\.0-0") as caught:
        write_pdf("<p>x</p>", tmp_path / "r.pdf")
    assert caught.value.exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_pdf_fetches_nothing(tmp_path: Path, monkeypatch: Any, pango: None):
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda *where: asked.append(where))
    (tmp_path / "secret.png").write_bytes(b"x")
    page = f'<img src="http://example.org/x.png"><img src="file://{tmp_path}/secret.png"><p>words</p>'
    assert write_pdf(page, tmp_path / "r.pdf").stat().st_size > 500
    assert asked == []


def test_pages_are_whole_in_themselves():
    page = to_html(document())
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert page.count("<svg") == 1
    assert "@media print" in page


@pytest.mark.slow
@given(st.text(min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_no_text_becomes_markup(text: str):
    page = to_html(document(text))
    tags = re.findall(r"<[a-zA-Z/!][^>]*>", page)
    assert len(tags) == len(re.findall(r"<[a-zA-Z/!][^>]*>", to_html(document("plain"))))
    line = escaped(text)
    assert "\n" not in line
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>|`*_\[\]]", line)


@pytest.mark.parametrize("text", ["- a", "1. a", "+ a", "=== ", "# a", "> a", "---"])
def test_no_line_becomes_a_list_or_a_heading(text: str):
    assert escaped(text)[0] == "\\" or "\\" in escaped(text)


def test_code_keeps_its_fence():
    made = to_markdown(document("a ``` b"))
    assert "````\na ``` b\n````" in made


def test_a_row_must_fit_its_table():
    with pytest.raises(ValueError, match="1 cells"):
        Table(("a", "b"), (("x",),))


def test_numbers_that_are_not_known_are_dashes():
    for value in (None, float("nan"), float("inf"), "x", True):
        assert {number(value), percent(value), count(value)} == {"–"}
    assert percent_range((0.1, None)) == percent_range(None) == "–"
    assert (number(1234.5, 1), percent(0.5), count(0)) == ("1,234.5", "50.0 %", "0")
    assert percent_range((0.4, 0.6)) == "40.0 to 60.0 %"
