"""Settings of the service, from environment variables that start with ``TACHI_``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from tachi_data.import_types import all_import_types


class Settings(BaseSettings):
    """The settings: ``TACHI_STORE``, ``TACHI_EXTERNAL_PROCESSING`` and so on."""

    model_config = SettingsConfigDict(env_prefix="TACHI_", env_file=None)

    store: str = Field("tachi.duckdb", description="The store: a DuckDB file, or a DuckLake.")
    base_url: str | None = Field(
        None, description="Address in answers; where not set, the one that the client used."
    )
    external_processing: bool = Field(False, description="Accept imports and let a worker do them.")
    spool: Path = Field(
        Path("spool"), description="Folder of accepted imports that wait for a worker."
    )
    files: Path = Field(
        Path("files"), description="Folder of what clients send beside scores, such as replays."
    )
    deployment: str = Field(
        "", description="Prefect deployment (flow/name) to run for an accepted import."
    )
    import_types: list[str] | None = Field(
        None, description="Enabled import types; all where not set."
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks of proxies whose X-Forwarded headers count."
    )
    header_timeout_s: float = Field(20, description="Seconds for the head of a request.")
    body_timeout_s: float = Field(120, description="Seconds for the body of a request.")
    connections: int = Field(1000, description="Connections that may be open.")
    connections_per_client: int = Field(250, description="Connections of one address.")
    tokens_per_player: int = Field(100, description="API tokens that a player may have.")
    rate_limits: bool = Field(True, description="Whether requests are limited.")
    requests_per_minute: int = Field(500, description="Requests per minute and client.")
    imports_per_minute: int = Field(5, description="Imports per minute and user.")
    largest_upload: int = Field(16 * 1024 * 1024, description="Bytes of an uploaded file.")
    largest_body: int = Field(4 * 1024 * 1024, description="Bytes of a JSON body.")
    bodies_at_once: int = Field(
        64 * 1024 * 1024, description="Bytes of all bodies that a process holds at a time."
    )
    orphan_budget_s: float = Field(60, description="Seconds that reprocessing orphans may take.")
    flavour: str = Field("omni", description="kamai, boku or omni: which game clients are served.")

    def offered(self, family: str) -> list[str]:
        """Returns the enabled import types of a family (``file``, ``api``)."""
        wanted = all_import_types() if self.import_types is None else self.import_types
        return [
            kind for kind in wanted if kind.startswith(f"{family}/") and kind in all_import_types()
        ]
