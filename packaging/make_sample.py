"""Writes the sample documents in ``resources/sample``; run it after changing their text.

They are about an invented library, so that nothing in them can be known from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
import pymupdf

TARGET = Path(__file__).parent.parent / "resources" / "sample"

HANDBOOK: Sequence[tuple[str, Sequence[str]]] = (
    (
        "1. The carrels",
        (
            "The Ashgrove Library has forty-two carrels on the second and third floors. A carrel "
            "is a private desk with a lamp, a lockable shelf and a window on the garden.",
            "Carrels are lent for one term at a time. A reader applies at the desk in the first "
            "week of the term; doctoral students go first, then staff, then everyone else.",
            "A reserved book may stay at a reader's carrel for fourteen days. After that it goes "
            "back to the shelf, unless nobody else has asked for it; then the loan is renewed for "
            "another seven days.",
            "Food is not allowed at the carrels. Water in a closed bottle is.",
        ),
    ),
    (
        "2. Opening hours",
        (
            "The reading rooms are open from 8:30 to 22:00 from Monday to Friday and from 10:00 to "
            "18:00 on Saturday. They are closed on Sunday, except in the four weeks before the "
            "examinations, when they open from 12:00 to 20:00.",
            "The map room opens by appointment only. Write at least three working days ahead and "
            "name the sheets you want to see.",
        ),
    ),
    (
        "3. Manuscripts",
        (
            "Manuscripts are read in the Howell Room, at the table nearest to the desk. Pencils "
            "only; pens, ink and adhesive notes stay outside.",
            "The humidity of the Howell Room is kept between 45 % and 50 %, and its temperature at "
            "18 degrees. If the alarm sounds, close the folder, leave it on the table and tell the "
            "desk.",
            "Photographs without flash are free for private study. For a publication the fee is "
            "12 euros an image, and the credit line reads: Ashgrove Library, Howell Collection.",
        ),
    ),
)

LEASE: Sequence[tuple[str, Sequence[str]]] = (
    (
        "Parties and premises",
        (
            "This lease is made on 3 March 2021 between Marit Sund (the landlord) and Tallow & "
            "Finch Bookbinders Ltd (the tenant).",
            "The premises are the ground floor and the cellar of 14 Linden Row, with the right to "
            "use the yard for deliveries between 7:00 and 19:00.",
        ),
    ),
    (
        "Term and notice",
        (
            "The term is five years from 1 April 2021. Either party may end the lease at the end "
            "of the third year by giving six months' written notice.",
            "If the tenant has not given notice three months before the end of the term, the lease "
            "is renewed for two more years on the same conditions.",
        ),
    ),
    (
        "Rent and repairs",
        (
            "The rent is 1,850 euros a month, payable in advance on the first working day. It "
            "rises every April by the change of the consumer price index, but by no more than 3 % "
            "in one year.",
            "The landlord keeps the roof, the outer walls and the heating in repair. The tenant "
            "keeps the inside in repair and pays for glass.",
            "A deposit of three months' rent is held in a separate account and paid back within "
            "sixty days of the end of the lease, less what is owed.",
        ),
    ),
)

NOTES = """# Harbour survey, spring season

Field notes of the Ashgrove estuary group. Depths are below mean low water.

## Sites

We sampled nine sites along the north shore. Site 4 lies off the old customs house and is the
deepest, at 11.6 metres. Site 7 dries out at spring tides.

## What we found

- Eelgrass covered 34 hectares, up from 27 hectares two years ago.
- The flat oyster was found alive at sites 2, 4 and 5 for the first time since 1998.
- Dissolved oxygen at site 9 fell to 3.1 mg/l in the last week of May, which is too little for
  most fish.

## What to do next

Move the moorings at site 5 before the autumn, because their chains scour the eelgrass. Repeat
the oxygen readings at site 9 every two weeks until September.
"""

MINUTES = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Minutes of the trustees, 9 October</title></head>
<body>
<h1>Minutes of the trustees, 9 October</h1>
<p>Present: Ines Okafor (chair), Paul Revell, Wanda Lisowska, Tom Achterberg. Apologies: Lena
Marsh.</p>
<h2>Roof of the west wing</h2>
<p>Three offers were opened. The trustees chose the one of Brandt &amp; Daughters at 86,400 euros,
because it keeps the old slates. Work begins on 12 January and takes eleven weeks.</p>
<h2>Budget</h2>
<table>
<tr><th>Item</th><th>This year (euros)</th><th>Next year (euros)</th></tr>
<tr><td>Books and journals</td><td>212,000</td><td>225,000</td></tr>
<tr><td>Staff</td><td>640,500</td><td>655,000</td></tr>
<tr><td>Building</td><td>98,300</td><td>171,000</td></tr>
</table>
<p>The trustees approved the budget with three votes for and one against. Mr Revell asked that his
vote against be recorded: he would have put off the new shelving.</p>
<h2>Next meeting</h2>
<p>The trustees meet again on 11 December at 16:00 in the Howell Room.</p>
</body>
</html>
"""


def handbook(path: Path) -> None:
    document = pymupdf.open()
    document.set_metadata({"title": "Ashgrove Library: a handbook for readers"})
    outline = []
    for number, (heading, paragraphs) in enumerate(HANDBOOK, 1):
        page = document.new_page(width=420, height=595)
        page.insert_text((48, 72), heading, fontsize=17, fontname="tibo")
        box = pymupdf.Rect(48, 92, 372, 540)
        page.insert_textbox(
            box, "\n\n".join(paragraphs), fontsize=11.5, fontname="tiro", lineheight=1.45
        )
        page.insert_text((206, 566), str(number), fontsize=10, fontname="tiro")
        outline.append([1, heading, number])
    document.set_toc(outline)
    document.save(path, garbage=3, deflate=True, no_new_id=True)


def lease(path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Lease of 14 Linden Row"
    document.core_properties.author = ""
    document.add_heading("Lease of 14 Linden Row", 0)
    for heading, paragraphs in LEASE:
        document.add_heading(heading, 1)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    document.save(str(path))


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    handbook(TARGET / "Ashgrove handbook.pdf")
    lease(TARGET / "Lease of 14 Linden Row.docx")
    (TARGET / "Harbour survey.md").write_text(NOTES, encoding="utf-8")
    (TARGET / "Minutes of the trustees.html").write_text(MINUTES, encoding="utf-8")


if __name__ == "__main__":
    main()
