"""What people write with: reStructuredText, LaTeX, notebooks, source code, subtitles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]
PARAGRAPH, HEADING, ROW = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.TABLE_ROW


def blocks(result: Any) -> list[tuple[BlockKind, str]]:
    return [
        (block.kind, page.text[block.start : block.end])
        for page in result.pages
        for block in page.blocks
    ]


# --- reStructuredText ----------------------------------------------------------------------

RST = """
The guide
=========

:Author: Ann

Some *text* with ``code``, a `link <https://x.example>`_ and :func:`a role <x.y>`. |it|

.. |it| replace:: Replaced.
.. a comment

- one

  more
2. two
3. three

Part
----

====  ===
Name  Sum
====  ===
Ann   12
====  ===

.. versionadded:: 1.2
   Something new.

.. include:: /etc/passwd
.. raw:: html

   <b>raw</b>

::

   print(1)

.. figure:: a.png

   A caption
"""


def test_restructured_text_is_shown_without_its_marks(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "guide.rst"
    path.write_text(RST)
    result = read(path)
    assert (result.state, result.facts.title) == (DocumentState.INDEXED, "The guide")
    assert blocks(result) == [
        (HEADING, "The guide"),
        (PARAGRAPH, "Author: Ann"),
        (PARAGRAPH, "Some text with code, a link and a role. Replaced."),
        (BlockKind.LIST_ITEM, "• one"),
        (BlockKind.LIST_ITEM, "more"),
        (BlockKind.LIST_ITEM, "2. two"),
        (BlockKind.LIST_ITEM, "3. three"),
        (HEADING, "Part"),
        (BlockKind.TABLE_HEAD, "Name | Sum"),
        (ROW, "Ann | 12"),
        (PARAGRAPH, "1.2"),
        (PARAGRAPH, "Something new."),
        (BlockKind.CODE, "print(1)"),
        (BlockKind.CAPTION, "A caption"),
    ]
    assert [page.label for page in result.pages] == ["The guide", "Part"]


def test_restructured_text_reaches_for_nothing(tmp_path: Path, read: Read) -> None:
    (tmp_path / "docutils.conf").write_text("[general]\nraw_enabled: yes\n")
    (tmp_path / "secret.txt").write_text("secret words")
    path = tmp_path / "hostile.rst"
    path.write_text(
        f".. include:: {tmp_path}/secret.txt\n\n.. csv-table::\n   :file: {tmp_path}/secret.txt\n\n"
        f".. raw:: html\n   :file: {tmp_path}/secret.txt\n\n"
        f".. literalinclude:: {tmp_path}/secret.txt\n\nText.\n"
    )
    result = read(path)
    assert "secret words" not in result.text
    assert "Text." in result.text


def test_hostile_restructured_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "hostile.rst"
    bomb = ".. |a0| replace:: ha ha\n" + "".join(
        f".. |a{n}| replace:: |a{n - 1}| |a{n - 1}|\n" for n in range(1, 40)
    )
    for text in (
        "a_ " * 50_000,
        "\n" * 200_000 + "x",
        bomb + "\n|a39|\n",
        "* " * 3000 + "deep",
        "> " + "\n ".join(" " * n for n in range(500)),
    ):
        path.write_text(text)
        result = read(path)
        assert result.state is DocumentState.INDEXED
        assert len(result.text) < 300_000


# --- LaTeX ---------------------------------------------------------------------------------

LATEX = r"""\documentclass{article}\usepackage{amsmath} % preamble
\title{On \emph{Growth}}\author{Ann Archer}
\begin{document}\maketitle
\section{First \textbf{part}}\label{sec:a}
Gr\"o\ss e is 5\,\% --- as in~\cite{doe99}. % a remark
It holds that $\alpha \leq \frac{a}{b}$ \input{/etc/passwd}.

