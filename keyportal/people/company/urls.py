"""Where people sign in with the company's account. Without one configured there is nothing here (404)."""

from django.urls import path

from keyportal.people.company import views

urlpatterns = [
    path("openid/sign-in/", views.openid_sign_in, name="company_openid_sign_in"),
    path("openid/answer/", views.openid_answer, name="company_openid_answer"),
    path("saml/sign-in/", views.saml_sign_in, name="company_saml_sign_in"),
    path("saml/answer/", views.saml_answer, name="company_saml_answer"),
    path("saml/answer/<str:name>/", views.saml_finish, name="company_saml_finish"),
    path("saml/metadata/", views.saml_metadata, name="company_saml_metadata"),
    path("confirm/", views.confirm, name="company_confirm"),
]
