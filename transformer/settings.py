"""Every setting, in one table: the environment, the help, the docs and the start-up print read it.

Nothing else reads the environment. A variable is the field's name in capitals behind
``TRANSFORMER_``.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from transformer.errors import UsageError

PREFIX = "TRANSFORMER_"

# What programs write for nothing, and then send for everybody whose id they do not know.
BLOCKED_EXTERNAL_IDS = "null, NULL, undefined, NaN, None, nil, (null), <null>, [object Object]"


class Settings(BaseSettings):
    """What the process environment says; an unset value means the embedded default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path(".data"), description="folder of the embedded Redis and SQLite"
    )
    redis_url: str = Field(
        default="",
        description="a Redis or Valkey of your own, or redis+sentinel://HOST:PORT,…/SERVICE/DB; "
        "empty: an embedded Valkey",
    )
    redis_wait_replicas: int = Field(
        default=0, ge=0, description="replicas that must hold a webhook before it is answered 201"
    )
    redis_wait_timeout_ms: int = Field(
        default=1_000, ge=1, le=8_000, description="how long to wait for them before a 503"
    )
    redis_max_mb: int = Field(
        default=0,
        ge=0,
        description="memory of the embedded Valkey; 0: a quarter of this machine's, 256 at least",
    )
    database_url: str = Field(
        default="", description="sqlite:///… or postgresql://…; empty: SQLite in the data folder"
    )
    admin_token: SecretStr = Field(
        default=SecretStr(""),
        description="a bearer key with every right; empty: made once, kept in the data folder",
    )
    host: str = Field(default="127.0.0.1", description="address that web listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port of web; 0: any free one")
    workers: int = Field(default=1, ge=1, le=256, description="worker processes of `up`")
    run_timeout_ms: int = Field(default=1_000, ge=10, le=60_000, description="time for one event")
    run_heap_mb: int = Field(default=64, ge=8, le=1_024, description="V8 heap for one run")
    sandbox_require: Literal["available", "all"] = Field(
        default="available",
        description="all: run no code where a layer of the sandbox is missing; available: warn",
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1_024, le=64 * 1_048_576, description="largest webhook body"
    )
    request_timeout_s: float = Field(
        default=30, gt=0, description="seconds in which a request must have arrived whole"
    )
    max_connections: int = Field(
        default=20_000, ge=16, description="connections that one web process holds open"
    )
    source_rate_per_s: int = Field(
        default=0, ge=0, description="webhooks a second that one source may send; 0: any number"
    )
    workspace_rate_per_s: int = Field(
        default=0, ge=0, description="webhooks a second of one workspace; 0: any number"
    )
    backlog_limit: int = Field(
        default=2_000_000,
        ge=0,
        description="events that may wait for one transformation; 0: any number",
    )
    rest_rate_percent: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="rates of the REST API, in per cent of Braze's; 0: any number of requests",
    )
    blocked_external_ids: str = Field(
        default=BLOCKED_EXTERNAL_IDS,
        description="external ids that name nobody, with commas between them",
    )
    log_retention_days: int = Field(
        default=30, ge=1, description="age at which events and deliveries are removed"
    )
    log_max_mb: int = Field(
        default=0,
        ge=0,
        description="size at which a workspace's oldest events and deliveries are removed; 0: any size",
    )
    forward_to: Literal["public", "any"] = Field(
        default="public",
        description="public: forwards go by https to public addresses alone; any: by http and to "
        "private networks too",
    )
    forward_timeout_s: float = Field(
        default=15,
        ge=0.1,
        le=60,
        description="seconds in which a call of a forward must be answered",
    )
    forward_backlog_limit: int = Field(
        default=1_000_000,
        ge=1,
        description="operations that may wait for one forward; more are left out, and counted",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least important lines that are logged"
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="auto: text on a terminal, else JSON, one object a line"
    )
    traces: Literal["off", "otlp"] = Field(
        default="off", description="otlp: send traces to OTEL_EXPORTER_OTLP_ENDPOINT"
    )

    stop_at: str = Field(
        default="",
        description="for tests: a folder; a process stops at the point that a file in it is named after",
    )

    def resolved_database_url(self) -> str:
        """Give the database's URL in the form SQLAlchemy takes."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'transformer.db').absolute()}"
        for bare in ("postgresql://", "postgres://"):
            if self.database_url.startswith(bare):
                return "postgresql+psycopg://" + self.database_url.removeprefix(bare)
        return self.database_url


def load_settings(**given: Any) -> Settings:
    """Read the environment; what the command line gave goes first.

    Raises:
        UsageError: a variable's value is not of its kind.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(
            f"{name} is {first['input']!r}: {first['msg'].lower()}.",
            hint="Change or unset the variable; `transformer settings` lists them all.",
        ) from error


def described_settings(settings: Settings) -> list[tuple[str, str, str]]:
    """List (variable, value, description) of every setting, secrets masked."""
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown = "set" if value.get_secret_value() else ""
        else:
            shown = mask_password(str(value))
        rows.append((PREFIX + name.upper(), shown, field.description or ""))
    return rows


def mask_password(url: str) -> str:
    """Hide the password of a URL, so that it can be printed."""
    scheme, separator, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not (separator and at and ":" in credentials):
        return url
    return f"{scheme}://{credentials.partition(':')[0]}:***@{place}"
