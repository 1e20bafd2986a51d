import io
from pathlib import Path

import pytest

from rag.loaders.pdf import paragraphs_of
from tests.loading import document, reason, written


def pdf(*pages: list[str], info: str = "") -> bytes:
    """A PDF with these lines on its pages, 12 points high, an empty line being a gap."""
    objects = ["<</Type/Catalog/Pages 2 0 R/Lang(en-GB)>>", ""]
    kids = []
    for lines in pages:
        shown = "".join(f"({line}) Tj T* " if line else "T* " for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 50 780 Td {shown} ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R/Resources<</Font"
            "<</F1 <</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    objects.append(f"<<{info}>>")
    data, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj{text}endobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>"
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return data + f"{head}{table}{trailer}\nstartxref\n{len(data)}\n%%EOF".encode()


LINES = [
    "A fire in the engine room of the ferry Marjan forced all 142 people on board into life-",
    "boats on Sunday evening, the coast guard said.",
    "The US-",
    "led inquiry begins on Monday.",
]


def test_a_pdf_is_read(tmp_path: Path) -> None:
    info = "/Title(Ferry fire)/Author(Ana Kovac)"
    found = document(written(tmp_path, "a.pdf", pdf(LINES, info=info)))
    assert found.text == (
        "A fire in the engine room of the ferry Marjan forced all 142 people on board into lifeboats on "
        "Sunday evening, the coast guard said.\n\nThe US-led inquiry begins on Monday."
    )
    assert (found.title, found.byline, found.language) == ("Ferry fire", "Ana Kovac", "en")


def test_the_day_a_pdf_was_made_is_not_its_date(tmp_path: Path) -> None:
    data = pdf(LINES, info="/CreationDate(D:20200101)")
    assert document(written(tmp_path, "a.pdf", data)).published is None


@pytest.mark.parametrize("title", ["Microsoft Word - draft3.docx", "untitled", "Document1", "story.indd", ""])
def test_a_title_that_a_program_put_in_is_none(tmp_path: Path, title: str) -> None:
    assert (
        document(written(tmp_path, "a.pdf", pdf(LINES, info=f"/Title({title})/Author(admin)"))).title is None
    )


def test_a_pdf_without_text_is_told(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.pdf", pdf([]))) == (
        "holds no text: its pages are probably scanned; run it through OCR first"
    )


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n", b"%PDF-1.4\n%%EOF", b"not a PDF", pdf(LINES)[:300], b"\0" * 500]
)
def test_a_corrupt_pdf_is_told(tmp_path: Path, data: bytes) -> None:
    assert reason(written(tmp_path, "a.pdf", data)).startswith(
        ("is a damaged PDF", "holds no text", "is damaged")
    )


def test_an_encrypted_pdf_is_told(tmp_path: Path) -> None:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(LINES)))
    writer.encrypt("secret", algorithm="RC4-128")
    with (tmp_path / "a.pdf").open("wb") as file:
        writer.write(file)
    assert reason(tmp_path / "a.pdf") == "is encrypted; save it without a password"


def test_a_pdf_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(LINES)))
    writer.encrypt("", "owner", algorithm="RC4-128")
    with (tmp_path / "a.pdf").open("wb") as file:
        writer.write(file)
    assert document(tmp_path / "a.pdf").text.startswith("A fire")


def test_a_long_pdf_is_refused_before_its_last_page(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.pdf", pdf(*[LINES] * 20)), max_chars=1_000).startswith(
        "the text is longer than 1,000"
    )


FULL = "a line as long as the column is wide, which most lines of a page are"


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        ([f"{FULL}\nand on it goes."], f"{FULL} and on it goes."),
        ([f"{FULL}\nends here.\nThe next {FULL}"], f"{FULL} ends here.\n\nThe next {FULL}"),
        ([f"{FULL}\n\nThe next {FULL}"], f"{FULL}\n\nThe next {FULL}"),
        ([f"{FULL}\n\ngoes on"], f"{FULL} goes on"),
        ([f"Heading\nThe next {FULL}"], f"Heading\n\nThe next {FULL}"),
        ([f"{FULL} govern-\nment"], f"{FULL} government"),
        ([f"{FULL} long-\nterm and long-term"], f"{FULL} long-term and long-term"),
        ([f"{FULL} US-\nled"], f"{FULL} US-led"),
        ([f"{FULL} al-\nTahtani"], f"{FULL} al-Tahtani"),
        ([f"{FULL} 2016-\n17"], f"{FULL} 2016-17"),
        ([f"{FULL} –\nand"], f"{FULL} – and"),
        ([f"{FULL} soft\u00ad\nware"], f"{FULL} software"),
        (["o\ufb03ce \ufb02ight"], "office flight"),
        ([f"{FULL}\n1", "goes on.\n2", f"The {FULL}\n3"], f"{FULL} goes on.\n\nThe {FULL}"),
        (
            ["The Times\nA fire broke out", "The Times\non a ferry", "The Times\noff Split."],
            "The Times\n\nA fire broke out on a ferry off Split.",
        ),
        ([], ""),
    ],
)
def test_lines_become_paragraphs_again(pages: list[str], text: str) -> None:
    assert paragraphs_of(pages) == text
