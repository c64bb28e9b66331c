"""The one settings file. Everything that differs between deployments is read from the environment, here only."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from portefeuille.config import environment as env
from portefeuille.config.single_sign_on import providers_of

PACKAGE = Path(__file__).resolve().parent.parent

# --- the deployment -------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# The address people type, without a trailing slash: links in e-mails start with it.
SITE_ADDRESS = env.text("SITE_ADDRESS", "http://localhost:8000")
HTTPS = SITE_ADDRESS.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", urlsplit(SITE_ADDRESS).hostname or "localhost")
# The name of the collecting body, as its users know it.
BODY_NAME = env.text("BODY_NAME", "Urssaf")
# Who lets a firm that opens its space work: "agent" (one says yes in the back office) or "at_once".
ADMISSION = env.one_of("ADMISSION", "agent", "at_once")
# A demonstration keeps its e-mails and shows them at /courriels/.
DEMO = env.flag("DEMO", default=False)
# Sent too, to ``SMTP_HOST``: only where it is asked for, since what stands in an environment may be meant for others.
SENDS_EMAILS = not DEMO or env.flag("DEMO_SENDS", default=False)

# --- secrets of the proof wall and of the audit trail (never in the database, nor in its backups) -------------

# "identifier:64 hexadecimal digits", the current key first; older ones still verify what they digested.
FACT_KEYS: dict[str, bytes] = {
    name: bytes.fromhex(key) for name, _, key in (entry.partition(":") for entry in env.words("FACT_KEYS"))
}
# 64 hexadecimal digits: the seed of the Ed25519 key that signs the checkpoints of the audit trail.
AUDIT_SIGNING_SEED = env.text("AUDIT_SIGNING_SEED", "")
# Where the worker appends the signed checkpoints: best on another machine's disk.
AUDIT_CHECKPOINTS = env.text("AUDIT_CHECKPOINTS", "")

# --- Django ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portefeuille.web",
    "portefeuille.audit",
    "portefeuille.throttling",
    "portefeuille.people",
    "portefeuille.people.single_sign_on",
    "portefeuille.firms",
    "portefeuille.registry",
    "portefeuille.catalogue",
    "portefeuille.outbox",
    "portefeuille.posted_codes",
    "portefeuille.enrolments",
    "portefeuille.imports",
    "portefeuille.contributors",
    "portefeuille.backoffice",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "portefeuille.web.middleware.OutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "portefeuille.web.middleware.PrivacyHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portefeuille.people.sessions.SessionLimitsMiddleware",
    "portefeuille.web.middleware.SignInRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "portefeuille.config.urls"
WSGI_APPLICATION = "portefeuille.config.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        # A room that sends messages keeps their texts.
        "DIRS": [PACKAGE / "web" / "templates", *sorted(PACKAGE.glob("*/templates"))],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "portefeuille.web.jinja.environment"},
    },
    {  # allauth looks its own pages up through Django's engine
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]


def _database(url: str) -> dict[str, Any]:
    """Django's description of ``postgresql://user:password@host:port/name?host=/socket/folder``."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = query.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        # A connection is kept by each thread and asked whether it lives before each request: a restart of
        # PostgreSQL costs nobody a page.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # A machine that vanishes sends no word of it: without these a page would wait for it for hours, and
            # PostgreSQL with the locks of whoever was on it. Either side knows within half a minute.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
            **query,
            "connect_timeout": 3,
            # Statements that come back are parsed and planned once: half of what PostgreSQL does for a page.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "options": (
                f"-c statement_timeout={env.whole('STATEMENT_TIMEOUT_MS', 5000)}"
                f" -c lock_timeout={env.whole('LOCK_TIMEOUT_MS', 4000)}"
                " -c idle_in_transaction_session_timeout=60000"
                " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
            ),
        },
    }


