"""Every environment variable of the product, typed, with its default and its reason.

`docs/operations.md` lists them for operators; a variable that is missing there fails a test.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parents[2]

CommaSeparated = Annotated[list[str], NoDecode]

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def missing_for_store(store: str, values: Mapping[str, Any]) -> list[str]:
    """The variables without which this store of credentials cannot work, of those that `values` leaves empty."""
    needed = {"database": ["CREDENTIALS_KEYS"], "aws": ["AWS_SECRETS_REGION"]}.get(store)
    if needed is None:
        kubernetes = values["VAULT_AUTH"] == "kubernetes"
        needed = ["VAULT_ADDR", *(["VAULT_ROLE"] if kubernetes else ["VAULT_ROLE_ID", "VAULT_SECRET_ID"])]
    return [name for name in needed if not values[name]]


class Environment(BaseSettings):
    """What the deployment decides. Names are the variables' names, in capitals."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=True)

    SECRET_KEY: str = Field(min_length=20, description="Django's signing key.")
    ALLOWED_HOSTS: CommaSeparated = ["127.0.0.1", "localhost"]
    DATA_DIR: Path = Field(BASE_DIR / ".local" / "demo", description="media/ and site/ live here.")
    DATABASE_URL: str = Field("", description="postgres://… or sqlite:///…; empty: SQLite in DATA_DIR.")
    REDIS_URL: str = Field("redis://127.0.0.1:6390/0", description="Broker, cache and rate limits.")
    CMS_URL: str = Field("http://127.0.0.1:8000", description="Where editors open the admin.")
    SITE_URL: str = Field("http://127.0.0.1:8080", description="Where visitors open the site.")
    RENDERER_URL: str = Field("http://127.0.0.1:3100", description="The internal Nuxt renderer.")
    NBRB_URL: str = Field("https://api.nbrb.by", description="The National Bank's rates; empty: typed in only.")
    SANDBOX_URL: str = Field("", description="The marketplace sandbox of demo and tests; empty in production.")
    CREDENTIALS_KEYS: CommaSeparated = Field(
        default=[], description="Fernet keys of channel credentials; the first encrypts, all decrypt."
    )
    CREDENTIALS_STORE: Literal["database", "vault", "aws"] = Field("database", description="docs/credentials.md")
    VAULT_ADDR: str = Field("", description="https://…; plain http only on this machine (an agent beside it).")
    VAULT_NAMESPACE: str = ""
    VAULT_CACERT: str = Field("", description="File with the authority's certificate; empty: the usual ones.")
    VAULT_AUTH: Literal["approle", "kubernetes"] = "approle"
    VAULT_AUTH_MOUNT: str = Field("", description="Where that way to log in is mounted; empty: by its name.")
    VAULT_ROLE_ID: str = ""
    VAULT_SECRET_ID: SecretStr = SecretStr("")
    VAULT_ROLE: str = Field("", description="The role of log-ins by Kubernetes.")
    VAULT_KUBERNETES_TOKEN_FILE: str = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # noqa: S105  a path
    VAULT_MOUNT: str = Field("secret", description="A KV engine of version 2.")
    VAULT_PREFIX: str = "avtofamily/channels"
    AWS_SECRETS_REGION: str = ""
    AWS_SECRETS_PREFIX: str = "avtofamily/channels/"
    AWS_SECRETS_KMS_KEY: str = Field("", description="Key that encrypts them; empty: the account's own.")
    AWS_SECRETS_ENDPOINT_URL: str = Field("", description="For a private end point.")
    EDIT_DELAY: float = Field(60, ge=0, description="Seconds that changes of a post wait, so that many are one edit.")
    CALLS_PER_CHANNEL: int = Field(4, ge=1, description="Calls of one channel at a time, of all that workers make.")
    REQUEST_SECONDS: float = Field(90, gt=0, description="One request to a platform, however slowly it drips.")
    PUBLISHING_SECONDS: float = Field(100, gt=0, description="In which one publication's requests may begin.")
    EMAIL_HOST: str = ""
    EMAIL_PORT: int = 25
    EMAIL_HOST_USER: str = ""
    EMAIL_HOST_PASSWORD: str = ""
    EMAIL_USE_TLS: bool = False
    EMAIL_FILE_PATH: str = Field("", description="Write mails as files into this folder instead of sending.")
    DEFAULT_FROM_EMAIL: str = "Avtofamily <noreply@avtofamily.example>"
    LOG_LEVEL: str = "INFO"
    LOG_STYLE: Literal["plain", "json"] = "plain"
    DEMO: bool = Field(False, description="Allows demo users with known passwords.")

    @field_validator("ALLOWED_HOSTS", "CREDENTIALS_KEYS", mode="before")
    @classmethod
    def split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("VAULT_ADDR")
    @classmethod
    def tokens_travel_encrypted(cls, value: str) -> str:
        address = urlsplit(value)
        plain_but_near = address.scheme == "http" and address.hostname in LOOPBACK
        if value and not (address.hostname and (address.scheme == "https" or plain_but_near)):
            raise ValueError("must begin with https://")
        return value.rstrip("/")

    @field_validator("VAULT_PREFIX", "VAULT_MOUNT", "VAULT_AUTH_MOUNT")
    @classmethod
    def without_outer_slashes(cls, value: str) -> str:
        return value.strip("/")

    @model_validator(mode="after")
    def the_store_can_work(self) -> Self:
        missing = missing_for_store(self.CREDENTIALS_STORE, self.model_dump())
        # The database's keys are asked for when they are used: commands that build an image have none.
        if missing and self.CREDENTIALS_STORE != "database":
            raise ValueError(f"CREDENTIALS_STORE={self.CREDENTIALS_STORE} needs {', '.join(missing)}")
        return self

    def starting_with(self, *prefixes: str) -> dict[str, Any]:
        """The variables of one part of the product, by their names."""
        return {name: value for name, value in self if name.startswith(prefixes)}
