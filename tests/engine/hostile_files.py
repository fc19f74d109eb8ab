"""Files made to hurt whoever reads them. Each is small; what it asks for is not."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

_FONT = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
_DRAWING_PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
    b"/Resources<</XObject<</X 5 0 R>>>>>>"
)
_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def pdf(*objects: bytes) -> bytes:
    """Objects numbered from 1; the first is the catalogue. Readers find them by looking."""
    body = b"".join(b"%d 0 obj%s endobj\n" % (at, made) for at, made in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n"


def stream(content: bytes, facts: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (facts, len(content), content)


def page(contents: bytes, box: bytes = b"0 0 600 800", more: bytes = _FONT) -> bytes:
    made = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R%s>>" % (box, more)
    return pdf(_CATALOG, _PAGES, made, contents)


def packed(block: bytes, times: int) -> bytes:
    packer = zlib.compressobj(9)
    parts = [packer.compress(block) for _ in range(times)]
    return b"".join(parts) + packer.flush()


def word(document: str, **parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _RELATIONSHIPS)
        archive.writestr("word/document.xml", document)
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def _body(inside: str, before: str = "") -> str:
    return f"{before}<w:document {_W}><w:body>{inside}</w:body></w:document>"


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def vast_page() -> bytes:
    """A million points by a million, with a word on it."""
    return page(stream(b"BT /F1 9 Tf 72 72 Td (vastness) Tj ET"), b"0 0 1000000 1000000")


def many_objects() -> bytes:
    return pdf(
        _CATALOG, _PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", *[b"1"] * 300_000
    )


def looping_pages() -> bytes:
    return pdf(
        _CATALOG,
        b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2/Parent 2 0 R>>",
        b"<</Type/Pages/Kids[2 0 R]/Count 9>>",
    )


def deep_arrays() -> bytes:
    return page(stream(b"[" * 500_000))


def forms_in_forms() -> bytes:
    """Each of thirty forms draws the next one twice."""
    last = 5 + 30
    forms = [
        stream(
            b"/X Do /X Do" if at < last else b"BT (x) Tj ET",
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
            % (at + 1),
        )
        for at in range(5, last + 1)
    ]
    return pdf(
        _CATALOG,
        _PAGES,
        _DRAWING_PAGE,
        stream(b"/X Do"),
        *forms,
    )


def huge_image() -> bytes:
    """A picture of a hundred thousand by a hundred thousand, one bit each, all zero."""
    image = stream(
        packed(b"\0" * 1_250_000, 100),
        b"/Type/XObject/Subtype/Image/Width 100000/Height 100000/BitsPerComponent 8"
        b"/ColorSpace/DeviceRGB/Filter/FlateDecode",
    )
    return pdf(
        _CATALOG,
        _PAGES,
        _DRAWING_PAGE,
        stream(b"600 0 0 800 0 0 cm /X Do"),
        image,
    )


def laughing_word() -> bytes:
    """Ten entities of ten entities, nine deep."""
    entities = '<!ENTITY a0 "laugh">' + "".join(
        f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10)
    )
    return word(_body(_paragraph("&a9;"), f"<!DOCTYPE d [{entities}]>"))


def prying_word(secret: Path) -> bytes:
    """Asks for a file of this computer by an entity."""
    return word(
        _body(
            _paragraph("before &x; after"), f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        )
    )


def bomb_of_word() -> bytes:
    """Says that it unpacks to two gigabytes."""
    made = bytearray(word(_body(_paragraph("a" * 3_000_000))))
    listed = made.rindex(b"PK\x01\x02")
    made[listed + 24 : listed + 28] = (2_000_000_000).to_bytes(4, "little")
    return bytes(made)


def deep_word() -> bytes:
    depth = 20_000
    return word(_body("<w:sdt><w:sdtContent>" * depth + "</w:sdtContent></w:sdt>" * depth))


def tables_in_tables() -> bytes:
    depth = 80
    return word(
        _body(
            "<w:tbl><w:tr><w:tc>" * depth
            + _paragraph("innermost")
            + "</w:tc></w:tr></w:tbl>" * depth
        )
    )


def deep_html() -> bytes:
    return b"<html><body>" + b"<div>" * 200_000 + b"innermost"


def laughing_html() -> bytes:
    return (
        '<!DOCTYPE html [<!ENTITY a "laugh"><!ENTITY b "'
        + "&a;" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + '">]>'
        "<html><body>&c;&c;&c;</body></html>"
    ).encode()


def quoting_markdown() -> bytes:
    return b">" * 50_000 + b" innermost\n\n" + b"[" * 50_000 + b"\n\n" + b"*a_ " * 20_000


def write_all(folder: Path, secret: Path) -> None:
    """All of them, and after them, by their names, one that hurts nobody."""
    made = {
        "vast page.pdf": vast_page(),
        "many objects.pdf": many_objects(),
        "looping pages.pdf": looping_pages(),
        "deep arrays.pdf": deep_arrays(),
        "forms in forms.pdf": forms_in_forms(),
        "huge image.pdf": huge_image(),
        "laughing.docx": laughing_word(),
        "prying.docx": prying_word(secret),
        "bomb.docx": bomb_of_word(),
        "deep.docx": deep_word(),
        "tables in tables.docx": tables_in_tables(),
        "deep.html": deep_html(),
        "laughing.html": laughing_html(),
        "quoting.md": quoting_markdown(),
        "zz.txt": b"Nobody is hurt by this.",
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
