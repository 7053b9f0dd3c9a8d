"""``python -m tachi_data.cli`` is ``tachi-data``."""

from tachi_data.cli import main

main()
