"""JSON documents of the catalogue: read, checked, stored, and compared."""
