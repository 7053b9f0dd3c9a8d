"""Write the sample: ``python -m tachi_data.sample data/sample``; options add files of any size."""

from __future__ import annotations

import argparse
from pathlib import Path

from tachi_data.sample import batch_manual, orphan_export, write_catalogue, write_imports


def main(arguments: list[str] | None = None) -> None:
    """Write the two catalogues and the import files into a folder, and an export of orphans where it is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tachi_data.sample", description="Write invented data to try things with."
    )
    parser.add_argument(
        "folder", nargs="?", default="data/sample", type=Path, help="where to write"
    )
    parser.add_argument(
        "--orphans",
        type=int,
        default=0,
        metavar="N",
        help="also orphan-scores.ndjson with N orphans",
    )
    parser.add_argument(
        "--scores",
        type=int,
        default=0,
        metavar="N",
        help="also batch-manual.json with N scores of one player",
    )
    asked = parser.parse_args(arguments)
    write_catalogue(asked.folder / "catalogue")
    write_catalogue(asked.folder / "catalogue-newer", newer=True)
    write_imports(asked.folder / "imports")
    if asked.orphans:
        with (asked.folder / "orphan-scores.ndjson").open("wb") as file:
            file.writelines(orphan_export(asked.orphans, matching=0.4))
    if asked.scores:
        (asked.folder / "batch-manual.json").write_bytes(batch_manual(asked.scores))


if __name__ == "__main__":
    main()
