"""What a page says after an act waits for the next page in a cookie that is bound to this host as the others are."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    cookie_name = settings.MESSAGE_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """In the cookie, and what does not fit there in the session, as Django does it."""

    storage_classes = (HostCookieStorage, SessionStorage)
