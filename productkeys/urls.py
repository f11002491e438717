"""The addresses of the workspace; scripts and people rely on them."""

from django.urls import path

from productkeys.views import (
    agreements,
    bulk,
    detail,
    edit,
    handbook,
    lifecycle,
    operating_systems,
    reveal,
    trail,
    wizard,
    workspace,
)

app_name = "productkeys"

urlpatterns = [
    path("product-keys/", workspace.key_list, name="list"),
    path("product-keys/search/", workspace.search, name="search"),
    path("product-keys/columns/", workspace.columns, name="columns"),
    path("product-keys/add/", wizard.AddKeyWizard.as_view(), name="add"),
    path("product-keys/add/recognise/", wizard.recognise, name="recognise"),
    path("product-keys/bulk/", bulk.BulkView.as_view(), name="bulk"),
    path("product-keys/release-reveals/", reveal.release, name="release-reveals"),
    path("product-keys/<int:pk>/", detail.detail, name="detail"),
    path("product-keys/<int:pk>/edit/", edit.edit, name="edit"),
    path("product-keys/<int:pk>/duplicate/", wizard.duplicate, name="duplicate"),
    path("product-keys/<int:pk>/archive/", lifecycle.archive, name="archive"),
    path("product-keys/<int:pk>/restore/", lifecycle.restore, name="restore"),
    path("product-keys/<int:pk>/compromised/", lifecycle.mark_compromised, name="compromised"),
    path("product-keys/<int:pk>/delete/", lifecycle.delete, name="delete"),
    path("product-keys/<int:pk>/reveal/", reveal.reveal, name="reveal"),
    path("agreements/", agreements.agreement_list, name="agreements"),
    path("agreements/add/", agreements.add, name="agreement-add"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/edit/", agreements.edit, name="agreement-edit"),
    path("agreements/<int:pk>/delete/", agreements.delete, name="agreement-delete"),
    path("operating-systems/", operating_systems.operating_systems, name="operating-systems"),
    path("audit-log/", trail.trail, name="trail"),
    path("audit-log/export/", trail.export, name="trail-export"),
    path("audit-log/keys-seen-by/<uuid:uid>/", trail.seen_by, name="seen-by"),
    path("handbook/rules/", handbook.rules, name="rules"),
]
