"""Settings: environment variables `AFTERCARE_...` over `aftercare.toml` over these defaults."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


class BadSetting(Exception):
    """A setting that cannot be used; the message says which one, why, and where it came from."""


class Integration(BaseModel, extra="forbid"):
    """Points one service-task type at the company's own system instead of the shipped handler."""

    url: str
    method: str = "POST"
    #: Name of an entry under `secrets`, sent as bearer token.
    secret: str | None = None
    #: Request body: field -> FEEL over the job's inputs. Empty sends the inputs as they are.
    request: dict[str, str] = Field(default_factory=dict)
    #: Result variables: name -> FEEL over `response`. Empty takes the JSON object answered.
    result: dict[str, str] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=10, gt=0)


class Limits(BaseModel, extra="forbid"):
    """What keeps one diagram, expression or value from taking the machine; past a limit stands an incident."""

    #: Elements run in one command without a rest; a loop that never waits ends here.
    steps: int = Field(default=10_000, gt=0)
    #: Time one command may run a diagram, in seconds.
    seconds: float = Field(default=10, gt=0)
    #: Repetitions of one multi-instance activity.
    repetitions: int = Field(default=5_000, gt=0)
    #: Live tokens, timers and subscriptions of one instance.
    tokens: int = Field(default=25_000, gt=0)
    #: Variables that one step, message or service gives, as JSON.
    variable_bytes: int = Field(default=4_000_000, gt=0)
    #: Processor time and memory of one expression.
    expression_seconds: float = Field(default=1, gt=0)
    expression_megabytes: int = Field(default=64, gt=0)


