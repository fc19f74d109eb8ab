"""Which module reads a file: decided by its content first, then by its suffix."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from engine.reading import containers, sealed, sniff
from engine.reading.document import NotReadError, Reading, Source
from engine.records import DocumentState, PageImage


class Reader(Protocol):
    """What a format's module is."""

    def read(self, source: Source) -> Reading:
        """Open the file. Raises ``NotReadError`` where it cannot be read at all."""
        ...


class Artist(Protocol):
    """What a format's module is besides, where its pages can be drawn."""

    def render(self, source: Source, number: int, scale: float) -> PageImage:
        """The page at ``scale`` pixels a point. Raises ``CarrelError`` where that cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A family of files. ``module`` is imported only when one of them is met.

    ``sniff`` looks at the path and the file's first ``sniff.HEAD`` bytes. ``textual`` formats
    are refused where the content is not text, whatever the suffix says. Pages of ``drawn``
    formats are shown as they look: their module is an :class:`Artist` too.
    """

    name: str
    suffixes: frozenset[str]
    module: str
    sniff: Callable[[Path, bytes], bool] = lambda _path, _head: False
    textual: bool = False
    drawn: bool = False

    def reader(self) -> Reader:
        return cast(Reader, importlib.import_module(f"engine.reading.{self.module}"))

    def artist(self) -> Artist:
        """Of a ``drawn`` format."""
        return cast(Artist, importlib.import_module(f"engine.reading.{self.module}"))


_TEXT_SUFFIXES = (
    ".txt .text .log .org .adoc .ini .cfg .conf .toml .yaml .yml .json .jsonl .xml .ics "
    ".vcf .properties .bib .ris .diff .patch"
)
_CODE_SUFFIXES = (
    ".py .pyi .js .mjs .cjs .ts .tsx .jsx .vue .svelte .java .kt .kts .scala .groovy .gradle .c .h "
    ".cc .cpp .cxx .hh .hpp .hxx .cs .fs .vb .go .rs .swift .m .mm .rb .php .pl .pm .lua .r .jl "
    ".sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .less .dart .ex .exs .erl .hs .ml .mli "
    ".clj .lisp .el .scm .asm .s .f .for .f90 .f95 .pas .adb .ads .vhd .vhdl .sv .tcl .proto "
    ".thrift .graphql .cmake .mk .tf .do .sas .sps .ado .cob .cbl .zig .nim .d .sol .xsl .xslt .xsd"
)
_OLD_SUFFIXES = (
    ".wps .wks .wpd .wp .wp5 .wp6 .123 .wk1 .wk3 .wk4 .sxw .stw .sxc .sxi .sdw .sdc .sdd "
    ".pages .key .numbers"
)

