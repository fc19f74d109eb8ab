"""reStructuredText through docutils, with all that reaches out of the file switched off: nothing
is included, no raw output is passed on, no settings of the machine are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from docutils import nodes
from docutils.core import publish_doctree

from engine.reading.document import Reading, Source, sensible_title
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow, unmarked
from engine.reading.text import paged
from engine.records import BlockKind, DocumentFacts

_MOST_PARSED = 1_000_000
"""Characters; the parser is slow, and what is longer than this was not written by hand."""

_MOST_NESTED = 3
# A substitution made of substitutions: a few of them in a row make a page of any size.
_NESTED = re.compile(r"^[ \t]*\.\. \|[^|\n]+\| replace::.*\|[^|\n]+\|", re.MULTILINE)
_MOST_REFERENCES = 5000
# Each is looked for among all others.
_REFERENCE = re.compile(r"[\w`\]]_+(?!\w)")
_ROLE = re.compile(r":[\w:.+-]{1,60}:`([^`<]*?)(?:\s*<[^`<>]*>)?`", re.DOTALL)
_DIRECTIVE = re.compile(r"\s*\.\. [\w:.+-]+::")
_OPTION = re.compile(r"^[ \t]*:[\w-]+:.*$", re.MULTILINE)
_SEVEREST = 5
_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "report_level": _SEVEREST,
    "halt_level": _SEVEREST,
    "syntax_highlight": "none",
    "line_length_limit": 20_000,
}
_UNSHOWN = (nodes.Invisible, nodes.raw, nodes.label, nodes.image)
_AS_IT_IS = (nodes.literal_block, nodes.doctest_block)
_NAMELESS_LISTS = ("toctree", "contents", "index", "highlight", "currentmodule", "module")


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted).replace("\r\n", "\n").replace("\r", "\n")
    if _is_beyond(text):
        return paged(text, "rst", "", omitted)
    flow = Flow(chapter_level=2)
    try:
        tree = publish_doctree(unmarked(text), settings_overrides=dict(_SETTINGS))
        _Walk(flow).into(tree, 0)
    except Exception:  # a directive may raise anything, and a tree may be too deep
        return paged(text, "rst", "", omitted)
    title = next((heading for level, heading in flow.headings() if level == 1), "")
    pages = flow.pages()
    return Reading(DocumentFacts("rst", sensible_title(title), len(pages)), iter(pages), omitted)


def _is_beyond(text: str) -> bool:
    """Whether the parser would take longer than anybody waits."""
    return (
        len(text) > _MOST_PARSED
        or len(_NESTED.findall(text)) > _MOST_NESTED
        or len(_REFERENCE.findall(text)) > _MOST_REFERENCES
    )


@dataclass(slots=True)
class _Walk:
    """One pass over the tree. ``mark`` stands before the next text of a list."""

    flow: Flow
    items: int = 0
    mark: str = ""

    def into(self, parent: nodes.Element, level: int) -> None:
        for node in parent.children:
            if isinstance(node, nodes.section):
                self.into(node, level + 1)
            elif isinstance(node, nodes.title):
                self.flow.add(_text(node), BlockKind.HEADING, max(1, level))
            elif isinstance(node, nodes.system_message):
                self._unknown(node)
            elif isinstance(node, nodes.caption):
                self.flow.add(_text(node), BlockKind.CAPTION)
            elif isinstance(node, _AS_IT_IS):
                self.flow.add(node.astext(), BlockKind.CODE)
            elif isinstance(node, nodes.row):
                head = isinstance(parent, nodes.thead)
                cells = (" ".join(_text(cell).split()) for cell in node.children)
                kind = BlockKind.TABLE_HEAD if head else BlockKind.TABLE_ROW
                self.flow.add(" | ".join(cell for cell in cells if cell), kind)
            elif isinstance(node, (nodes.footnote, nodes.citation)):
                named = node.next_node(nodes.label)
                mark = f"[{named.astext()}] " if named is not None else ""
                self.flow.add(mark + _text(node), BlockKind.FOOTNOTE)
            elif isinstance(node, nodes.field):
                name, body = (_text(child) for child in node.children[:2])
                self._say(f"{name}: {body}")
            elif isinstance(node, nodes.list_item):
                self._item(node, level)
            elif isinstance(node, nodes.TextElement) or not isinstance(node, nodes.Element):
                if not isinstance(node, _UNSHOWN):
                    self._say(_text(node))
            elif isinstance(node, nodes.image):
                self._say(str(node.get("alt", "")))
            elif not isinstance(node, _UNSHOWN):
                self.into(node, level)

    def _item(self, node: nodes.list_item, level: int) -> None:
        above = node.parent
        if isinstance(above, nodes.enumerated_list):
            number = int(above.get("start", 1)) + above.index(node)
            self.mark = f"{number}. "
        else:
            self.mark = "• "
        self.items += 1
        self.into(node, level)
        self.items, self.mark = self.items - 1, ""

    def _say(self, text: str) -> None:
        if text.strip():
            kind = BlockKind.LIST_ITEM if self.items else BlockKind.PARAGRAPH
            self.flow.add(self.mark + text, kind)
            self.mark = ""

    def _unknown(self, message: nodes.system_message) -> None:
        """A directive that only other programs know, such as Sphinx: what stands in it."""
        if "Unknown directive" not in message.children[0].astext():
            return
        for block in message.findall(nodes.literal_block):
            text = block.astext()
            if not any(f".. {name}::" in text[:40] for name in _NAMELESS_LISTS):
                first, _, rest = _DIRECTIVE.sub("", text, count=1).partition("\n")
                self._say(first.strip())
                for paragraph in dedent(_OPTION.sub("", rest)).split("\n\n"):
                    self._say(_ROLE.sub(r"\1", paragraph).strip())


def _text(node: nodes.Node) -> str:
    """The text of a node as it reads; of a role that only other programs know, what it shows."""
    if isinstance(node, nodes.problematic):
        return _ROLE.sub(r"\1", node.astext())
    if isinstance(node, nodes.Text):
        return str(node.astext())
    if isinstance(node, nodes.image):
        return str(node.get("alt", ""))
    if isinstance(node, (*_UNSHOWN, nodes.system_message)):
        return ""
    gap = "" if isinstance(node, nodes.TextElement) else "\n"
    if isinstance(node, nodes.line_block):
        gap = "\n"
    return gap.join(_text(child) for child in node.children).strip("\n")
