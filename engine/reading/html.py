"""HTML, as the text that a browser would show. Nothing is fetched and no entity is loaded.

What takes no part in the page (comments, ``display: none``) is left out; what is there and cannot
be seen is marked as hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow, hiding, unmarked
from engine.reading.html_looks import Look, Looks
from engine.records import BlockKind, DocumentFacts, DocumentState

_MOST_BYTES = 32_000_000

_MOST_FRAMES = 3  # inside each other
_TOO_DEEP = "The file is nested too deeply; what stands innermost was left out."

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f\u200b]+")

_HIDDEN_TAGS = (
    "script style template noscript head iframe object embed svg math canvas audio video select "
    "textarea datalist"
)
_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form header hr html legend li main nav ol p pre section summary "
    "table tbody tfoot thead ul h1 h2 h3 h4 h5 h6"
)
_SKIPPED = frozenset(_HIDDEN_TAGS.split())
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRUCTURES = ("table", "ul", "ol", "pre", *_HEADINGS)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where nothing of the file can be understood as HTML."""
    data, omitted = first_bytes(source.path, _MOST_BYTES)
    declared = _CHARSET.search(data[:4096])
    text = decode(data, declared.group(1).decode("ascii") if declared else "", whole=not omitted)
    root, cut_short = parse(text)
    title = root.findtext(".//title")
    flow = Flow(chapter_level=2)
    add(root, flow)
    pages = flow.pages()
    facts = DocumentFacts("html", sensible_title(title), len(pages))
    return Reading(facts, iter(pages), omitted or (_TOO_DEEP if cut_short else ""))


def parse(text: str) -> tuple[Any, bool]:
    """The tree of an HTML text, and whether the parser gave up on a part of it.

    Raises ``NotReadError``.
    """
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise NotReadError(DocumentState.FAILED, "The file holds no readable HTML.") from error
    return root, any("depth" in entry.message for entry in parser.error_log)


def add(root: Any, flow: Flow) -> None:
    """Add what the tree shows to ``flow``."""
    looks = Looks(root)
    _Walk(flow, _layout_rows(root), looks, [looks.start]).run(root)


def _layout_rows(root: Any) -> set[Any]:
    """Table rows that hold more than plain cells: they arrange a page, and are no data."""
    rows: set[Any] = set()
    for element in root.iter(*_STRUCTURES):
        for above in element.iterancestors("tr"):
            if above in rows:
                break
            rows.add(above)
    return rows


@dataclass(slots=True)
class _Walk:
    """One pass over the tree. It keeps its own stack, for hostile files nest deeply."""

    flow: Flow
    layout_rows: set[Any]
    looks: Looks
    above: list[Look]
    text: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    row: Any = None
    frames: int = 0
    pre: int = 0
    items: int = 0
    heading: int = 0
    numbers: list[int] = field(default_factory=list)
    mark: str = ""

    def run(self, root: Any) -> None:
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if tag in _SKIPPED or not tag or self.looks.gone(element):
                    if tag == "iframe" and not self.looks.gone(element):
                        self._frame(element.get("srcdoc") or "")
                    walker.skip_subtree()
                    continue
                self._open(element, tag)
                self.above.append(self.looks.of(element, self.above[-1]))
                self._take(element.text)
            else:
                if tag and tag not in _SKIPPED and not self.looks.gone(element):
                    self._close(element, tag)
                    self.above.pop()
                self._take(element.tail if element is not root else None)
        self._flush()

    def _frame(self, page: str) -> None:
        """A page in the page, which its source brings along."""
        if page.strip() and self.row is None and not self.above[-1].hidden:
            if self.frames >= _MOST_FRAMES:
                return
            self._flush()
            root, _ = parse(page)
            looks = Looks(root)
            _Walk(self.flow, _layout_rows(root), looks, [looks.start], frames=self.frames + 1).run(
                root
            )

    def _take(self, text: str | None) -> None:
        if text:
            text = unmarked(text)
            self.text.append(hiding(text) if self.above[-1].hidden else text)

    def _open(self, element: Any, tag: str) -> None:
        if tag == "tr" and self.row is None and element not in self.layout_rows:
            self._flush()
            self.row, self.cells = element, []
        elif tag in ("td", "th") or tag in _BLOCKS or tag == "tr":
            self._break()
        if tag == "br":
            self.text.append("\n" if self.pre else "\r")
        elif tag == "pre":
            self.pre += 1
        elif tag in ("ul", "ol"):
            self.numbers.append(_number(element.get("start"), 1) if tag == "ol" else -1)
        elif tag == "li":
            self.items += 1
            number = self.numbers[-1] if self.numbers else -1
            self.mark = "• " if number < 0 else f"{number}. "
            if number >= 0:
                self.numbers[-1] += 1
        elif tag in _HEADINGS:
            self.heading = _HEADINGS[tag]

    def _close(self, element: Any, tag: str) -> None:
        if element is self.row:
            self.row = None
            self.text.clear()
            if any(self.cells):
                self.flow.add(" | ".join(cell for cell in self.cells if cell), BlockKind.TABLE_ROW)
        elif tag in ("td", "th") and self.row is not None:
            self.cells.append(_plain(self.text))
            self.text.clear()
        elif tag in _BLOCKS or tag in ("td", "th", "tr"):
            self._break()
        if tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif tag in ("ul", "ol") and self.numbers:
            self.numbers.pop()
        elif tag == "li":
            self.items, self.mark = max(0, self.items - 1), ""
        elif tag in _HEADINGS:
            self.heading = 0

    def _break(self) -> None:
        if self.row is not None:
            self.text.append(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        if self.pre:
            shown, kind = "".join(self.text), BlockKind.CODE
        else:
            shown = _plain(self.text)
            kind = BlockKind.LIST_ITEM if self.items else BlockKind.PARAGRAPH
        self.text.clear()
        if not shown.strip():
            return
        if self.heading:
            self.flow.add(" ".join(shown.split()), BlockKind.HEADING, self.heading)
        else:
            self.flow.add(self.mark + shown if self.items else shown, kind)
            self.mark = ""


def _plain(parts: list[str]) -> str:
    """Spaces as a browser shows them; ``\\r`` stands for a <br>."""
    lines = "".join(part if part == "\r" else part.replace("\r", " ") for part in parts).split("\r")
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default