DATABASES = {"default": _database(env.text("DATABASE_URL"))}
# The address is unique whatever its case, by a constraint on lower(email).
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATIC_ROOT = env.text("STATIC_ROOT", str(PACKAGE.parent.parent / "var" / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Only pages that ask for a file get it, in memory; what is sent to any other is read past and kept nowhere.
FILE_UPLOAD_HANDLERS = ["portefeuille.web.uploads.WhereAsked"]

# --- people and sessions --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["portefeuille.people.passwords.Argon2idHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "portefeuille.people.passwords.LongEnough"},
    {"NAME": "portefeuille.people.passwords.NotKnownBad"},
    {"NAME": "portefeuille.people.breached.NotBreached"},
]
# Sorted SHA-1 digests, as Have I Been Pwned gives them; "": none is looked up.
BREACHED_PASSWORDS = env.readable("BREACHED_PASSWORDS")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_space"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portefeuille.people.adapter.AccountAdapter"
# Passwords follow the CNIL and the ANSSI: a length and lists, no composition, no forced change.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_FORMS = {"login": "portefeuille.web.sign_in.forms.SignInForm"}
# Our own atomic budgets guard the sign-in (people/adapter.py): allauth's limiter reads, then writes.
ACCOUNT_RATE_LIMITS = False

# Single sign-on: allauth keeps the links and signs in; the conversation with the providers is ours (ADR 0011).
SSO_PROVIDERS = providers_of(env.text("SSO_PROVIDERS", "[]"))
SOCIALACCOUNT_ADAPTER = "portefeuille.people.adapter.ProviderAdapter"

SESSION_ENGINE = "portefeuille.people.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
# A browser keeps who signed in with it before: the others are told.
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE = timedelta(minutes=env.whole("SESSION_IDLE_MINUTES", 30))
SESSION_ABSOLUTE = timedelta(hours=env.whole("SESSION_ABSOLUTE_HOURS", 12))
# How long after signing in (or proving it again) a person may do what is dangerous without being asked once more.
REAUTHENTICATION = timedelta(minutes=15)
# Second factors are compulsory for administrators; who was made one by a command has this long to set one up.
SECOND_FACTOR_GRACE = timedelta(days=14)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
CSRF_FAILURE_VIEW = "portefeuille.web.errors.csrf_failure"

# --- what a browser may do ------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
X_FRAME_OPTIONS = "DENY"
if env.flag("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand in front: that many entries of X-Forwarded-For are believed, from the right.
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0)

# --- e-mails --------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("SMTP_HOST", "localhost")
EMAIL_PORT = env.whole("SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.flag("SMTP_STARTTLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Portefeuille <ne-pas-repondre@portefeuille.invalid>")

# --- the attempt budgets of the proof wall: (how many, in how long), short window then long --------------------
# Figures and reasons: docs/security/proof-wall.md.

HOUR, DAY = 3600, 86400
PROOF_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "pair": [(3, DAY), (5, 30 * DAY)],  # one firm on one client
    "account": [(5, DAY), (10, 30 * DAY), (20, 365 * DAY)],  # one account, over all firms
    "nir": [(5, DAY), (10, 30 * DAY)],  # one NIR, over all accounts
    "member": [(10, HOUR), (20, DAY)],
    "firm": [(20, DAY), (40, 30 * DAY)],
    "address": [(30, HOUR), (100, DAY)],  # one IPv4, or one IPv6 /64
}
SIGN_IN_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "sign_in_from": [(10, 300)],  # one identifier from one address
    "sign_in_address": [(60, 300), (300, HOUR)],
    # A code asked after the password was right, for the person: 3 of a million codes are good at a time.
    "second_factor": [(10, 300), (50, DAY)],
    "reset_address": [(10, HOUR), (40, DAY)],  # links that change a password, asked from one address
    "reset_email": [(3, HOUR), (6, DAY)],  # messages to one person about it
    "change_email": [(5, HOUR), (10, DAY)],  # links that one person has sent to a new address of theirs
    "confirm": [(10, 300), (50, DAY)],  # one person who is signed in, asked once more who they are
}
OPENING_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "opening_address": [(10, HOUR), (40, DAY)],  # requests to open a space, from one address
    "opening_email": [(3, HOUR), (6, DAY)],  # messages to one person about it
}
CLIENT_SPACE_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "space_address": [(10, HOUR), (40, DAY)],  # requests to open a client's space, from one address
    "space_email": [(3, HOUR), (10, DAY)],  # links to one person about it
    "space_pair": [(2, DAY), (4, 30 * DAY)],  # codes to one client, asked for from one address
    "space_client": [(3, DAY), (6, 30 * DAY)],  # codes to one client, whoever asks
    "space_codes": [(15, HOUR), (40, DAY)],  # wrong codes, from one address
}
CODE_BUDGETS: dict[str, list[tuple[int, int]]] = {  # codes by letter that firms ask for
    "code_pair": [(1, DAY), (3, 30 * DAY)],  # one firm about one client
    "code_firm": [(20, DAY), (100, 30 * DAY)],
    "code_client": [(3, DAY), (6, 30 * DAY)],  # one client, over all firms
}
CLIENT_INVITATION_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "invite_client": [(1, DAY)],  # one firm, one client: «Inviter à créer son espace»
    "invited_client": [(3, DAY), (10, 30 * DAY)],  # one client, over all firms
}
INVITATION_BUDGETS: dict[str, list[tuple[int, int]]] = {
    "invitation_firm": [(60, HOUR), (200, DAY)],  # messages sent by one firm
    "invitation_email": [(5, DAY)],  # to one address, by one firm
}
UNDO_WINDOW = timedelta(minutes=15)

# --- logs -----------------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "portefeuille.config.logs.PrivateDataFilter"}},
    "formatters": {
        "line": {
            "()": "portefeuille.config.logs.PrivateFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["private"]}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {"portefeuille": {"level": env.text("LOG_LEVEL", "INFO")}},
}
