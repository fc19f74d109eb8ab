"""Rich Text Format, after Microsoft's specification 1.9.1. Objects and pictures stay closed.

Own code rather than striprtf's: that one knows neither headings, pages and footnotes nor which
text is hidden.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.reading import running
from engine.reading.document import PICTURES_ONLY, NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import first_bytes
from engine.reading.flow import Flow, hiding, unmarked
from engine.reading.table_heads import heads
from engine.records import BlockKind, DocumentFacts, DocumentState, PageState

_TOKEN = re.compile(
    rb"\\(?:([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|'([0-9a-fA-F]{2})|(.))|([{}])|([^\\{}\r\n]+)|[\r\n]+",
    re.DOTALL,
)
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_DEEPEST = 20_000
_TINY = 2  # half points

_SKIPPED = frozenset(
    b"pict object objdata fldinst nonshppict filetbl revtbl rsidtbl listtable listoverridetable "
    b"generator datastore themedata colorschememapping latentstyles xmlnstbl mmathPr xe tc rxe "
    b"bkmkstart bkmkend sp ftnsep ftnsepc aftnsep aftnsepc nonesttables pntxta pntxtb stylesheet "
    b"fonttbl colortbl info annotationref atnid atnauthor atntime atndate atnref atnparent "
    b"do".split()
)
_RUNNING = frozenset(b"header headerl headerr headerf footer footerl footerr footerf".split())
_RUNNING_WORDS = frozenset(b"u uc f v fs cf cb highlight plain deleted par cell row".split())
_OPENED_THOUGH_STARRED = frozenset(b"shpinst annotation shptxt footnote hyphen".split())
_CHARACTERS = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"lquote": "‘",
    b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"emspace": " ",
    b"enspace": " ", b"qmspace": " ", b"nestcell": " ", b"nestrow": " ", b"zwj": "\u200d",
    b"zwnj": "\u200c",
}  # fmt: skip
_SIGNS = {b"~": "\u00a0", b"_": "‑", b"-": "", b"{": "{", b"}": "}", b"\\": "\\"}
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437",
}  # fmt: skip
_CODE_PAGES = {"10000": "mac_roman", "1361": "johab", "936": "gbk", "950": "big5", "65001": "utf-8"}


@dataclass(slots=True)
class _State:
    """What holds inside a group; its inner groups begin with a copy."""

    destination: str = "body"
    hidden: bool = False
    deleted: bool = False
    small: bool = False
    colour: int = 0
    backed: bool = False
    font: int = -1
    replaced: int = 1  # characters that stand for a \\u, for readers that know none


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file holds nothing that can be understood as RTF."""
    data, omitted = first_bytes(source.path)
    if b"{\\rtf" not in data[:1024] and b"{\\urtf" not in data[:1024]:
        raise NotReadError(
            DocumentState.FAILED, "The file is damaged: it cannot be opened as rich text."
        )
    parsing = _Parsing(Flow(chapter_level=1))
    parsing.run(data, source.cancelled)
    pages = parsing.flow.pages()
    if parsing.pictures and len(pages) == 1 and pages[0].state is PageState.EMPTY:
        pages = [replace(pages[0], note=PICTURES_ONLY)]
    title = sensible_title(parsing.title)
    title = title or next((text for level, text in parsing.flow.headings() if level == 1), "")
    return Reading(DocumentFacts("rtf", title, len(pages)), iter(pages), omitted)


