"""Who comes twice at the same moment: by the company's sign-in for the first time, or by one link."""

from collections.abc import Iterator

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from keyportal.people.forgotten import LinkToken
from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.company import is_signed_in, sign_in, with_openid
from tests.crossing import Other, just_before, on_postgresql
from tests.openid_provider import running_openid_provider

pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]


@pytest.fixture
def _company(settings: Settings) -> Iterator[None]:
    with running_openid_provider() as provider:
        provider.people["mara"] = {"sub": "4711", "preferred_username": "mara@example.org", "groups": ["it"]}
        with_openid(settings, provider)
        yield


@pytest.mark.usefixtures("_company")
def test_whoever_comes_for_the_first_time_in_two_windows_at_once_is_in_by_both() -> None:
    windows = [Client(), Client()]
    other = Other(lambda: sign_in(windows[1]))
    with just_before('INSERT INTO "socialaccount_socialaccount"', other.begin):
        sign_in(windows[0])
    other.end()
    assert [is_signed_in(window) for window in windows] == [True, True]
    mara = User.objects.get()
    assert list(mara.groups.values_list("name", flat=True)) == ["Viewer"]
    assert TrailEntry.objects.filter(subject_uid=mara.uid, action="added").count() == 1


def test_of_two_who_come_by_one_link_at_once_the_second_finds_it_used() -> None:
    mara = User.objects.create_user("mara", "mara@example.org", "a long enough passphrase")
    link = {"uidb36": user_pk_to_url_str(mara), "key": LinkToken().make_token(mara)}
    windows = [Client(), Client()]
    pages = [
        window.get(reverse("account_reset_password_from_key", kwargs=link), follow=True).redirect_chain[-1][0]
        for window in windows
    ]
    answers = []

    def come(number: int, password: str) -> None:
        answers.append(windows[number].post(pages[number], {"password1": password, "password2": password}))

    other = Other(lambda: come(1, "the passphrase of the second"))
    with just_before('UPDATE "people_user" SET "password"', other.begin):
        come(0, "the passphrase of the first")
    other.end()
    mara.refresh_from_db()
    assert mara.check_password("the passphrase of the first")
    assert [answer.status_code for answer in answers] == [302, 200]
    assert answers[1].context["token_fail"]
