"""The environment: every variable by a typed reader, each subject in a file of its own."""

from .gateway import api_key, gateway_url, sandbox_key, target
from .habits import LANGUAGES, MOST_THREADS, language, log_format, log_level, time_zone
from .network import (
    Mail,
    listen,
    mail,
    metrics_token,
    public_url,
    sentry_dsn,
    webhook_ca_file,
    webhook_networks,
)
from .readers import ConfigurationError, for_child, handed, secret, text, whole, yes
from .storing import (
    POSTGRES,
    PROJECT,
    REDIS,
    backup_dir,
    data_dir,
    database_url,
    queue_url,
    secret_key,
    storage_url,
)

__all__ = [
    "LANGUAGES",
    "MOST_THREADS",
    "POSTGRES",
    "PROJECT",
    "REDIS",
    "ConfigurationError",
    "Mail",
    "api_key",
    "backup_dir",
    "data_dir",
    "database_url",
    "for_child",
    "gateway_url",
    "handed",
    "language",
    "listen",
    "log_format",
    "log_level",
    "mail",
    "metrics_token",
    "public_url",
    "queue_url",
    "sandbox_key",
    "secret",
    "secret_key",
    "sentry_dsn",
    "storage_url",
    "target",
    "text",
    "time_zone",
    "webhook_ca_file",
    "webhook_networks",
    "whole",
    "yes",
]
