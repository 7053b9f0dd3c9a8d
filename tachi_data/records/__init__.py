"""JSON records: what they have to look like, what is wrong with them, and their columns.

A declaration (`schema`) becomes a struct of msgspec; records become structs, all at once or one by one
(`reading`); structs become columns (`frames`); what does not fit is put in words (`wording`).
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
