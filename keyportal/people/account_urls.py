"""The part of allauth that the portal offers: signing in and out, and one's own password. Nobody signs up."""

from allauth.account import views
from django.urls import path

from keyportal.people.views import change_password

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", change_password, name="account_change_password"),
]
