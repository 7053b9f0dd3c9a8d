"""Reading what an import brings: text, CSV, JSON, XML, and the answers of other services."""
