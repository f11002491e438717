"""Settings of KeyPortal, read top to bottom: production-safe by default, development is what is switched on.

Everything comes from the environment. A secret `NAME` may also come from the file that `NAME_FILE` names (container
secrets, systemd credentials) or from the data directory, where `manage.py prepare` makes it once. Importing this module
never makes a secret and never writes a file.
"""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from keyportal import kms_hosts
from keyportal.people import group_roles, ldap_settings
from keyportal.people.company import configuration

# Lets classes name what they are generic over (ModelForm[User]), as the type checker wants and Django cannot yet.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
DEBUG = env.bool("KEYPORTAL_DEBUG", default=False)

# --- Data: the database, the generated secrets. Built files (static, translations) lie elsewhere.

DATA_DIR = Path(env.str("KEYPORTAL_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
BUILD_DIR = Path(env.str("KEYPORTAL_BUILD_DIR", default=str(BASE_DIR / "build"))).resolve()


def secret(name: str, file_name: str) -> str:
    """The secret `name` from the environment, from the file `name`_FILE points at, or from the data directory.

    Returns an empty string where there is none yet: Django then refuses to serve, and `prepare` may make it.
    """
    given: str = env.str(name, default="")
    if given:
        return given
    path = Path(env.str(f"{name}_FILE", default=str(DATA_DIR / file_name)))
    return path.read_text().strip() if path.is_file() else ""


def text_or_file(name: str) -> str:
    """What the variable `name` holds, or the file that `name`_FILE points at; empty where neither is set.

    Raises ImproperlyConfigured for a file that is not there.
    """
    text: str = env.str(name, default="")
    file: str = env.str(f"{name}_FILE", default="")
    if text or not file:
        return text
    if not Path(file).is_file():
        raise ImproperlyConfigured(f"{name}_FILE names {file}, which is missing. Put the file there, or correct it.")
    return Path(file).read_text().strip()


def whole_number(name: str, unit: str, *, most: int, otherwise: str) -> int | None:
    """The number that the variable `name` gives, None where it is empty, which stands for `otherwise`.

    Raises ImproperlyConfigured for anything but 1 to `most`.
    """
    given: str = env.str(name, default="").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 9 and 1 <= int(given) <= most):
        raise ImproperlyConfigured(f"{name} takes a number of {unit} from 1 to {most}. Leave it empty for {otherwise}.")
    return int(given)


SECRET_KEY = secret("KEYPORTAL_SECRET_KEY", "secret_key")

# The master keys (encryption and fingerprint): read by productkeys.key_ring_source when first needed.
KEY_RING = env.str("KEYPORTAL_KEY_RING", default="")
KEY_RING_COMMAND = env.str("KEYPORTAL_KEY_RING_COMMAND", default="")
KEY_RING_FILE = Path(env.str("KEYPORTAL_KEY_RING_FILE", default=str(DATA_DIR / "key_ring.json")))

# --- Where people find the portal. One address gives hosts, CSRF origins, TLS and cookie names.

URL = urlsplit(env.str("KEYPORTAL_URL", default="http://127.0.0.1:8000"))
TLS = URL.scheme == "https"
ALLOWED_HOSTS = (
    list({URL.hostname or "", "127.0.0.1", "localhost", "[::1]"} - {""}) if not TLS else [URL.hostname or ""]
)
ORIGIN = f"{URL.scheme}://{URL.netloc}"
"""What addresses in letters begin with, whatever a request says of its host."""
CSRF_TRUSTED_ORIGINS = [ORIGIN]
TRUSTED_PROXY_COUNT = env.int("KEYPORTAL_TRUSTED_PROXIES", default=1 if TLS else 0)
if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
# Other hosts of the house are not the portal's to bind: whoever wants them bound says so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("KEYPORTAL_HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("KEYPORTAL_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS
_prefix = "__Host-" if TLS else ""
SESSION_COOKIE_NAME = f"{_prefix}keyportal-session"
CSRF_COOKIE_NAME = f"{_prefix}keyportal-csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}keyportal-language"
MESSAGE_COOKIE_NAME = f"{_prefix}keyportal-messages"
MESSAGE_STORAGE = "keyportal.message_storage.MessageStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "keyportal.people.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_LIFETIME = 12 * 3600  # seconds after the sign-in, however much the session is used
SESSION_COOKIE_AGE = 60 * (
    whole_number("KEYPORTAL_IDLE_MINUTES", "minutes", most=SESSION_LIFETIME // 60, otherwise="60") or 60
)  # seconds without use
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Application

INSTALLED_APPS = [
    "keyportal.people.apps.PeopleConfig",
    "productkeys.apps.ProductKeysConfig",
    "keyportal.admin_app.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "crispy_forms",
    "crispy_bootstrap5",
    "formtools",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "keyportal.middleware.let_nothing_be_kept",
    "keyportal.middleware.refuse_keys_in_urls",
    "keyportal.middleware.refuse_other_methods",
    "keyportal.middleware.leave_out_the_body_of_head",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "keyportal.people.middleware.PersonLocaleMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "keyportal.people.second_factor.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "keyportal.urls"
WSGI_APPLICATION = "keyportal.wsgi.application"

_loaders = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keyportal.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "productkeys.templatetags.keyportal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database: SQLite is the embedded default, PostgreSQL (DATABASE_URL) is production.

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'keyportal.sqlite3'}")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.int("KEYPORTAL_CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write waits for its turn instead of failing half way with "locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # Longer than a large import holds the one lock that there is: others wait for it instead of failing.
        "timeout": 45,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Counters such as failed sign-ins hold across processes only where all of them see the same cache.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "keyportal_cache"},
}
# How far work is, told while its transaction is open: SQLite's would lock the cache in the database as well.
CACHES["jobs"] = (
    {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(DATA_DIR / "jobs")}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    else CACHES["default"]
)

