"""The part of allauth's second factor that the portal offers. Whoever changes one has signed in a short while ago."""

from allauth.mfa.base import views
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.decorators.cache import never_cache

from keyportal.people.recent import required
from keyportal.people.second_factor.views import (
    AddPasskeyView,
    ConfirmByPasskeyView,
    NamePasskeyView,
    RemovePasskeyView,
    SecurityView,
    SetUpAppView,
    one_at_a_time,
)

urlpatterns = [
    path("login/second-factor/", views.authenticate, name="mfa_authenticate"),
    path("login/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("reauthenticate/code/", views.reauthenticate, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", ConfirmByPasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("security/", SecurityView.as_view(), name="mfa_index"),
    path("security/app/", never_cache(required(SetUpAppView.as_view())), name="mfa_activate_totp"),
    path("security/app/remove/", required(one_at_a_time(app.deactivate_totp)), name="mfa_deactivate_totp"),
    path(
        "security/recovery-codes/",
        never_cache(required(recovery_codes.view_recovery_codes)),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery-codes/new/",
        required(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("security/passkeys/add/", never_cache(required(AddPasskeyView.as_view())), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/", required(NamePasskeyView.as_view()), name="mfa_edit_webauthn"),
    path(
        "security/passkeys/<int:pk>/remove/",
        required(one_at_a_time(RemovePasskeyView.as_view())),
        name="mfa_remove_webauthn",
    ),
]
