"""Write the sample: ``python -m tachi_data.sample data/sample``."""

from __future__ import annotations

import sys
from pathlib import Path

from tachi_data.sample import write_catalogue, write_imports


def main(folder: Path) -> None:
    """Write the two catalogues and the import files into a folder."""
    write_catalogue(folder / "catalogue")
    write_catalogue(folder / "catalogue-newer", newer=True)
    write_imports(folder / "imports")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/sample"))
