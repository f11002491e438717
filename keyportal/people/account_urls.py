"""The part of allauth that the portal offers: signing in and out, and one's own password. Nobody signs up."""

from allauth.account import views
from django.urls import include, path

from keyportal.people import forgotten_views
from keyportal.people.company.views import offered
from keyportal.people.views import change_password

urlpatterns = [
    path("login/", views.LoginView.as_view(extra_context={"company_accounts": offered}), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", change_password, name="account_change_password"),
    path("password/reset/", forgotten_views.ask, name="account_reset_password"),
    path("password/reset/done/", forgotten_views.asked, name="account_reset_password_done"),
    path(
        "password/reset/<str:uidb36>/<str:key>/", forgotten_views.set_password, name="account_reset_password_from_key"
    ),
    path("", include("keyportal.people.second_factor.urls")),
    path("company/", include("keyportal.people.company.urls")),
]
