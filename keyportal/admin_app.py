"""Django's admin app, with the portal's own site."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "keyportal.admin_site.PortalAdminSite"
