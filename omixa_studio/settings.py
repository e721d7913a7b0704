"""Django's settings; every value of the deployer comes through env.py."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import dj_database_url

from omixa_studio import app_access, env, single_sign_on
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.hosts import host_of

# Where things are

PROJECT = env.PROJECT
DATA_DIR = env.data_dir()
MODELS_TOML = DATA_DIR / "models.toml"
SPOOL_DIR = DATA_DIR / "spool"
SENT_DIR = DATA_DIR / "sent"
EXPORTS_DIR = DATA_DIR / "exports"
SECRET_KEY = env.secret_key(DATA_DIR)

SENTRY_DSN = env.sentry_dsn()
METRICS_TOKEN = env.metrics_token()
BACKUP_DIR = env.backup_dir()
WEBHOOK_NETWORKS = env.webhook_networks()
WEBHOOK_CA_FILE = env.webhook_ca_file()
BACKUP_PASSPHRASE = env.secret("STUDIO_BACKUP_PASSPHRASE")
BACKUP_KEEP = env.whole("STUDIO_BACKUP_KEEP", 14, least=1, most=3650)
WEB_PROCESSES = env.whole("STUDIO_WEB_PROCESSES", 1, least=1, most=16)

# The gateway

GATEWAY_URL = env.gateway_url()
GATEWAY_KEY = env.api_key() or env.sandbox_key()
GATEWAY_TARGET = env.target()
SANDBOX_MODE = GATEWAY_TARGET == SANDBOX
WORKER_THREADS = env.whole("STUDIO_WORKER_THREADS", 8, least=1, most=env.MOST_THREADS)
CALL_SECONDS = env.whole("STUDIO_CALL_SECONDS", 600, least=1)
ANSWER_BYTES = env.whole("STUDIO_ANSWER_MB", 256, least=1) * 2**20
UPLOAD_BYTES = env.whole("STUDIO_UPLOAD_MB", 25, least=1) * 2**20
BODY_BYTES = env.whole("STUDIO_BODY_MB", 8, least=1) * 2**20
STOP_SECONDS = env.whole("STUDIO_STOP_SECONDS", 30)

# The web

STUDIO_URL = env.public_url()
LINK_DAYS = env.whole("STUDIO_LINK_DAYS", 365, most=3650)
PROXIES = env.whole("STUDIO_PROXIES", 0, most=9)
SERVED_BY_HTTPS = STUDIO_URL.startswith("https://")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", host_of(STUDIO_URL)]
CSRF_TRUSTED_ORIGINS = [STUDIO_URL]
CSRF_FAILURE_VIEW = "omixa_studio.views.errors.form_refused"
# Browsers send cookies to every port of a host, so each studio has names of its own.
COOKIE_ENDING = hashlib.sha256(f"cookies of {SECRET_KEY}".encode()).hexdigest()[:8]
SESSION_DAYS = env.whole("STUDIO_SESSION_DAYS", 30, least=1, most=3650)
SESSION_ENGINE = "omixa_studio.sessions"
SESSION_COOKIE_NAME = f"studio_session_{COOKIE_ENDING}"
CSRF_COOKIE_NAME = f"studio_form_{COOKIE_ENDING}"
KNOWN_DEVICE_COOKIE_NAME = f"studio_device_{COOKIE_ENDING}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_BY_HTTPS
SECURE_SSL_REDIRECT = SERVED_BY_HTTPS and PROXIES > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SERVED_BY_HTTPS else 0
# Other sites of the domain are nobody's of ours to decide about.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
# W001 knows SecurityMiddleware by its own name only; ours is made from it.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 32
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "omixa_studio.forms.uploads.CappedUpload",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

INSTALLED_APPS = [
    "omixa_studio",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.idp.oidc",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "omixa_studio.middleware.name_requests",
    "omixa_studio.middleware.answer_health",
    "omixa_studio.middleware.PublicSecurity",
    "omixa_studio.middleware.CompressText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "omixa_studio.middleware.serve_joined_styles",
    "omixa_studio.middleware.refuse_replaced_database",
    "omixa_studio.middleware.keep_out_of_caches",
    "csp.middleware.CSPMiddleware",
    "omixa_studio.middleware.answer_programs",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "omixa_studio.middleware.refuse_large_bodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "omixa_studio.middleware.first_admin_first",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "omixa_studio.middleware.refuse_pages_of_others",
    "allauth.account.middleware.AccountMiddleware",
    "omixa_studio.middleware.own_password_first",
    "omixa_studio.middleware.second_step_first",
    "omixa_studio.middleware.speak_the_persons_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "omixa_studio.middleware.lead_to_where_forms_stand",
]

# In a cookie every toast would change the "Vary: Cookie" of pictures that browsers have kept.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ROOT_URLCONF = "omixa_studio.urls"
WSGI_APPLICATION = "omixa_studio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "omixa_studio.context.shell",
            ],
            "builtins": ["omixa_studio.templatetags.addresses", "omixa_studio.templatetags.days"],
        },
    },
]

# Rows

DATABASES = {
    "default": dj_database_url.parse(
        env.database_url() or f"sqlite:///{quote(str(DATA_DIR / 'studio.sqlite3'))}",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # With synchronous=NORMAL a power cut rolls a claim back, and the picture is bought twice.
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    # From the second time on, for what queries/statements.py reads: Django's own cursors never do.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 1)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
QUEUE_URL = env.queue_url() or f"sqlite:///{DATA_DIR / 'queue.sqlite3'}"
# Rate limits have to hold over processes and restarts, so they count in the database.
CACHES = {
    "default": {
        "BACKEND": "omixa_studio.cache.TellingCache",
        "LOCATION": "omixa_studio_cache",
        # Past this the oldest are forgotten, and with them who guessed how often.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Files

STORAGE_URL = env.storage_url()
STATIC_DIR = PROJECT / "static"


def _static_version(folder: Path) -> str:
    """Name the state of the static files, so that browsers may keep them for ever."""
    # htmx stands beside them, in a package.
    digest = hashlib.sha256(version("django-htmx").encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


STATIC_URL = f"/static/{_static_version(STATIC_DIR)}/"
STATICFILES_DIRS = [STATIC_DIR]
STORAGES = {
    "default": {"BACKEND": "omixa_studio.storage.FolderStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"
WHITENOISE_USE_FINDERS = True
# Their address changes with them, so browsers never ask again.
WHITENOISE_IMMUTABLE_FILE_TEST = f"^{STATIC_URL}"

# People

AUTH_USER_MODEL = "omixa_studio.Person"
ADMIN_USERNAME = env.text("STUDIO_ADMIN_USERNAME")
ADMIN_PASSWORD = env.secret("STUDIO_ADMIN_PASSWORD")
ADMIN_EMAIL = env.text("STUDIO_ADMIN_EMAIL")
AUTHENTICATION_BACKENDS = ["omixa_studio.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "omixa_studio.forms.passwords.NoNamesValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "studio"
ACCOUNT_ADAPTER = "omixa_studio.adapters.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
SSO = single_sign_on.read()
SOCIALACCOUNT_ADAPTER = "omixa_studio.identity_provider.SignOn"
SOCIALACCOUNT_STORE_TOKENS = False
OAUTH = app_access.read()
# Programs of people cannot keep a secret: what binds their codes is PKCE.
IDP_OIDC_AUTH_METHODS = ["none"]
MFA_ADAPTER = "omixa_studio.adapters.TwoSteps"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# How many steps of 30 seconds a clock may be wrong.
MFA_TOTP_TOLERANCE = 1
ACCOUNT_RATE_LIMITS = {
    "setup_code": "5/m/ip",
    "login_failed_on_known_device": "5/5m/key",
    # Guesses are counted before a password is compared; to count logins too, by address alone,
    # would lock known devices out together with whoever guesses from their network.
    "login": None,
    # By link and address, so that a guest who knows the password is not locked out by others;
    # and by link, for those who have many addresses.
    "guest_password": "5/5m/key",
    "guest_passwords": "60/h/key",
    "guest_comment": "20/h/key",
    "guest_comments": "120/h/key",
    "comment": "120/h/user",
    "guest_link": "60/h/user",
    "token_guess": "30/5m/key",
    "webhook_test": "60/h/user",
    "reset_asked": "20/h/ip",
    "reset_of_account": "3/h/key",
    "passkey": "30/m/ip",
    "sso": "60/m/ip",
    "app_registration": "20/m/key,100/h/key",
}

# Mail: none is sent without EMAIL_URL

MAIL = env.mail()
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starts_tls, MAIL.is_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = MAIL.sender

# Words and times

LANGUAGE_CODE = env.language()
LANGUAGES = list(env.LANGUAGES.items())
LOCALE_PATHS = [PROJECT / "locale"]
FORMAT_MODULE_PATH = "omixa_studio.formats"
# What somebody who is not logged in chose; a person's own choice goes before it.
LANGUAGE_COOKIE_NAME = f"studio_language_{COOKIE_ENDING}"
LANGUAGE_COOKIE_AGE = 365 * 86400
TIME_ZONE = env.time_zone()
USE_TZ = True
USE_I18N = True

# The log

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "redact": {"()": "omixa_studio.gateway.redaction.RedactKey", "key": GATEWAY_KEY},
        "short": {"()": "omixa_studio.logs.ShortRefusals"},
    },
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "omixa_studio.logs.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "omixa_studio.logs.Console",
            "filters": ["short", "redact"],
            "formatter": env.log_format(),
        }
    },
    "root": {"handlers": ["console"], "level": env.log_level()},
    "loggers": {"django": {"level": "INFO", "propagate": True}},
}
