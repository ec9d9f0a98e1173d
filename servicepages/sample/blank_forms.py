"""Blank forms and filled-in samples as people know them: real Word and Excel files.

A form is described by its name and its questions; a sample by the answers. Most are Word; a form that
is a list (people, equipment) is Excel.
"""

import io
from functools import lru_cache

from django.core.files.base import ContentFile
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from servicepages.models import Attachment
from servicepages.slugs import pinyin_slug

NOTICE = "示例数据用表，非正式表格"
_FONT = "宋体"


@lru_cache(maxsize=256)
def word_form(title: str, item_name: str, questions: tuple, answers: tuple = (), notes: str = "") -> bytes:
    """A form with a line for each question; `answers` fill it in, as far as they go."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    document.core_properties.title = title

    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(title)
    run.bold, run.font.size = True, Pt(18)
    hint = document.add_paragraph(f"事项：{item_name}（{NOTICE}）")
    hint.alignment = WD_ALIGN_PARAGRAPH.CENTER

    table = document.add_table(rows=len(questions), cols=2, style="Table Grid")
    for row, (question, answer) in enumerate(_answered(questions, answers)):
        cells = table.rows[row].cells
        cells[0].text, cells[1].text = question, answer
        cells[0].width, cells[1].width = Cm(5), Cm(11)
        table.rows[row].height = Cm(0.9)
    if notes:
        document.add_paragraph()
        document.add_paragraph(f"填表说明：{notes}")
    document.add_paragraph()
    signature = "申请人（签字或盖章）：" + (answers[0] if answers else "")
    document.add_paragraph(f"{signature}　　　　　　{'2026年3月2日' if answers else '年　　月　　日'}")
    return _saved(document)


@lru_cache(maxsize=256)
def sheet_form(title: str, item_name: str, questions: tuple, answers: tuple = (), notes: str = "") -> bytes:
    """The same as a spreadsheet, with the questions as the heads of its columns."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:28]
    line = Side(style="thin")
    border = Border(left=line, right=line, top=line, bottom=line)
    sheet.append([title])
    sheet.append([f"事项：{item_name}（{NOTICE}）"])
    sheet.append(["序号", *questions])
    sheet.append([1, *(answer for _question, answer in _answered(questions, answers))])
    for number in range(2, 9):
        sheet.append([number, *("" for _question in questions)])
    width = len(questions) + 1
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center")
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    for cells in sheet.iter_rows(min_row=3, max_row=11, max_col=width):
        for cell in cells:
            cell.border = border
            cell.alignment = Alignment(wrap_text=True, vertical="center")
    for column in range(2, width + 1):
        sheet.column_dimensions[sheet.cell(3, column).column_letter].width = 18
    if notes:
        sheet.append([f"填表说明：{notes}"])
    return _saved(book)


def _answered(questions, answers):
    padded = (*answers, *("" for _question in questions))
    return zip(questions, padded, strict=False)


def _saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def attach(item_name: str, name: str, content: bytes, extension: str, collection, user) -> Attachment:
    """Stores a form as an attachment of the department whose collection is given."""
    stem = f"{pinyin_slug(item_name, 30)}-{pinyin_slug(name, 45)}"
    attachment = Attachment(
        title=f"{item_name}：{name}",
        file=ContentFile(content, name=f"{stem}.{extension}"),
        collection=collection,
        uploaded_by_user=user,
    )
    attachment._set_document_file_metadata()
    attachment.save()
    return attachment


def form_and_sample(material: dict, item_name: str, collection, user) -> dict:
    """{blank_form, filled_in_sample} of a material whose description has a `form`."""
    make, extension = (sheet_form, "xlsx") if material.get("sheet") else (word_form, "docx")
    name, notes = material["name"], material.get("notes", "")
    questions = tuple(material["form"].split("|"))

    def stored(suffix, answers=()):
        content = make(name, item_name, questions, answers, notes)
        return attach(item_name, f"{name}（{suffix}）", content, extension, collection, user)

    files = {"blank_form": stored("空白表")}
    if "sample" in material:
        files["filled_in_sample"] = stored("填写样例", tuple(material["sample"].split("|")))
    return files
