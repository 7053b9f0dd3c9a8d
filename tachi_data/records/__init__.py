"""JSON records: their declarations, their violations and their columns.

`schema` turns a declaration into a struct of msgspec. `reading` turns records into structs, all at once or
one by one. `frames` turns structs into columns. `wording` puts a violation into words.
"""

from tachi_data.records.frames import columns, records
from tachi_data.records.reading import Fitted, checked, fit, fits, joined_fits, read, violations
from tachi_data.records.wording import Violation

__all__ = [
    "Fitted",
    "Violation",
    "checked",
    "columns",
    "fit",
    "fits",
    "joined_fits",
    "read",
    "records",
    "violations",
]