FORMATS = (
    Format("pdf", frozenset({".pdf"}), "pdf", sniff.is_pdf, drawn=True),
    Format("xps", frozenset({".xps", ".oxps"}), "xps", sniff.is_xps, drawn=True),
    Format(
        "image",
        frozenset(".png .jpg .jpeg .jpe .tif .tiff .webp .bmp .gif".split()),
        "image",
        sniff.is_image,
        drawn=True,
    ),
    Format("word", frozenset({".docx", ".docm", ".dotx", ".dotm"}), "word", sniff.is_word),
    Format("epub", frozenset({".epub"}), "epub", sniff.is_epub),
    Format("fb2", frozenset({".fb2"}), "fb2", sniff.is_fb2, textual=True),
    Format("mobi", frozenset({".mobi", ".azw", ".azw3", ".prc"}), "mobi", sniff.is_mobi),
    Format("mail", frozenset({".msg"}), "outlook", sniff.is_outlook),
    Format("mail", frozenset({".mbox", ".mbx"}), "mbox", sniff.is_mbox, textual=True),
    Format("html", frozenset({".mhtml", ".mht"}), "mhtml", sniff.is_mhtml, textual=True),
    Format("mail", frozenset({".eml", ".nws"}), "mail", sniff.is_mail, textual=True),
    Format(
        "spreadsheet",
        frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"}),
        "xlsx",
        containers.is_kind("xlsx"),
    ),
    Format("spreadsheet", frozenset({".xlsb"}), "xlsb", containers.is_kind("xlsb")),
    Format("spreadsheet", frozenset({".xls", ".xlt"}), "xls", containers.is_xls),
    Format(
        "spreadsheet",
        frozenset({".ods", ".ots", ".fods"}),
        "opendocument_sheets",
        containers.is_opendocument("spreadsheet"),
    ),
    Format(
        "presentation",
        frozenset({".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"}),
        "slides",
        containers.is_kind("pptx"),
    ),
    Format(
        "presentation",
        frozenset({".odp", ".otp", ".fodp", ".odg", ".otg", ".fodg"}),
        "opendocument_slides",
        containers.is_opendocument("presentation", "graphics"),
    ),
    Format(
        "opendocument",
        frozenset({".odt", ".ott", ".odm", ".fodt"}),
        "opendocument",
        containers.is_opendocument("text"),
    ),
    Format("rtf", frozenset({".rtf"}), "rtf", containers.is_rtf),
    Format("locked", frozenset(), "locked_office", containers.is_kind("encrypted")),
    Format("word", frozenset({".doc", ".dot"}), "old_office", containers.is_kind("word")),
    Format(
        "presentation",
        frozenset({".ppt", ".pps", ".pot"}),
        "old_office",
        containers.is_kind("powerpoint"),
    ),
    Format("hwp", frozenset({".hwp"}), "hwp", containers.is_hwp),
    Format(
        "old office",
        frozenset(_OLD_SUFFIXES.split()),
        "old_office",
        containers.is_of_an_old_program,
    ),
    Format("html", frozenset({".html", ".htm", ".xhtml"}), "html", sniff.is_html, textual=True),
    Format("notebook", frozenset({".ipynb"}), "notebook", textual=True),
    Format("markdown", frozenset({".md", ".markdown", ".mdown"}), "markdown", textual=True),
    Format("rst", frozenset({".rst", ".rest"}), "restructured", textual=True),
    Format("latex", frozenset({".tex", ".latex", ".ltx"}), "latex", textual=True),
    Format("subtitles", frozenset({".srt", ".vtt"}), "subtitles", textual=True),
    Format("code", frozenset(_CODE_SUFFIXES.split()), "code", textual=True),
    Format(
        "text",
        frozenset(_TEXT_SUFFIXES.split()),
        "text",
        textual=True,
    ),
    Format("spreadsheet", frozenset({".csv", ".tsv", ".tab"}), "delimited", textual=True),
)

DRAWN = frozenset(known.name for known in FORMATS if known.drawn)
"""Names of the formats whose pages are shown as pictures."""


def choose(path: Path, head: bytes) -> Format:
    """The format of the file. Raises ``NotReadError`` where Carrel has none for it."""
    if said := sealed.verdict(path, head):
        raise NotReadError(*said)
    for known in FORMATS:
        if known.sniff(path, head):
            return known
    suffix = path.suffix.lower()
    named = next((known for known in FORMATS if suffix in known.suffixes), None)
    # files of any program are called .doc and .dot
    nameless = not suffix or (named is not None and named.module == "old_office")
    if nameless and sniff.is_text(head):
        named = next(known for known in FORMATS if known.name == "text")
    if named is None:
        if sentence := containers.specific(path, head):
            raise NotReadError(DocumentState.UNSUPPORTED, sentence)
        kind = f"{suffix} files" if suffix else "this kind of file"
        raise NotReadError(DocumentState.UNSUPPORTED, f"Carrel cannot read {kind} yet.")
    if named.textual and not sniff.is_text(head):
        raise NotReadError(
            DocumentState.UNSUPPORTED,
            f"The name ends in {suffix}, but the file does not hold text.",
        )
    return named


__all__ = ["DRAWN", "FORMATS", "Artist", "Format", "Reader", "choose"]