class Settings(BaseSettings):
    """What an installation can set. Every field can be given as AFTERCARE_<FIELD> or in aftercare.toml."""

    model_config = SettingsConfigDict(
        env_prefix="AFTERCARE_", env_nested_delimiter="__", toml_file="aftercare.toml", extra="forbid"
    )

    #: A PostgreSQL of your own. Empty: the embedded one under `var_dir`.
    database_url: str = ""
    #: Where the embedded database, attachments and logs lie.
    var_dir: Path = Path("var")
    #: Where the daily seals of the history are written; best a disk the database's administrators cannot write.
    #: None: `seals` under `var_dir`. Every web process and worker needs the same folder.
    seals_dir: Path | None = None
    #: Of so many seals the list of all heads is kept too (some 60 bytes a history); their documents stay for ever.
    seal_lists_kept: int = Field(default=14, ge=1)
    #: Whom each seal is mailed to, so that a copy lies outside. Needs `smtp_url`. Empty: nobody.
    seal_mail_to: str = ""
    #: Where finished cases are archived when they are removed. None: `archive` under `var_dir`. Every web process and
    #: worker needs the same folder.
    archive_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    #: Worker threads inside `serve`; 0 leaves the work to `aftercare worker`.
    serve_workers: int = Field(default=4, ge=0, le=64)
    worker_threads: int = Field(default=4, ge=1, le=64)
    #: A worker that has shown no sign of life for so long is taken for dead and its jobs are given to others.
    stalled_after_seconds: int = Field(default=30, ge=3, le=3600)
    #: How long a worker told to stop waits for the jobs in hand; what is not done by then is taken over by others.
    drain_seconds: float = Field(default=25, ge=1, le=3600)
    #: Pause before the first retry of a failed job; it doubles with each attempt up to the longest.
    retry_first_seconds: float = Field(default=2, gt=0, le=3600)
    retry_longest_seconds: float = Field(default=600, gt=0, le=24 * 3600)
    limits: Limits = Field(default_factory=Limits)
    database_pool: int = Field(default=10, ge=1, le=200)
    #: Cookies only over HTTPS. Set to true behind a TLS proxy.
    secure_cookies: bool = False
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    #: What `/metrics` asks for as bearer token; empty: it answers only requests from this very machine.
    metrics_token: SecretStr = SecretStr("")
    #: Where `aftercare worker` answers `/healthz` and `/metrics`: "127.0.0.1:9464". Empty: nowhere.
    worker_metrics: str = Field(default="", pattern=r"^(.+:\d+)?$")
    #: The OpenTelemetry collector that spans are sent to over HTTP: "http://collector:4318". Empty: none.
    otlp_endpoint: str = Field(default="", pattern=r"^(https?://.+)?$")
    #: Fewest characters of a password people choose.
    password_length: int = Field(default=12, ge=8, le=128)
    #: How long a one-time password can be used to choose one's own.
    one_time_password_hours: int = Field(default=72, ge=1, le=24 * 30)
    #: How long a link to choose a new password is good. One is mailed where `smtp_url` and `public_url` are set.
    password_link_minutes: int = Field(default=30, ge=5, le=24 * 60)
    #: What the second factor's codes are made from: at least 32 random characters, the same for all processes, kept as
    #: safe as the database. Empty: nobody can set up a second factor. Another key turns all of them off.
    secret_key: SecretStr = SecretStr("")
    #: Most days an API token is good for.
    api_token_days: int = Field(default=365, ge=1, le=3650)
    #: The company's own provider of sign-ins (OpenID Connect), as its discovery names it: https://id.company.example.
    #: Empty: people sign in here. Whom it lets in, and as what, says `sign_in_file`.
    oidc_issuer: str = ""
    #: What we are called there, and our password there; empty for a public client.
    oidc_client_id: str = Field(default="", validate_default=True)
    oidc_client_secret: SecretStr = SecretStr("")
    #: How long one may take to sign in there.
    oidc_minutes: int = Field(default=10, ge=1, le=60)
    #: Where people's browsers find us: https://service.company.example. Empty: as the browser's request says.
    public_url: str = ""
    #: Whether people sign in with a password of ours too; without, only `emergency_account` does.
    local_sign_in: bool = Field(default=True, validate_default=True)
    #: Sign-in name of the one who gets in when the provider does not answer.
    emergency_account: str = Field(default="", validate_default=True)
    log_level: str = "INFO"
    log_json: bool = False
    #: Folders with the shipped procedures and forms, and the organisation's first version.
    processes_dir: Path = ROOT / "processes"
    forms_dir: Path = ROOT / "forms"
    organisation_file: Path = HERE / "organisation.toml"
    calendar_file: Path = HERE / "calendar.toml"
    #: What is measured every month, with its targets.
    insights_file: Path = HERE / "insights.toml"
    #: How long records are kept.
    retention_file: Path = HERE / "retention.toml"
    #: What counts as personal data, and who sees it.
    personal_data_file: Path = HERE / "personal_data.toml"
    #: Whom the company's own provider lets in, and as what.
    sign_in_file: Path = HERE / "sign_in.toml"
    reference_file: Path = HERE / "reference.toml"
    sample_file: Path = HERE / "sample.toml"
    real_orders_file: Path = HERE / "real_orders.toml"
    #: Hosts that diagrams' HTTP tasks may call, as the address has them: bank.example, or bank.example:8443.
    http_allowed_hosts: tuple[str, ...] = ()
    #: Networks where those hosts may be besides the public one: 10.20.0.0/16 for systems of the house.
    http_allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    integrations: dict[str, Integration] = Field(default_factory=dict)
    #: Sends e-mail to customers: smtp://user:password@host:587, or smtps://...:465. Empty: no e-mail leaves the house.
    smtp_url: SecretStr = SecretStr("")
    #: Whom customers see as the sender: "Service <service@company.example>".
    mail_from: str = Field(default="", validate_default=True)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)

    @field_validator("database_url")
    @classmethod
    def postgresql_only(cls, value: str) -> str:
        """PostgreSQL is the one database (decision 1)."""
        if value and not value.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must begin with postgresql:// - Aftercare runs on PostgreSQL only")
        return value

    @field_validator("secret_key")
    @classmethod
    def long_enough(cls, value: SecretStr) -> SecretStr:
        """A short key can be guessed."""
        if value.get_secret_value() and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("oidc_issuer", "public_url")
    @classmethod
    def over_https(cls, value: str) -> str:
        """Codes, tokens and cookies cross no network in the open; within one machine they may."""
        parts = urlsplit(value)
        within = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and not (parts.hostname and (parts.scheme == "https" or within)):
            raise ValueError("must begin with https:// (http:// only for localhost)")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def known_there(cls, value: str, info: ValidationInfo) -> str:
        """A provider lets nobody ask it who does not say who they are."""
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("is needed, since oidc_issuer is set")
        return value

    @field_validator("emergency_account")
    @classmethod
    def somebody_gets_in(cls, value: str, info: ValidationInfo) -> str:
        """Without sign-ins of ours there is a provider, and one account for when it does not answer."""
        if info.data.get("local_sign_in") is False and not (value and info.data.get("oidc_issuer")):
            raise ValueError("is needed together with oidc_issuer, since local_sign_in is false")
        return value

    @field_validator("smtp_url")
    @classmethod
    def smtp_only(cls, value: SecretStr) -> SecretStr:
        """Refused at start rather than at the first message."""
        parts = urlsplit(value.get_secret_value())
        if value.get_secret_value() and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("seal_mail_to")
    @classmethod
    def receiver_of_seals(cls, value: str) -> str:
        """Refused at start rather than at the first seal."""
        if value and "@" not in parseaddr(value)[1]:
            raise ValueError("must be an e-mail address")
        return value

    @field_validator("mail_from")
    @classmethod
    def sender_of_mail(cls, value: str, info: ValidationInfo) -> str:
        """E-mail needs a sender."""
        smtp_url = info.data.get("smtp_url")
        if smtp_url and smtp_url.get_secret_value() and "@" not in parseaddr(value)[1]:
            raise ValueError("must be an e-mail address, since smtp_url is set")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(**overrides: Any) -> Settings:
    """The settings of this process. Raises `BadSetting` with a sentence for whoever starts it."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            field = ".".join(str(part) for part in problem["loc"])
            message = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "extra_forbidden":
                message = "there is no such setting"
            name = "AFTERCARE_" + field.upper().replace(".", "__")
            lines.append(f"Setting {field} (environment: {name}): {message}.")
        raise BadSetting("\n".join(lines)) from error
