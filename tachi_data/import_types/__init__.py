"""The import types: one file per format or family (`file`, `ir`, `api`), and the words to declare them."""

from __future__ import annotations

from tachi_data.import_types.clients import (
    Attachment,
    Call,
    Client,
    Question,
    Reply,
    Route,
    Stored,
)
from tachi_data.import_types.model import (
    Conversion,
    ImportType,
    Link,
    Parsed,
    Rule,
    Service,
    Source,
)
from tachi_data.import_types.registry import FOLDERS, all_import_types

__all__ = [
    "FOLDERS",
    "Attachment",
    "Call",
    "Client",
    "Conversion",
    "ImportType",
    "Link",
    "Parsed",
    "Question",
    "Reply",
    "Route",
    "Rule",
    "Service",
    "Source",
    "Stored",
    "all_import_types",
]
