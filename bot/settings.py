"""Settings from the environment and `.env`: the one room that reads them."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SettingsError

Names = Annotated[tuple[str, ...], NoDecode]
DATABASE_FILE = "dangjik.db"
TOKENS_FILE = "api-tokens"
CONSOLE_USERS_FILE = "console-users"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
URLS = ("_url", "_endpoint", "_proxy")
ADDRESSES = re.compile(r"\s*(?:https?://[^@/\s]*@[^,]*|[^,]+)")
REST_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
PROTECTED_FIELDS = ("name", "user", "queue")


class Settings(BaseSettings):
    """Every setting of the product; names, defaults and meanings as `.env.example` tells them."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read secrets from files, too, named by the environment or by `.env`."""
        told: dict[str, str | None] = {}
        for source in (dotenv_settings, env_settings):
            if isinstance(source, EnvSettingsSource):
                told |= source.env_vars
        files = SecretFiles(settings_cls, told)
        return init_settings, env_settings, dotenv_settings, files, file_secret_settings

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    alert_channels: Names = ()
    alert_senders: Names = ()
    alert_pattern: str | None = None

    approvers: Names = ()
    approver_group: str | None = None
    self_approval: bool = True
    approvals_required: int = Field(default=1, ge=1, le=10)
    proposal_ttl: timedelta = timedelta(minutes=15)
    protected: Names = ()
    dry_run: bool = False

    cluster_name: str = "cluster"
    cluster_aliases: Names = ()
    prometheus_url: str | None = None
    prometheus_token: SecretStr | None = None
    prometheus_headers: SecretStr | None = None
    prometheus_selector: str = ""
    prometheus_rate_window: str = Field(default="auto", pattern=r"^(auto|[1-9][0-9]*[smh])$")
    prometheus_node_label: str = Field(default="instance", pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")
    prometheus_query_cpu: str | None = None
    prometheus_query_cpu_by_node: str | None = None
    prometheus_query_memory: str | None = None
    prometheus_query_memory_by_node: str | None = None
    prometheus_query_disk: str | None = None
    prometheus_query_hdfs: str | None = None
    prometheus_query_network_in: str | None = None
    prometheus_query_network_out: str | None = None
    prometheus_query_cores: str | None = None
    prometheus_query_application_cpu: str | None = None
    prometheus_query_application_memory: str | None = None
    alertmanager_url: str | None = None
    alertmanager_token: SecretStr | None = None
    alertmanager_headers: SecretStr | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    backend_proxy: SecretStr | None = None
    yarn_url: Names = ()
    yarn_rest_path: str = "/ws/v1"
    yarn_application_types: Names = ("SPARK",)
    yarn_token: SecretStr | None = None
    yarn_headers: SecretStr | None = None
    yarn_user: str = "dangjik"
    yarn_auth: Literal["simple", "kerberos"] = "simple"
    node_metrics: Literal["auto", "off"] = "auto"
    spark_master_url: Names = ()
    spark_master_token: SecretStr | None = None
    spark_master_headers: SecretStr | None = None
    usage_every: timedelta = Field(default=timedelta(minutes=10), ge=timedelta(minutes=1))
    usage_kept: timedelta = Field(default=timedelta(days=28), ge=timedelta(days=1))

    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-4.1-mini"
    openai_fallback_model: str | None = None
    openai_timeout: timedelta = Field(default=timedelta(seconds=20), ge=timedelta(seconds=1))
    openai_reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None
    openai_embedding_model: str = "text-embedding-3-small"
    embeddings: Literal["auto", "openai", "local"] = "auto"
    tavily_api_key: SecretStr | None = None
    tavily_base_url: str | None = None
    tavily_domains: Names = ()

    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    chroma_url: str | None = None

    thread_replies: Literal["addressed", "mentions"] = "addressed"
    digest_channel: str | None = None
    digest_cron: str = "0 9 * * mon-fri"
    digest_quiet: bool = False
    timezone: str = "Asia/Seoul"
    language: Literal["auto", "ko", "en"] = "auto"
    health_port: int = Field(default=8080, ge=0, le=65535)
    health_host: str = "127.0.0.1"
    api_port: int = Field(default=0, ge=0, le=65535)
    api_host: Names = ("127.0.0.1",)
    api_tokens_file: Path | None = None
    gateway_url: str | None = None
    gateway_token: SecretStr | None = None
    proposal_channel: str | None = None
    console_port: int = Field(default=7860, ge=0, le=65535)
    console_users_file: Path | None = None
    console_auth_header: str | None = None
    log_format: Literal["console", "json"] | None = None
    otel_exporter_otlp_endpoint: str | None = None

    @property
    def database(self) -> str | Path:
        """Where our own rows are: the address of PostgreSQL, or the SQLite file."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return self.data_dir / DATABASE_FILE

    @property
    def tokens_file(self) -> Path:
        """Who may call the API: the file named, or one of that name in DATA_DIR."""
        return self.api_tokens_file or self.data_dir / TOKENS_FILE

    @property
    def console_users(self) -> Path:
        """The file of those who may sign in at the console."""
        return self.console_users_file or self.data_dir / CONSOLE_USERS_FILE

    @field_validator(
        "alert_channels",
        "alert_senders",
        "approvers",
        "protected",
        "cluster_aliases",
        "yarn_application_types",
        "api_host",
        "tavily_domains",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("yarn_url", "spark_master_url", mode="before")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        """Split at commas, but not at one within a password."""
        if isinstance(value, str):
            return tuple(part.strip() for part in ADDRESSES.findall(value) if part.strip())
        return value

    @field_validator("yarn_rest_path")
    @classmethod
    def _rest_path(cls, value: str) -> str:
        path = value.strip().strip("/")
        if not REST_PATH.fullmatch(path):
            raise ValueError("write a path such as /ws/v1, or / for none")
        return f"/{path}" if path else ""

    @field_validator(
        "prometheus_headers", "yarn_headers", "spark_master_headers", "alertmanager_headers"
    )
    @classmethod
    def _headers(cls, value: SecretStr | None) -> SecretStr | None:
        headers_of(value)
        return value

    @field_validator("proposal_ttl", "usage_every", "usage_kept", "openai_timeout", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        number, unit = value[:-1], value[-1:]
        if not number.isdigit() or unit not in UNITS:
            raise ValueError("write a whole number and s, m, h or d, such as 15m")
        return timedelta(**{UNITS[unit]: int(number)})

    @field_validator("protected")
    @classmethod
    def _globs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            field, colon, glob = pattern.partition(":")
            if field not in PROTECTED_FIELDS or not colon or not glob:
                raise ValueError("write name:GLOB, user:GLOB or queue:GLOB")
        return value

    @field_validator("digest_cron")
    @classmethod
    def _cron(cls, value: str) -> str:
        # The emergency stop waits for the settings, and for no scheduler.
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

        try:
            CronTrigger.from_crontab(value, timezone="UTC")
        except ValueError as error:
            raise ValueError("write a crontab line such as 0 9 * * mon-fri") from error
        return value

    @field_validator("language", mode="before")
    @classmethod
    def _of_locale(cls, value: Any) -> Any:
        """Read the list of locales that desktops keep in LANGUAGE, such as `ko_KR:ko`."""
        if not isinstance(value, str) or not ({"_", ":"} & set(value)):
            return value
        return value[:2] if value[:2] in {"ko", "en"} else "auto"

    @field_validator("slack_api_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        """Refuse a user and password: the token is the only login that Slack's client sends."""
        if _userinfo(value) or not value.startswith(("http://", "https://")):
            raise ValueError("write an http or https address without user and password")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone name such as Asia/Seoul") from error
        return value


def headers_of(secret: SecretStr | None) -> dict[str, str]:
    """Return the headers that `Name: value; Name: value` names; ValueError for another form."""
    found = {}
    for part in (secret.get_secret_value() if secret else "").split(";"):
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if part.strip() and not (colon and HEADER.fullmatch(name) and value.isprintable()):
            raise ValueError("write Name: value, several of them separated by ;")
        if name:
            found[name] = value
    return found


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each secret from the file that `<NAME>_FILE` names, where the secret itself is not set."""

    def __init__(self, settings: type[BaseSettings], told: Mapping[str, str | None]) -> None:
        super().__init__(settings)
        self._told = told

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return what one field's file holds; ValueError when it cannot be read."""
        path = self._told.get(f"{field_name}_file")
        if not path or "SecretStr" not in str(field.annotation):
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError):
            raise SettingsError([f"{field_name.upper()}_FILE: that file cannot be read"]) from None

    def __call__(self) -> dict[str, Any]:
        """Return every secret that a file holds."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value}


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret value of the settings, for cutting them out of what is written.

    Users and passwords within addresses are among them: a library may log them in any shape.
    """
    secrets: list[str] = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        shown = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(value, SecretStr):
            secrets.append(str(shown))
        if name.endswith(URLS):
            for address in (shown,) if isinstance(shown, str) else shown or ():
                secrets += _userinfo(address)
    return tuple(secrets)


def _userinfo(address: str) -> list[str]:
    """Return the user and password of an address together, and the password as written and meant."""
    userinfo, at, _ = address.partition("://")[2].partition("/")[0].rpartition("@")
    if not at:
        return []
    password = userinfo.partition(":")[2]
    return [part for part in (userinfo, password, unquote(password)) if part]


def load_settings(**overrides: Any) -> Settings:
    """Read the settings, `overrides` winning; raise SettingsError with one line per problem.

    Values never appear in a problem: they may be secrets.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in item['loc']).upper()}: "
            f"{str(item['msg']).removeprefix('Value error, ')}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError(problems) from None
