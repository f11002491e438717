"""Where a person says how the workspace should look."""

from django.urls import path

from keyportal.people import views

app_name = "people"

urlpatterns = [
    path("language/", views.choose_language, name="language"),
    path("theme/", views.choose_theme, name="theme"),
    path("preferences/", views.preferences, name="preferences"),
]