@dataclass(slots=True)
class _Parsing:
    flow: Flow
    title: str = ""
    pictures: int = 0
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    code_page: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    colours: list[bool] = field(default_factory=list)  # whether white
    styles: dict[int, tuple[int, bool]] = field(default_factory=dict)  # level, caption
    pending: bytearray = field(default_factory=bytearray)
    parts: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[tuple[list[str], bool]] = field(default_factory=list)
    entry: str = ""  # of a table in front of the document, as far as it was read
    number: int = -1
    colour: list[int] = field(default_factory=lambda: [0, 0, 0])
    level: int = 0
    caption: bool = False
    item: bool = False
    in_table: bool = False
    row_is_head: bool = False
    skip: int = 0
    opened: bool = False  # a group, by the token before
    starred: bool = False

    def run(self, data: bytes, cancelled: Callable[[], bool]) -> None:
        at = count = 0
        while (token := _TOKEN.match(data, at)) is not None:
            at = token.end()
            count += 1
            if count % 100_000 == 0 and cancelled():
                return
            word, number, code, sign, brace, text = token.groups()
            opened, self.opened = self.opened, brace == b"{"
            if text is not None:
                self._text(text)
            elif code is not None:
                self._text(bytes([int(code, 16)]))
            elif word is not None:
                value = int(number) if number else None
                if word == b"bin":
                    at += max(0, value or 0)
                else:
                    self._word(word, value)
            elif brace is not None:
                self._brace(brace)
                if not self.stack:
                    break
            elif sign == b"*":
                self.starred = opened
            elif sign is not None:
                self._sign(sign)
        self._flush()
        self._paragraph()
        self._end_table()
        self._add_notes()
        running.add(self.flow, "".join(self.running).splitlines())

    # --- tokens -----------------------------------------------------------------------------

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.skip, self.starred = 0, False
        if brace == b"{":
            if len(self.stack) >= _DEEPEST:
                raise NotReadError(
                    DocumentState.FAILED, "The file is nested too deeply; it was left closed."
                )
            self.stack.append(self.state)
            self.state = replace(self.state)
        elif self.stack:
            before, self.state = self.state, self.stack.pop()
            if before.destination != self.state.destination:
                self._leave(before.destination)

    def _sign(self, sign: bytes) -> None:
        if sign in b"\r\n":
            self._word(b"par", None)
        elif sign in _SIGNS:
            self._say(_SIGNS[sign])

    def _text(self, text: bytes) -> None:
        if self.skip:
            taken = min(self.skip, len(text))
            self.skip -= taken
            text = text[taken:]
        if self.state.destination != "skip":
            self.pending += text

    def _flush(self) -> None:
        if not self.pending:
            return
        data = bytes(self.pending)
        self.pending.clear()
        encoding = self.fonts.get(self.state.font, self.code_page)
        if self.state.destination in ("fonts", "colours", "styles"):
            encoding = self.code_page
        try:
            self._say(data.decode(encoding))
        except UnicodeDecodeError:  # fonts of symbols call themselves Japanese
            self._say(data.decode(self.code_page, "replace"))

    def _say(self, text: str) -> None:
        self._flush()
        match self.state.destination:
            case "body" | "note":
                if self.state.deleted:
                    return
                text = unmarked(text)
                out = self.note if self.state.destination == "note" else self.parts
                out.append(hiding(text) if self._is_unseen() else text)
            case "running":
                text = unmarked(text)
                self.running.append(hiding(text) if self._is_unseen() else text)
            case "title":
                self.title += text
            case "fonts" | "styles" | "colours":
                self.entry += text
                if ";" in text:
                    self._enter()

    def _is_unseen(self) -> bool:
        state = self.state
        white = 0 < state.colour < len(self.colours) and self.colours[state.colour]
        return state.hidden or state.small or (white and not state.backed and not self.in_table)

    # --- words ------------------------------------------------------------------------------

    def _word(self, word: bytes, value: int | None) -> None:
        self._flush()
        starred, self.starred = self.starred, False
        if word != b"u":
            self.skip = 0
        if self._destination(word, starred):
            return
        state = self.state
        if state.destination == "running" and word not in _RUNNING_WORDS | _CHARACTERS.keys():
            return
        on = value is None or value != 0
        match word:
            case b"u":
                self._unicode(value or 0)
            case b"uc":
                state.replaced = max(0, min(value if value is not None else 1, 8))
            case b"par" | b"sect":
                self._paragraph()
                if word == b"sect":
                    self._break()
            case b"page":
                self._paragraph()
                self._break()
            case b"cell":
                self._cell()
            case b"row":
                self._row()
            case b"pard":
                self.level, self.caption, self.item, self.in_table = 0, False, False, False
            case b"plain":
                state.hidden = state.deleted = state.small = state.backed = False
                state.colour = 0
            case b"intbl":
                self.in_table = True
            case b"trowd":
                self.row_is_head = False
            case b"trhdr":
                self.row_is_head = True
            case b"ls" | b"pnlvlblt" | b"pnlvlbody" | b"listtext" | b"pntext":
                self.item = True
            case b"outlinelevel" if value is not None and 0 <= value < 9:
                self.level = value + 1
            case b"s":
                self._styled(value or 0)
            case b"v":
                state.hidden = on
            case b"deleted":
                state.deleted = on
            case b"fs":
                state.small = value is not None and value <= _TINY
            case b"cf":
                state.colour = value or 0
            case b"cb" | b"highlight" | b"chcbpat" | b"cbpat":
                state.backed = bool(value)
            case b"f":
                self._font(value or 0)
            case b"fcharset" if state.destination == "fonts":
                self.fonts[self.number] = _CHARSETS.get(value or 0, self.code_page)
            case b"red" | b"green" | b"blue" if state.destination == "colours":
                self.colour[(b"red", b"green", b"blue").index(word)] = value or 0
            case b"ansicpg":
                self.code_page = _code_page(str(value))
            case b"mac":
                self.code_page = "mac_roman"
            case b"pc" | b"pca":
                self.code_page = "cp437" if word == b"pc" else "cp850"
            case _ if word in _CHARACTERS:
                self._say(_CHARACTERS[word])

    def _destination(self, word: bytes, starred: bool) -> bool:
        """Whether the word opens something that is not the document's body."""
        state = self.state
        self.pictures += word == b"pict"
        if state.destination == "skip":
            # the result of an object is what the page shows of it
            if word == b"result":
                state.destination = "body"
            elif word == b"title":
                state.destination, self.title = "title", ""
            return True
        tables = {b"fonttbl": "fonts", b"colortbl": "colours", b"stylesheet": "styles"}
        if word in tables:
            state.destination, self.entry, self.number = tables[word], "", -1
        elif word in (b"footnote", b"annotation"):
            state.destination = "note"
        elif word in _RUNNING:
            state.destination = "running"
        elif word in _SKIPPED or (starred and word not in _OPENED_THOUGH_STARRED):
            if not (starred and state.destination == "styles" and word == b"cs"):
                state.destination = "skip"
        else:
            return False
        return True

    def _leave(self, destination: str) -> None:
        if destination == "note":
            if text := " ".join("".join(self.note).split()):
                self.notes.append(text)
            self.note.clear()
        elif destination == "running":
            self.running.append("\n")
        elif destination in ("fonts", "colours", "styles"):
            self.entry = ""

    def _enter(self) -> None:
        """An entry of one of the tables in front is whole."""
        name, self.entry = self.entry.partition(";")[0].strip(), ""
        match self.state.destination:
            case "colours":
                self.colours.append(min(self.colour) >= 240)
                self.colour = [0, 0, 0]
            case "styles":
                heading = _HEADING.fullmatch(name)
                level = int(heading[1]) if heading else int(name.lower() == "title")
                self.styles[max(self.number, 0)] = level, name.lower() == "caption"
                self.number = -1

    def _font(self, number: int) -> None:
        self.state.font = number
        if self.state.destination == "fonts":
            self.number = number

    def _styled(self, number: int) -> None:
        if self.state.destination == "styles":
            self.number = number
        else:
            level, self.caption = self.styles.get(number, (0, False))
            self.level = level or self.level

    def _unicode(self, value: int) -> None:
        code = value + 65536 if value < 0 else value
        self._say(chr(code) if 0 <= code < 65536 else "\ufffd")
        self.skip = self.state.replaced

    # --- what the document says --------------------------------------------------------------

    def _taken(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        # characters beyond the first plane come as two halves
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _paragraph(self) -> None:
        if self.state.destination == "note":
            self.note.append(" ")
            return
        if self.state.destination == "running":
            self.running.append("\n")
            return
        if self.state.destination != "body":
            return
        if self.in_table:
            self.parts.append(" ")
            return
        text = self._taken()
        if not text.strip():
            return
        self._end_table()
        if self.level:
            self.flow.add(" ".join(text.split()), BlockKind.HEADING, self.level)
        elif self.caption:
            self.flow.add(text, BlockKind.CAPTION)
        else:
            self.flow.add(text, BlockKind.LIST_ITEM if self.item else BlockKind.PARAGRAPH)

    def _cell(self) -> None:
        if self.state.destination == "body":
            self.cells.append(" ".join(self._taken().split()))
        elif self.state.destination == "running":
            self.running.append(" ")

    def _row(self) -> None:
        if self.state.destination == "running":
            self.running.append("\n")
            return
        if self.cells:
            self.rows.append((self.cells, self.row_is_head))
        self.cells = []

    def _end_table(self) -> None:
        if self.cells:
            self._row()
        marked = heads([row for row, _ in self.rows], [told for _, told in self.rows])
        for (row, _), head in zip(self.rows, marked, strict=True):
            kind = BlockKind.TABLE_HEAD if head else BlockKind.TABLE_ROW
            self.flow.add(" | ".join(row).rstrip(" |"), kind)
        self.rows = []

    def _break(self) -> None:
        self._end_table()
        self._add_notes()
        self.flow.page_break()

    def _add_notes(self) -> None:
        for note in self.notes:
            self.flow.add(note, BlockKind.FOOTNOTE)
        self.notes = []


def _code_page(number: str) -> str:
    name = _CODE_PAGES.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