# --- People

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["keyportal.people.backend.PortalBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "keyportal.people.adapter.ClosedSignUpAdapter"
ACCOUNT_FORMS = {
    "change_password": "keyportal.people.forms.PasswordForm",
    "reset_password": "keyportal.people.forms.ForgottenPasswordForm",
    "user_token": "keyportal.people.forms.LinkForm",
    "reset_password_from_key": "keyportal.people.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/15m/key",  # the key: people/adapter.py
    "reset_password": "10/m/ip",
    "reset_letter": "3/h/key",  # the key: people/forms.py
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "keyportal.people.forgotten.LinkToken"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 3600  # seconds
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# --- People of the company's directory: the groups that they are in there give them roles here.

GROUP_ROLES = group_roles.read(text_or_file("KEYPORTAL_GROUP_ROLES"))
SOCIALACCOUNT_PROVIDERS = configuration.providers(env, text_or_file)
SOCIALACCOUNT_ADAPTER = "keyportal.people.company.adapter.CompanyAdapter"
COMPANY_FAILURES_RECORDED = "10/m/ip"

LDAP_URL = env.str("KEYPORTAL_LDAP_URL", default="")
if LDAP_URL:
    AUTHENTICATION_BACKENDS.append("keyportal.people.ldap_backend.DirectoryBackend")
    vars().update(ldap_settings.read(env.ENVIRON, bind_password=text_or_file("KEYPORTAL_LDAP_BIND_PASSWORD")))


# The second factor. Wrong codes are counted as wrong passwords are, per person.
MFA_ADAPTER = "keyportal.people.second_factor.adapter.SealingAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "KeyPortal"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up by themselves: an administrator typed the address
MFA_REAUTHENTICATION_REQUIRED = False  # people/recent.py asks, also those whom allauth never does
MFA_FORMS = {
    "activate_totp": "keyportal.people.second_factor.forms.SetUpAppForm",
    "add_webauthn": "keyportal.people.second_factor.forms.AddPasskeyForm",
    "edit_webauthn": "keyportal.people.second_factor.forms.NamePasskeyForm",
    "authenticate_webauthn": "keyportal.people.second_factor.forms.PasskeyForm",
    "login_webauthn": "keyportal.people.second_factor.forms.SignInByPasskeyForm",
    "reauthenticate_webauthn": "keyportal.people.second_factor.forms.ConfirmByPasskeyForm",
}

# --- Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("KEYPORTAL_TIME_ZONE", default="Europe/Berlin")
USE_TZ = True
FORMAT_MODULE_PATH = ["keyportal.formats"]

# --- Static files: Bootstrap comes from its package, one folder of ours beside it.

STATIC_URL = "static/"
STATIC_ROOT = BUILD_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "keyportal.bootstrap_files.BootstrapFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- What people bring: files of keys stay in memory, and never lie in a temporary file (keyportal/uploads.py).

IMPORT_MAX_MB = whole_number("KEYPORTAL_IMPORT_MAX_MB", "megabytes", most=1024, otherwise="32") or 32
IMPORT_TEXT_MAX_MB = 2
FILE_UPLOAD_HANDLERS = ["keyportal.uploads.MemoryOnlyHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = IMPORT_TEXT_MAX_MB * 2**20 + 2**19  # bytes: the text, and the form around it
FILE_UPLOAD_MAX_MEMORY_SIZE = IMPORT_MAX_MB * 2**20 + DATA_UPLOAD_MAX_MEMORY_SIZE  # bytes: a whole request

# --- Errors and logs: key-shaped text is masked before it is written anywhere.

SYSLOG = env.str("KEYPORTAL_SYSLOG", default="")
DEFAULT_EXCEPTION_REPORTER = "keyportal.error_reports.KeyMaskingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "keyportal.error_reports.KeyMaskingReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "keyportal.error_reports.KeyMaskingFormatter",
            "fmt": "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s",
        },
        "bare": {"()": "keyportal.error_reports.KeyMaskingFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "audit": {
            "()": "keyportal.syslog.audit_handler",
            "address": SYSLOG,
            "formatter": "bare",
        },
    },
    "root": {"handlers": ["console"], "level": env.str("KEYPORTAL_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "INFO", "propagate": True, "handlers": []},
        "django.server": {"propagate": True, "handlers": []},
        # It writes what was typed as a user name, which may be a password. people/ldap_backend.py says what matters.
        "django_auth_ldap": {"level": "CRITICAL"},
        # Comes with LDAP, and brings a handler that masks nothing.
        "pyasn1": {"handlers": []},
        # Every entry of the audit log, as one line of JSON.
        "keyportal.audit": {"level": "INFO" if SYSLOG else "CRITICAL", "propagate": False, "handlers": ["audit"]},
    },
}

# --- Letters: where nothing is set up, none is sent

MAIL_IS_SET_UP = bool(env.str("KEYPORTAL_EMAIL_URL", default=""))
vars().update(env.email_url("KEYPORTAL_EMAIL_URL", default="dummymail://"))
EMAIL_TIMEOUT = 10  # seconds: a reveal that is refused writes letters before it answers
DEFAULT_FROM_EMAIL = env.str("KEYPORTAL_EMAIL_FROM", default="keyportal@localhost")

# --- The portal itself

REVEAL_SECONDS = env.int("KEYPORTAL_REVEAL_SECONDS", default=60)
REVEAL_REASON_IS_NEEDED = env.bool("KEYPORTAL_REVEAL_REASON_IS_NEEDED", default=True)
REVEAL_TICKET = env.str("KEYPORTAL_REVEAL_TICKET", default="")
RECENT_SIGN_IN_SECONDS = 60 * env.int("KEYPORTAL_RECENT_SIGN_IN_MINUTES", default=5)
REVEALS_PER_HOUR = env.int("KEYPORTAL_REVEALS_PER_HOUR", default=20)
# Read by prune_audit: how long entries are kept, and what anybody may ask for, who gives another number there.
AUDIT_KEEP_DAYS_AT_MOST = 36_500
AGREEMENT_WARN_DAYS = whole_number("KEYPORTAL_AGREEMENT_WARN_DAYS", "days", most=3650, otherwise="60") or 60
AUDIT_KEEP_DAYS = whole_number("KEYPORTAL_AUDIT_KEEP_DAYS", "days", most=AUDIT_KEEP_DAYS_AT_MOST, otherwise="no end")
KMS_HOSTS = kms_hosts.read(env.str("KEYPORTAL_KMS_HOSTS", default=""))
