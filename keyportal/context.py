"""What the frame around every page needs: the languages on offer, the person's theme, the version."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


def shell(request: HttpRequest) -> dict[str, object]:
    """`theme` is "light", "dark" or "auto"; `language` the present one."""
    user = getattr(request, "user", None)
    return {
        "theme": user.theme if user and user.is_authenticated else "auto",
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": settings.LANGUAGES,
        "portal_version": settings.VERSION,
    }
