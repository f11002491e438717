"""Texts of Django and allauth that the portal's German catalogue says itself.

Django's catalogue lacks them, or has other words for the same things than the portal ("Passwort", "Sichern"). A text in
locale/ goes before theirs, and `make messages` keeps it there only if the sources name it: that is what this module is
for. Nothing imports it.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

PASSWORDS = (
    _("password"),
    _("Set password"),
    _("Set password: %s"),
    _("Reset password"),
    _("Change password: %s"),
    _("Password confirmation"),
    _("Password changed successfully."),
    _("No password set."),
    _("Invalid password format or unknown hashing algorithm."),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Enter a new password for the user <strong>%(username)s</strong>."),
    _("Enter the same password as before, for verification."),
    _("You must type the same password each time."),
    _("The two password fields didn’t match."),
    _("The password is too similar to the %(verbose_name)s."),
    _("Your password can’t be too similar to your other personal information."),
    _("This password is too common."),
    _("Your password can’t be a commonly used password."),
    _("This password is entirely numeric."),
    _("Your password can’t be entirely numeric."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
)

SIGN_IN_WITHOUT_A_PASSWORD = (
    _("Password-based authentication"),
    _("Enabled"),
    _("Disabled"),
    _("Enable password-based authentication"),
    _("Disable password-based authentication"),
    _("Password-based authentication was disabled."),
    _("Enable password-based authentication for this user by setting a password."),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    _("Conflicting form data submitted. Please try again."),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)

FORMS_OF_THE_ADMIN = (
    _("Save and add another"),
    _("Save and continue editing"),
    _("Save and view"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
)
