"""Every setting. Nothing else in the application reads the environment.

Each field is set by the environment variable `GLASSBOX_<NAME>`; docs/settings.md lists them.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic import ValidatorFunctionWrapHandler as Handler
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.core.images.limits import Limits

KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

_KEYS = (
    'must be JSON: keys as in ["a-key"], or names of up to 100 characters with keys as in {"anna": "a-key"}'
)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", extra="ignore")

    host: str = Field(
        default="127.0.0.1", description="Address to serve on. Any address but loopback needs API keys."
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to serve on.")
    data_folder: Path = Field(default=Path("data"), description="Folder of everything that must survive.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in the data folder.")
    database_connect_seconds: int = Field(default=3, ge=2, description="PostgreSQL: maximum time to connect.")
    database_statement_seconds: float = Field(
        default=15.0,
        gt=0,
        description="Maximum time of one statement; with SQLite, of the wait for another process.",
    )
    database_pool_seconds: float = Field(
        default=10.0, gt=0, description="Maximum time that a request waits for a free connection."
    )
    durable: bool = Field(
        default=False,
        description="Survive a power cut: write every accepted file and job through to the disk first.",
    )
    redis_url: str = Field(
        default="", description="redis:// or unix:// URL; empty: the socket of the embedded server."
    )
    storage_url: str = Field(
        default="", description="Folder or fsspec URL (s3://bucket/path); empty: a folder in the data folder."
    )
    fetched_bytes: int = Field(
        default=10_000_000_000, gt=0, description="Bytes of copies of remote files kept on this machine."
    )
    weights_folder: Path | None = Field(
        default=None,
        description="Folder of fetched weights, as in the Docker image; they are added to the storage at "
        "the start.",
    )
    frontend_folder: Path = Field(default=Path("frontend/dist"), description="The built frontend.")
    docs_folder: Path = Field(
        default=Path("docs"), description="Folder of the documents that the pages show."
    )
    capability_packages: list[str] = Field(
        default=[], description="Further packages that contain capabilities."
    )

    api_keys: list[SecretStr] | dict[KeyName, SecretStr] = Field(
        default=[],
        description='Keys that requests must send one of, as JSON: ["..."], or with the names of their '
        'owners, {"anna": "..."}.',
    )
    api_key: SecretStr = Field(
        default=SecretStr(""), description="Key that the command line sends to a server."
    )
    cors_origins: list[str] = Field(
        default=[],
        description='Other sites whose pages may use the API, as JSON: ["https://lab.example"]; empty: none.',
    )
    allow_keyless: bool = Field(
        default=False, description="Serve other machines without a key. Everyone may do everything."
    )

    max_upload_bytes: int = Field(
        default=50_000_000, gt=0, description="Maximum bytes of one upload other than a ZIP archive."
    )
    max_pixels: int = Field(default=64_000_000, gt=0, description="Maximum pixels of one picture.")
    max_rows: int = Field(default=1_000_000, gt=0, description="Maximum rows of one table.")
    max_columns: int = Field(default=1_000, gt=0, description="Maximum columns of one table.")
    max_archive_bytes: int = Field(
        default=2_000_000_000,
        gt=0,
        description="Maximum bytes of one ZIP archive, and of its files unpacked.",
    )
    max_archive_files: int = Field(default=50_000, gt=0, description="Maximum files in one archive.")
    max_queued: int = Field(
        default=1_000, gt=0, description="Maximum jobs in a queue; further ones are refused with 429."
    )
    max_header_bytes: int = Field(
        default=65_536, gt=0, description="Maximum bytes of a request's headers; more are refused with 431."
    )
    max_connections: int = Field(
        default=1_000, gt=0, description="Maximum open connections; further ones are refused with 503."
    )
    max_event_streams: int = Field(
        default=500, gt=0, description="Maximum open event streams; further ones are refused with 503."
    )
    header_seconds: float = Field(
        default=15.0, gt=0, description="Maximum time in which a request's headers must arrive."
    )
    silent_seconds: float = Field(
        default=30.0,
        gt=0,
        description="Time after which a request whose body arrives too slowly is refused.",
    )
    min_bytes_per_second: int = Field(
        default=500, ge=1, description="Minimum rate of a request's body over that time."
    )
    keep_alive_seconds: float = Field(
        default=75.0, gt=0, description="Time until an idle connection is closed; above that of a proxy."
    )
    wait_seconds: float = Field(
        default=30.0, gt=0, description="Maximum time that a request waits for its job."
    )
    keep_days: float = Field(
        default=0.0,
        ge=0,
        description="Age in days at which finished jobs and unused uploads are deleted; 0: never.",
    )
    log_keep_days: float = Field(
        default=0.0,
        ge=0,
        description="Age in days at which entries of the log of decisions are deleted; 0: never.",
    )

    review_webhook: str = Field(
        default="", description="http(s) address that every decision about an answer is sent to; empty: none."
    )
    review_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="Text that signs what is sent there."
    )

    lease_seconds: float = Field(
        default=30.0, gt=0, description="Time until the jobs of a silent worker are requeued."
    )
    heartbeat_seconds: float = Field(
        default=5.0, gt=0, description="Interval at which a worker renews its leases."
    )
    grace_seconds: float = Field(
        default=10.0, gt=0, description="Age at which the message of a queued job counts as lost."
    )
    sweep_seconds: float = Field(
        default=2.0, gt=0, description="Interval of the search for lost jobs and messages."
    )
    max_attempts: int = Field(
        default=3, gt=0, description="Attempts after which a job whose workers crashed has failed."
    )
    drain_seconds: float = Field(
        default=20.0, gt=0, description="Maximum time that a stopping worker waits for a checkpoint."
    )

    node: str = Field(
        default="", description="Stable name of this machine among the workers; empty: its host name."
    )
    device: str = Field(default="auto", description="auto, cpu, cuda or cuda:N.")
    torch_threads: int = Field(default=1, ge=1, description="Threads of one forward pass on the CPU.")
    max_batch: int = Field(
        default=0, ge=0, description="Maximum inputs of one forward pass; 0: measured while idle."
    )
    preload: list[str] = Field(
        default=["detection"],
        description="Capabilities whose default model is loaded at start; others at their first job.",
    )
    worker_start_seconds: float = Field(
        default=60.0,
        ge=0,
        description="Time after the start of the API in which requests wait for a worker that still starts.",
    )
    predictor_cache_bytes: int = Field(
        default=2_000_000_000, gt=0, description="Bytes of weights kept in memory by one worker."
    )
    checkpoint_seconds: float = Field(
        default=30.0, gt=0, description="Time between the checkpoints of a training."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field(
        default="text", description="text, or json: one object per line."
    )

    @field_validator("api_keys", mode="wrap")
    @classmethod
    def _are_keys(cls, value: Any, validated: Handler) -> Any:
        try:
            return validated(value)
        except ValidationError:
            # one sentence instead of a problem with each of the two forms, which would show the keys
            raise ValueError(_KEYS) from None

    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_folder.resolve() / 'glassbox.db'}"

    def named_keys(self) -> dict[str, str]:
        """The API keys by name. Those without a name are named after their hash."""
        if isinstance(self.api_keys, dict):
            named = {name: key.get_secret_value() for name, key in self.api_keys.items()}
        else:
            named = {_unnamed(key): key for key in (each.get_secret_value() for each in self.api_keys)}
        return {name: key for name, key in named.items() if key}

    def resolved_storage_url(self) -> str:
        return self.storage_url or str(self.data_folder.resolve() / "files")

    def work_folder(self) -> Path:
        """Temporary files of this machine: current trainings, large pictures, copies of remote files."""
        return self.data_folder.resolve() / "work"

    def limits(self) -> Limits:
        return Limits(
            pixels=self.max_pixels,
            rows=self.max_rows,
            columns=self.max_columns,
            archive_bytes=self.max_archive_bytes,
            archive_files=self.max_archive_files,
        )


def _unnamed(key: str) -> str:
    return f"key {hashlib.sha256(b'name of ' + key.encode()).hexdigest()[:8]}"


@cache
def settings() -> Settings:
    """The process' settings, read once; `settings.cache_clear()` makes the next call read them again."""
    return Settings()
