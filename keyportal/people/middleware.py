"""The language of a request: the person's choice, or else what Django's own middleware finds (cookie, browser)."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class PersonLocaleMiddleware(LocaleMiddleware):
    """Runs after authentication, so that a choice kept with the person holds in every browser."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        language = request.user.language if request.user.is_authenticated else ""
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
