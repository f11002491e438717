"""Every key has a verdict on every image, whatever it says of itself, and every published key fits its own."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, answer, identify, match, named
from productkeys.services import published_facts
from tests.matched import ACTIVATION, DOES_NOT_FIT, FITS, INSTALLATION, published_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def windows() -> Catalogue:
    return published_facts.catalogue()


@pytest.fixture
def published() -> dict[str, KeyFacts]:
    return published_keys()


# Whatever an image says


SYSTEMS = st.sampled_from(["", "windows-11", "windows-11-windows-10", "windows-server-2022", "windows-7", "gone"])
EDITIONS = st.sampled_from(
    ["", "Professional", "ServerStandardEval", "ServerStandardCor", "EnterpriseS", "New", "Core"]
)
ARCHITECTURES = st.sampled_from(Architecture.values)
IMAGES = st.builds(
    ImageFacts,
    system=SYSTEMS,
    build=st.none() | st.sampled_from([7601, 14393, 19044, 20348, 26100]) | st.integers(0, 99999),
    revision=st.none() | st.integers(0, 9999),
    installation=st.sampled_from(["", "Client", "Server", "Server Core"]),
    edition=EDITIONS,
    architecture=st.just("") | ARCHITECTURES,
    evaluation=st.booleans(),
)
KEYS = st.builds(
    KeyFacts,
    key_type=st.sampled_from(KeyType.values),
    system=SYSTEMS,
    edition=EDITIONS,
    architecture=ARCHITECTURES,
    usage=st.sampled_from(Usage.values),
    left=st.none() | st.integers(0, 3),
    status=st.sampled_from(Status.values),
    remark=st.sampled_from(["", "needs_19044_2905"]),
)


@settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(image=IMAGES, key=KEYS, purpose=st.sampled_from([INSTALLATION, ACTIVATION]))
def test_every_verdict_has_its_reasons_the_gravest_first(
    windows: Catalogue, image: ImageFacts, key: KeyFacts, purpose: Usage
) -> None:
    found = match(image, key, purpose, windows)

    assert found.verdict == found.reasons[0].verdict
    assert found.verdict != DOES_NOT_FIT or all(reason.verdict != FITS for reason in found.reasons)
    assert all(reason.message and "%(" not in reason.message + reason.advice for reason in found.reasons)
    if key.key_type in (KeyType.ESU, KeyType.KMS_HOST) or (key.key_type == KeyType.MAK and purpose == INSTALLATION):
        assert found.verdict == DOES_NOT_FIT


@settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    name=st.text() | st.sampled_from(["Windows Server 2016", "Windows 10"]).flatmap(lambda w: st.text().map(w.__add__))
)
def test_any_name_can_be_read(windows: Catalogue, name: str) -> None:
    facts = named(name, windows)
    assert facts.system in {"", *windows.systems}


# Published data


def test_what_is_published_names_only_what_there_is(windows: Catalogue) -> None:
    assert windows.changes
    for change in windows.changes:
        image = ImageFacts(edition=change.before, system=change.system_before)
        assert identify(image, windows).edition.casefold() in windows.editions
        assert change.after.casefold() in windows.editions
        assert change.source
    for group in windows.hosts:
        assert {group.system, *group.activates} <= set(windows.systems)
        assert group.system in group.activates


def test_every_published_key_fits_the_image_it_is_for(windows: Catalogue, published: dict[str, KeyFacts]) -> None:
    for release in windows.releases:
        for edition in windows.systems[release.system].offerings:
            image = ImageFacts(build=release.first_build, edition=edition, revision=9999)
            keys = answer(image, published.values(), INSTALLATION, windows).matches
            fitting = [matched.key for matched in keys if matched.verdict == FITS]
            assert len(fitting) <= 1, (release.name, edition)
            for key in fitting:
                assert key.edition == edition
                assert release.system in windows.members(key.system)
