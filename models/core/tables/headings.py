"""Headings and types in tables about a table, as several capabilities show them."""

from models.core.contract.messages import Text
from models.core.tables.read_options import ColumnType

COLUMN = Text("core.tables.headings.column", "column")
TYPE = Text("core.tables.headings.type", "type")
MISSING = Text("core.tables.headings.missing", "missing")
DISTINCT = Text("core.tables.headings.distinct", "distinct values")
MINIMUM = Text("core.tables.headings.minimum", "minimum")
MAXIMUM = Text("core.tables.headings.maximum", "maximum")
MEAN = Text("core.tables.headings.mean", "mean")
ROW = Text("core.tables.headings.row", "row")
ROWS = Text("core.tables.headings.rows", "rows")
PROBLEM = Text("core.tables.headings.problem", "problem")

TYPES = {
    ColumnType.NUMBER: Text("core.tables.types.number", "number"),
    ColumnType.CATEGORY: Text("core.tables.types.category", "category"),
    ColumnType.DATE: Text("core.tables.types.date", "date"),
    ColumnType.TEXT: Text("core.tables.types.text", "text"),
}
