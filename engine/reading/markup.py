"""XML from strangers: no entity is resolved, nothing is fetched, and what is not well-formed is
read as far as it goes."""

from __future__ import annotations

import html.entities
import re
from typing import Any

from lxml import etree

from engine.reading.html import parse

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_EMPTY = re.compile(r"<(title|script|style|a|p|div|span|i|b|em|strong|li|td|h[1-6])\b([^<>]*)/>")


def tree(text: str, *, mend: bool = True) -> Any:
    """The root of an XML document, its tags without their namespaces; None where there is none.
    Without ``mend``, also where it is not well-formed."""
    text = _ENTITY.sub(_character, _DECLARATION.sub("", text.lstrip("\ufeff"), count=1))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=mend,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    if root is None:
        return None
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root


def page_tree(text: str) -> tuple[Any, bool]:
    """The tree of an XHTML page, or of what calls itself one; see ``html.parse``."""
    root = tree(text, mend=False)
    if root is not None:
        return root, False
    return parse(_EMPTY.sub(r"<\1\2></\1>", _DECLARATION.sub("", text, count=1)))


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    point = html.entities.name2codepoint.get(name)
    return match.group() if name in _OWN or point is None else chr(point)
