"""All addresses of the portal."""

from django.contrib import admin
from django.urls import include, path

from keyportal.home import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("productkeys.urls")),
    path("people/", include("keyportal.people.urls")),
    path("accounts/", include("keyportal.people.account_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "keyportal.error_pages.bad_request"
handler403 = "keyportal.error_pages.permission_denied"
handler404 = "keyportal.error_pages.not_found"
handler429 = "keyportal.error_pages.too_many_requests"
handler500 = "keyportal.error_pages.server_error"
