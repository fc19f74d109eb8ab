"""LaTeX, as its text would read: sections are headings, mathematics is written out in characters.
Nothing is run or included; what a command of the author's own means is not known."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from pylatexenc.latex2text import LatexNodes2Text

from engine.reading.document import Reading, Source, sensible_title
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow, unmarked
from engine.reading.text import paged
from engine.records import BlockKind, DocumentFacts

_MOST_PARSED = 1_000_000
"""Characters; the parser is slow, and what is longer than this was not written by hand."""

_LONGEST_PARAGRAPH = 20_000
_LONGEST_ARGUMENT = 3000
_LEVELS = {
    "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
}  # fmt: skip
_STEP = re.compile(
    r"\\(?P<section>part|chapter|(?:sub){0,2}section|paragraph)\*?\s*(?:\[[^\]\n]{0,300}\])?\s*\{"
    r"|\\caption\*?\s*(?:\[[^\]\n]{0,300}\])?\s*(?P<caption>\{)"
    r"|\\(?P<edge>begin|end)\s*\{(?P<name>[A-Za-z]{1,40})\*?\}(?:\[[^\]\n]{0,200}\])?"
    r"|(?P<item>\\item)\b\s*(?:\[(?P<mark>[^\]\n]{0,200})\])?"
    r"|(?P<break>\n[ \t]*\n\s*|\\par\b)"
)
_AS_IT_IS = ("verbatim", "Verbatim", "lstlisting", "minted")
_TABLES = ("tabular", "tabularx", "tabulary", "longtable")
_FORMULAS = (
    "equation", "align", "gather", "multline", "eqnarray", "displaymath", "flalign", "alignat",
)  # fmt: skip
_LISTS = ("itemize", "enumerate", "description", "thebibliography")
_UNSHOWN = ("tikzpicture", "pgfpicture", "filecontents", "comment")
_LITERAL = re.compile(rf"(\\(?:begin|end)\{{(?:{'|'.join(_AS_IT_IS)})\}})")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*(?=\S))?")
_NOISE = re.compile(
    r"\\(?:label|index|[vh]space|input|include|bibliography|bibliographystyle|(?:this)?pagestyle"
    r"|includegraphics|setlength|addtolength|centering|maketitle|tableofcontents|newpage"
    r"|clearpage|appendix|noindent|(?:med|big|small)skip|hline|(?:top|mid|bottom)rule"
    r"|c(?:mid)?(?:line|rule))\b\*?(?:\s*[\[(][^\])\n]{0,200}[\])])*(?:\s*\{[^{}\n]{0,200}\})*"
)
_CITED = re.compile(
    r"~?\\(?:[a-zA-Z]{0,6}cite[a-zA-Z]{0,10}|bibitem)\*?(?:\[([^\]\n]{0,100})\])*\{([^{}]{0,500})\}"
)
_REFERRED = re.compile(r"\\(?:eq|auto|c|C|page|name)?ref\*?\{([^{}\n]{0,200})\}|\\url\{([^{}]*)\}")
_LINKED = re.compile(r"\\href\s*\{[^{}\n]{0,2000}\}\s*\{")
_ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,20}\])?|\\tabularnewline")
_CELL = re.compile(r"(?<!\\)&")
_PLAIN = re.compile(r"[\\{}$^_&#]")
_PRINTED = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", "\u00a0"))
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|[{}$]")

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
_MEANING = LatexNodes2Text(math_mode="text")


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _MOST_PARSED:
        return paged(text, "latex", "", omitted)
    text = _without_comments(unmarked(text))
    _, begins, body = text.partition(r"\begin{document}")
    title = shown(_argument(text, "title"))
    flow = Flow(chapter_level=2)
    if begins:
        flow.add(title, BlockKind.HEADING, 1)
        flow.add(shown(_argument(text, "author")))
    _Walk(flow).run((body if begins else text).partition(r"\end{document}")[0])
    pages = flow.pages()
    return Reading(DocumentFacts("latex", sensible_title(title), len(pages)), iter(pages), omitted)


@dataclass(slots=True)
class _Walk:
    """One pass over a body. What it does not know stays in the text, for the parser."""

    flow: Flow
    text: str = ""
    items: int = 0
    mark: str = ""

    def run(self, body: str) -> None:
        at = 0
        while step := _STEP.search(body, at):
            self.text += body[at : step.start()]
            at = self._take(body, step)
        self.text += body[at:]
        self._flush()

    def _take(self, body: str, step: re.Match[str]) -> int:
        """Take in what stands at a step; where to go on."""
        self._flush()
        at = step.end()
        if step["section"]:
            heading, at = _balanced(body, at)
            self.flow.add(shown(heading), BlockKind.HEADING, _LEVELS[step["section"]])
        elif step["caption"]:
            caption, at = _balanced(body, at)
            self.flow.add(shown(caption), BlockKind.CAPTION)
        elif step["item"]:
            mark = shown(step["mark"] or "")
            self.mark = f"{mark} " if mark else "• "
        elif step["edge"] == "begin":
            return self._enter(body, step["name"], at)
        elif step["edge"] and step["name"] in _LISTS:
            self.items, self.mark = max(0, self.items - 1), ""
        return at

    def _enter(self, body: str, name: str, at: int) -> int:
        if name in _LISTS:
            self.items += 1
            return at
        if name not in (*_AS_IT_IS, *_TABLES, *_FORMULAS, *_UNSHOWN):
            return at
        end = re.compile(rf"\\end\s*\{{{name}\*?\}}").search(body, at)
        inside = body[at : end.start() if end else len(body)]
        if name in _AS_IT_IS:
            self.flow.add(inside.strip("\n"), BlockKind.CODE)
        elif name in _TABLES:
            self._table(inside, name)
        elif name in _FORMULAS:
            lines = _ROW_END.split(inside.replace("&", " "))
            self.flow.add("\n".join(line for each in lines if (line := shown(f"${each}$"))))
        return end.end() if end else len(body)

    def _table(self, inside: str, name: str) -> None:
        columns = re.match(r"\s*(?:\[[^\]\n]{0,20}\])?\s*\{", inside)
        for _ in range(2 if name in ("tabularx", "tabulary") else 1):
            if columns:
                inside = inside[_balanced(inside, columns.end())[1] :]
            columns = re.match(r"\s*\{", inside)
        for row in _ROW_END.split(inside):
            cells = [
                shown(re.sub(r"\\multicolumn\{\d+\}\{[^{}]*\}", "", c)) for c in _CELL.split(row)
            ]
            if any(cells):
                self.flow.add(" | ".join(cell for cell in cells if cell), BlockKind.TABLE_ROW)

    def _flush(self) -> None:
        text, self.text = shown(self.text), ""
        if text and self.items:
            self.flow.add(self.mark + text, BlockKind.LIST_ITEM)
            self.mark = ""
        elif text:
            self.flow.add(text)


def shown(latex: str) -> str:
    """A paragraph of LaTeX as it reads, on one line."""
    if not latex.strip():
        return ""
    if _PLAIN.search(latex) is None:
        return " ".join(_typeset(latex).split())
    latex = _NOISE.sub(" ", latex)
    latex = _REFERRED.sub(lambda found: found[1] or found[2] or "", _CITED.sub(r" [\2]", latex))
    latex = _LINKED.sub("{", latex)
    parts = []
    for at in range(0, len(latex), _LONGEST_PARAGRAPH):
        part = latex[at : at + _LONGEST_PARAGRAPH]
        try:
            parts.append(_MEANING.latex_to_text(part))
        except Exception:  # its parser raises whatever its own commands run into
            parts.append(_COMMAND.sub("", part))
    return " ".join("".join(parts).split())


def _typeset(text: str) -> str:
    """Text without commands, which needs no parser."""
    for written, printed in _PRINTED:
        text = text.replace(written, printed)
    return text


def _without_comments(text: str) -> str:
    parts = _LITERAL.split(text)
    literal = False
    for number, part in enumerate(parts):
        if number % 2:
            literal = part.startswith(r"\begin")
        elif not literal:
            parts[number] = _COMMENT.sub(r"\1", part)
    return "".join(parts)


def _argument(text: str, command: str) -> str:
    found = re.search(rf"\\{command}\s*(?:\[[^\]\n]{{0,300}}\])?\s*\{{", text)
    return _balanced(text, found.end())[0] if found else ""


def _balanced(text: str, at: int) -> tuple[str, int]:
    """What stands up to the brace that closes the one before ``at``, and where that ends."""
    depth, start = 1, at
    while at < min(len(text), start + _LONGEST_ARGUMENT):
        letter = text[at]
        at += 2 if letter == "\\" else 1
        depth += (letter == "{") - (letter == "}")
        if not depth:
            return text[start : at - 1], at
    return "", start