\begin{equation} E = mc^2 \end{equation}
\begin{itemize}\item one \item[b)] two\end{itemize}
\begin{table}\caption{The sums}\begin{tabular}{l|r}\hline Name & Sum \\ Ann \& Co & 12 \\
\end{tabular}
\end{table}
\begin{verbatim}
x = 1 % kept
\end{verbatim}
\subsection*{Second}
See \href{https://x.example}{the page}.
\end{document} ignored"""


def test_latex_is_read_as_it_would_look(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "paper.tex"
    path.write_text(LATEX)
    result = read(path)
    assert (result.state, result.facts.title) == (DocumentState.INDEXED, "On Growth")
    assert blocks(result) == [
        (HEADING, "On Growth"),
        (PARAGRAPH, "Ann Archer"),
        (HEADING, "First part"),
        (PARAGRAPH, "Größe is 5 % — as in [doe99]. It holds that α≤a/b ."),
        (PARAGRAPH, "E = mc^2"),
        (BlockKind.LIST_ITEM, "• one"),
        (BlockKind.LIST_ITEM, "b) two"),
        (BlockKind.CAPTION, "The sums"),
        (ROW, "Name | Sum"),
        (ROW, "Ann & Co | 12"),
        (BlockKind.CODE, "x = 1 % kept"),
        (HEADING, "Second"),
        (PARAGRAPH, "See the page."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{" * 5000 + "deep" + "}" * 5000,
        r"\begin{foo}" * 2000 + "deep",
        "$" * 1001 + " deep",
        r"\section{" * 1000 + "deep",
        r"\def\a{\a\a}\a deep",
        r"\begin{tabular}{" + "l" * 5000 + "} a & b deep",
        r"\href{x} \frac \' \begin{tabular} deep",
    ],
)
def test_hostile_latex(tmp_path: Path, read: Read, text: str) -> None:
    path = tmp_path / "hostile.tex"
    path.write_text(text)
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert "deep" in result.text


# --- notebooks -----------------------------------------------------------------------------


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def test_a_notebook(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "study.ipynb"
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["loss 0.5\n", "loss 0.4\n"]},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "   a\n0  1", "image/png": "iVBORw0KGgo=", "text/html": "<b>"},
        },
        {"output_type": "error", "ename": "E", "traceback": ["\u001b[0;31mValueError\u001b[0m: x"]},
    ]
    path.write_text(
        notebook(
            {"cell_type": "markdown", "source": ["# The *study*\n", "\n", "Some text."]},
            {"cell_type": "code", "source": "print(1)", "outputs": outputs},
            {"cell_type": "raw", "source": "raw text"},
        )
    )
    result = read(path)
    assert (result.state, result.facts.title) == (DocumentState.INDEXED, "The study")
    assert blocks(result) == [
        (HEADING, "The study"),
        (PARAGRAPH, "Some text."),
        (BlockKind.CODE, "print(1)"),
        (BlockKind.CODE, "loss 0.5\nloss 0.4"),
        (BlockKind.CODE, "   a\n0  1"),
        (BlockKind.CODE, "ValueError: x"),
        (BlockKind.CODE, "raw text"),
    ]


def test_what_is_no_notebook(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "study.ipynb"
    for text in ("[1, 2", "[" * 100_000, '{"a": 1}', "plain words", '{"cells": 7}'):
        path.write_text(text)
        result = read(path)
        assert (result.state, result.reason) == (
            DocumentState.FAILED, "The file is damaged: it is no notebook.",
        )  # fmt: skip
    path.write_text(notebook({"cell_type": 5, "source": {"a": 1}}, {"cell_type": "code"}))
    assert read(path).state is DocumentState.INDEXED


# --- source code ---------------------------------------------------------------------------


def test_source_code_is_cut_between_definitions(tmp_path: Path, read: Read) -> None:
    functions = [f"def f{n}():\n" + "    x = 1\n" * 11 + f"    return {n}\n" for n in range(40)]
    path = tmp_path / "module.py"
    path.write_text("\n\n".join(functions))
    result = read(path)
    lines = path.read_text().split("\n")
    assert (result.state, result.facts.format) == (DocumentState.INDEXED, "code")
    assert len(result.pages) > 4
    for page in result.pages:
        first, last = map(int, page.label.removeprefix("lines ").split("–"))
        assert last - first < 120
        assert page.text == "\n".join(lines[first - 1 : last])
        assert page.text.startswith("def f")
        assert {block.kind for block in page.blocks} == {BlockKind.CODE}
        assert all(page.text[b.start : b.end].startswith("def f") for b in page.blocks)


def test_code_that_no_person_wrote(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "bundle.min.js"
    path.write_text("var a=1;" * 20_000)
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert sum(len(page.text) for page in result.pages) == 160_000
    path = tmp_path / "film.ts"
    path.write_bytes(b"G\x40\x11\x10\0" * 4000)
    assert read(path).state is DocumentState.UNSUPPORTED


# --- subtitles -----------------------------------------------------------------------------

SRT = """1
00:00:01,000 --> 00:00:03,500
<i>We found nothing</i>

2
00:00:03,500 --> 00:00:05,000
that could be used.

3
00:01:10,000 --> 00:01:12,000
- Why is that?

4
01:02:03,000 --> 01:02:04,000
{\\an8}Nobody knows.
"""

VTT = """WEBVTT

NOTE a remark
that is not said

intro
00:01.000 --> 00:03.000 align:start
<v Ann>Good &amp; short.</v>

00:03.100 --> 00:04.000
<v Bob>Yes.</v>
"""


def test_subtitles_say_when(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "talk.srt"
    path.write_bytes(SRT.replace("\n", "\r\n").encode("utf-8-sig"))
    result = read(path)
    assert (result.state, result.facts.format) == (DocumentState.INDEXED, "subtitles")
    (page,) = result.pages
    assert page.label == "00:00:01–01:02:04"
    assert page.text.split("\n\n") == [
        "[00:00:01] We found nothing that could be used.",
        "[00:01:10] - Why is that?",
        "[01:02:03] Nobody knows.",
    ]
    path = tmp_path / "talk.vtt"
    path.write_text(VTT)
    assert read(path).text.split("\n\n") == [
        "[00:00:01] Ann: Good & short.", "[00:00:03] Bob: Yes.",
    ]  # fmt: skip


def test_a_long_talk_has_pages_of_time(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "talk.srt"
    path.write_text(
        "\n".join(
            f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\n"
            f"This is sentence number {n} of the talk.\n"
            for n in range(600)
        )
    )
    pages = read(path).pages
    assert len(pages) > 4
    assert pages[0].label.startswith("00:00:00–00:0")
    assert pages[-1].label.endswith("–00:09:59")


def test_subtitles_without_times_are_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("Just some words.\n")
    assert read(path).text == "Just some words."
