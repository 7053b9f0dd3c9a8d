"""The HTTP service: the three import endpoints of Tachi, and what a client needs around them."""

from __future__ import annotations

from tachi_data.service.app import create_app
from tachi_data.service.http.logging import LOGGING
from tachi_data.service.settings import Settings

__all__ = ["LOGGING", "Settings", "create_app"]
