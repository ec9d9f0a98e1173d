"""What a file is by its content, whatever its name says.

Blank forms are Word or Excel (the form's own words: 格式為Word或excel), so that people can fill them
in; samples may also be PDF or pictures.
"""

import zipfile

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024

WORD_OR_EXCEL = frozenset({"doc", "docx", "xls", "xlsx"})
SAMPLE = WORD_OR_EXCEL | {"pdf", "jpg", "png"}

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAME_KIND = {"jpeg": "jpg"}


def kind_of(file) -> str | None:
    """One of `SAMPLE` by the content of a seekable binary `file`, or None for anything else.

    The position of `file` is put back to its beginning.
    """
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    try:
        if head.startswith(b"PK"):
            return _office_open_xml(file)
        if head == _OLE_MAGIC:
            return _compound_file(file)
        if head.startswith(b"%PDF-"):
            return "pdf"
        return _picture(file)
    finally:
        file.seek(0)


def _office_open_xml(file):
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return None  # damaged, or made to look like an archive
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None  # a macro runs on the citizen's computer
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else None


def _compound_file(file):
    """Word and Excel before 2007: the directory of the compound file names the main stream in UTF-16."""
    content = file.read(MAX_BYTES + 1)
    if "WordDocument".encode("utf-16-le") in content:
        return "doc"
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return "xls"
    return None


def _picture(file):
    try:
        with Image.open(file, formats=("JPEG", "PNG")) as picture:
            picture.verify()
            return {"JPEG": "jpg", "PNG": "png"}[picture.format]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def check_attachment(file, allowed=SAMPLE) -> str:
    """The kind of `file`; ValidationError with a sentence where it is too large, not of a kind in
    `allowed`, or not what its name says."""
    if file.size > MAX_BYTES:
        raise ValidationError(_("The file is larger than 20 MB."))
    kind = kind_of(file)
    if kind not in allowed:
        raise ValidationError(
            _("This is no file of an accepted kind (%(kinds)s), whatever its name says.")
            % {"kinds": ", ".join(sorted(allowed))}
        )
    extension = file.name.rsplit(".", 1)[-1].lower()
    if _SAME_KIND.get(extension, extension) != kind:
        raise ValidationError(
            _("The name ends in .%(extension)s, but the content is %(kind)s.")
            % {"extension": extension, "kind": kind}
        )
    return kind
