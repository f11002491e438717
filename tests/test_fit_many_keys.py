"""The first keys in the order of fitness, out of very many: the same as if every single one was judged."""

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from productkeys.domain.choices import Usage
from productkeys.domain.matching import ImageFacts, Verdict
from productkeys.models import ProductKey
from productkeys.services import keys as key_services
from productkeys.services import matching, published_facts
from productkeys.services.fitting import Fitting, fitting
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, RETAIL, stored

pytestmark = pytest.mark.django_db

PRO = ImageFacts(build=26100, installation="Client", edition="Professional", architecture="x64")
IMAGES = [
    PRO,
    replace(PRO, edition=""),
    replace(PRO, edition="Enterprise", architecture=""),
    ImageFacts(build=20348, installation="Server", edition="ServerStandard", architecture="x64"),
    ImageFacts(build=26100),
    ImageFacts(build=99999, installation="Client"),
    ImageFacts(edition="ServerStandardEval"),
]
ALL = dict.fromkeys(Verdict, 1000)


def fit(image: ImageFacts, purpose: str, limit: int = 1000) -> Fitting:
    windows = published_facts.catalogue()
    return fitting([(image, purpose)], ProductKey.objects.all(), windows, at_most=dict.fromkeys(Verdict, limit))[0]


@pytest.fixture
def many() -> None:
    """Keys of all kinds: with and without a limit, used up, archived, leaked, alike and unlike."""
    for number, quantity in enumerate((5, 500, 500, 20, 7)):
        stored(name=f"MAK {number}", quantity=quantity, in_use=7 if quantity == 7 else number)
        stored(name=f"MAK {number} of Pro", quantity=quantity, edition="Professional", architecture="any")
    stored(RETAIL, name="Ärger")
    stored(RETAIL, name="Zentrale", usage="activation")
    stored(RETAIL, name="Dock", in_use=1)
    stored(KMS_HOST)
    for status in ("archived", "compromised"):
        key_services.set_status(stored(name=status), status, seen_version=1, origin=PORTAL)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("purpose", [Usage.INSTALLATION, Usage.ACTIVATION])
@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.edition or image.build)
def test_it_says_the_same_as_judging_every_key(image: ImageFacts, purpose: str) -> None:
    every = matching.answer_for(image, ProductKey.objects.all(), purpose)

    found = fit(image, purpose)
    assert [match for group in found.groups for match in group.matches] == list(every.matches)
    assert (found.image, found.without_key) == (every.image, every.without_key)

    for group in fit(image, purpose, limit=3).groups:
        judged = [match for match in every.matches if match.verdict is group.verdict]
        assert group.matches == tuple(judged[:3])
        assert (group.number, group.more) == (len(judged), max(len(judged) - 3, 0))


def test_the_best_key_is_the_first_that_fits_and_else_the_first_with_a_warning() -> None:
    best = fit(PRO, Usage.INSTALLATION).best
    assert best is not None
    assert best.key.last_five == "T83GX"
    undecided = fit(replace(PRO, edition=""), Usage.INSTALLATION)
    assert undecided.fits.number == 0
    assert undecided.best is undecided.warning.matches[0]
    assert fit(ImageFacts(edition="ServerStandardEval"), Usage.INSTALLATION).best is None


def test_more_images_and_keys_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    asked = [(image, purpose) for image in IMAGES for purpose in (Usage.INSTALLATION, Usage.ACTIVATION)]
    windows = published_facts.catalogue()
    for number in range(20):
        stored(name=f"MAK {number}", quantity=number + 1)
    with django_assert_num_queries(2):
        fitting(asked, ProductKey.objects.all(), windows, at_most=ALL)


def test_only_the_given_keys_count() -> None:
    nothing = fitting([(PRO, "activation")], ProductKey.objects.none(), published_facts.catalogue(), at_most=ALL)[0]
    assert [group.number for group in nothing.groups] == [0, 0, 0]
    assert nothing.without_key
