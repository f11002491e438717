"""What can be wrong with a file, or with one row of it: the words for it.

The particulars are numbers and names of sheets, never what stands in a cell.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from productkeys.domain.rule import Problem, Rule

__all__ = ["Problem", "Rule", "Unreadable"]


class Unreadable(Exception):
    """A file is no table, or cannot be read on. `problem` says why; the text of the error is its code alone."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


# Of the file.
EMPTY = Rule(
    "file_empty",
    "file",
    _("There is nothing in it."),
    _("Choose a file that holds rows, or paste them."),
    "",
)
HEADER_ONLY = Rule(
    "file_header_only",
    "file",
    _("There are names of columns in it, and no rows."),
    _("Choose a file that holds rows, or say that the first row is no header."),
    "",
)
NO_TABLE = Rule(
    "file_no_table",
    "file",
    _("This is no table: pictures, PDF, archives and programs cannot be read."),
    _("Bring a CSV or text file, an Excel workbook (.xlsx), JSON lines or XML, or paste the rows."),
    "",
)
TOO_MANY_COLUMNS = Rule(
    "file_too_many_columns",
    "file",
    _("The table has more than %(limit)s columns."),
    _("Delete the columns that are not about product keys, or choose another delimiter."),
    "",
)
TOO_MANY_ROWS = Rule(
    "file_too_many_rows",
    "file",
    _("The table has more than %(limit)s rows."),
    _("Divide it into several files."),
    "",
)
QUOTES_BROKEN_THROUGHOUT = Rule(
    "file_quotes_broken",
    "file",
    _("Too many quotation marks are opened and never closed."),
    _("Choose another delimiter, or save the table anew as a CSV file or as an Excel workbook (.xlsx)."),
    "",
)

# Of workbooks.
WORKBOOK_DAMAGED = Rule(
    "workbook_damaged",
    "file",
    _("This workbook is damaged."),
    _("Open it in a spreadsheet program and save it anew as an Excel workbook (.xlsx)."),
    "",
)
WORKBOOK_TOO_LARGE = Rule(
    "workbook_too_large",
    "file",
    _("This workbook unpacks to far more than a table of product keys needs."),
    _("Copy the rows into a new workbook, or save them as a CSV file."),
    "",
)
WORKBOOK_ENCRYPTED = Rule(
    "workbook_encrypted",
    "file",
    _("This workbook is protected by a password."),
    _("Open it, remove the password and save it again."),
    "",
)
WORKBOOK_OLD = Rule(
    "workbook_old",
    "file",
    _("This is a workbook or document of an older or other kind (such as .xls, .xlsb or .ods)."),
    _("Open it in a spreadsheet program and save it as an Excel workbook (.xlsx)."),
    "",
)
WEB_PAGE = Rule(
    "file_web_page",
    "file",
    _("This is a web page, whatever the file is called: many programs export one as .xls."),
    _("Open it in a spreadsheet program and save it as an Excel workbook (.xlsx), or copy the table and paste it."),
    "",
)
SHEET_MISSING = Rule(
    "workbook_sheet_missing",
    "file",
    _("The workbook has no sheet of that name."),
    _("Choose one of its sheets."),
    "",
)

# Of XML and JSON.
XML_BROKEN = Rule(
    "xml_broken",
    "file",
    _("The XML cannot be read: line %(line)s is not well-formed."),
    _("Export the list anew, or mend that line."),
    "",
)
XML_WITH_DOCTYPE = Rule(
    "xml_with_doctype",
    "file",
    _("The XML brings a document type, which is not read: it can name other files or grow without end."),
    _("Take the line with <!DOCTYPE out. If this is a web page, copy the table in it and paste it."),
    "",
)
XML_TOO_DEEP = Rule(
    "xml_too_deep",
    "file",
    _("The XML is nested more deeply, or built of more different elements, than any list of product keys."),
    _("Export the list anew, or bring it as a CSV file."),
    "",
)
XML_WITHOUT_ROWS = Rule(
    "xml_without_rows",
    "file",
    _("No list of product keys was found in the XML."),
    _("Bring an export of keys, or paste the rows."),
    "",
)
JSON_BROKEN_THROUGHOUT = Rule(
    "json_broken",
    "file",
    _("Too much of the JSON cannot be read."),
    _("Export it anew, one object on each line."),
    "",
)

# Of a row.
TOO_MANY_CELLS = Rule(
    "row_too_many_cells",
    "file",
    _("The row has %(found)s cells, and the table has %(columns)s columns."),
    _("Put a text that holds the delimiter in quotation marks; what is too much stands in the last column here."),
    "",
)
CELLS_UNCLEAR = Rule(
    "row_cells_unclear",
    "file",
    _("The row has fewer cells than there are columns, and which of them are missing cannot be told."),
    _("Put something into the empty cells, or copy the table from the spreadsheet itself."),
    "",
)
QUOTES_BROKEN = Rule(
    "row_quotes_broken",
    "file",
    _("A quotation mark in this row is not closed, or stands where none may stand."),
    _("Write it twice inside a cell that is in quotation marks, or take it out."),
    "",
)
NUL_CHARACTERS = Rule(
    "row_nul_characters",
    "file",
    _("The row holds NUL characters, which no text has; each is shown as “�” here."),
    _("Compare the row with its source and enter it anew."),
    "",
)
OTHER_ENCODING = Rule(
    "row_other_encoding",
    "file",
    _("The row is written in another character encoding than the rest of the file."),
    _("Compare its special characters with the source; they may be wrong."),
    "",
)
CELL_TOO_LONG = Rule(
    "row_cell_too_long",
    "file",
    _("A cell has more than %(limit)s characters; the rest is cut off here."),
    _("Shorten it in the file."),
    "",
)
LINE_TOO_LONG = Rule(
    "row_line_too_long",
    "file",
    _("The line has more than %(limit)s characters; the rest is cut off here."),
    _("Look whether a line break is missing, or choose another format."),
    "",
)
FORMULA_WITHOUT_VALUE = Rule(
    "row_formula_without_value",
    "file",
    _("A cell holds a formula whose value was never computed."),
    _("Open the workbook in a spreadsheet program and save it, so that the values are stored."),
    "",
)
NO_OBJECT = Rule(
    "row_no_object",
    "file",
    _("This is no JSON object, or one that names a field twice."),
    _("Mend the line, or take it out."),
    "",
)

RULES: Mapping[str, Rule] = {rule.code: rule for rule in list(vars().values()) if isinstance(rule, Rule)}
"""All of them by their code, which is what is kept of a fault."""
