"""The addresses of the portal, and the floor."""

from django.urls import include, path

from benchmarks.floor import floor

handler400 = "keyportal.error_pages.bad_request"
handler403 = "keyportal.error_pages.permission_denied"
handler404 = "keyportal.error_pages.not_found"
handler500 = "keyportal.error_pages.server_error"

urlpatterns = [path("floor/", floor), path("", include("keyportal.urls"))]
