"""What people write of an image: a build, a version, a release or the name of an operating system."""

from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.domain.matching import Catalogue, ImageFacts, asked
from productkeys.services import published_facts


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("26100", ImageFacts(build=26100)),
        (" Build 26100 ", ImageFacts(build=26100)),
        ("10.0.26100", ImageFacts(build=26100)),
        ("10.0.26100.2033", ImageFacts(build=26100, revision=2033)),
        ("26100.2033", ImageFacts(build=26100, revision=2033)),
        ("6.1.7601", ImageFacts(build=7601)),
        ("windows-11", ImageFacts(system="windows-11")),
        ("Windows 11", ImageFacts(system="windows-11", installation="Client")),
        ("Windows 11 24H2", ImageFacts(system="windows-11", build=26100, installation="Client")),
        ("windows 11, version 24h2", ImageFacts(system="windows-11", build=26100, installation="Client")),
        ("Win11 24H2", ImageFacts(system="windows-11", build=26100, installation="Client")),
        (
            "win 10 22H2 Pro N",
            ImageFacts(system="windows-10", build=19045, installation="Client", edition="ProfessionalN"),
        ),
        ("Windows 8.1", ImageFacts(system="windows-8-1", installation="Client")),
        ("Server 2022", ImageFacts(system="windows-server-2022", installation="Server")),
        (
            "Server 2022 Standard",
            ImageFacts(system="windows-server-2022", installation="Server", edition="ServerStandard"),
        ),
        ("Windows Server, version 1909", ImageFacts(system="windows-server-sac-1809-20h2", build=18363)),
        (
            "Windows 10 Enterprise LTSC 2021",
            ImageFacts(system="windows-10-enterprise-ltsc-2021", installation="Client", edition="EnterpriseS"),
        ),
        *(
            (text, ImageFacts(system="windows-10-enterprise-ltsc-2021", installation="Client", edition="EnterpriseS"))
            for text in ("Windows 10 LTSC 2021", "Win10 LTSC 2021", "Windows 10 Enterprise 2021 LTSC")
        ),
        *(
            (text, ImageFacts(system="windows-10-enterprise-ltsb-2016", installation="Client", edition=edition))
            for text, edition in (
                ("Windows 10 Enterprise 2016 LTSB", "EnterpriseS"),
                ("Windows 10 LTSC 2016", "EnterpriseS"),
                ("Windows 10 Enterprise N 2016 LTSB", "EnterpriseSN"),
            )
        ),
        (
            "Windows 11 LTSC",
            ImageFacts(system="windows-11-enterprise-ltsc-2024", installation="Client", edition="EnterpriseS"),
        ),
        (
            "Windows 11 IoT LTSC",
            ImageFacts(system="windows-11-iot-enterprise-ltsc-2024", installation="Client", edition="IoTEnterpriseS"),
        ),
        (
            "Windows Server 2022 LTSC Standard",
            ImageFacts(system="windows-server-2022", installation="Server", edition="ServerStandard"),
        ),
        (
            "Windows 10 Enterprise 2016 LTSB Evaluation",
            ImageFacts(
                system="windows-10-enterprise-ltsb-2016",
                installation="Client",
                edition="EnterpriseS",
                evaluation=True,
            ),
        ),
        # Two have been called so: the edition is known, the year is not.
        ("Windows 10 Enterprise LTSC", ImageFacts(installation="Client", edition="EnterpriseS")),
        ("", ImageFacts()),
        ("Debian 13", ImageFacts()),
        ("24H2", ImageFacts()),
        ("1234567", ImageFacts()),
        ("26100 or 26200", ImageFacts()),
    ],
)
def test_it_is_read_as_it_is_meant(text: str, facts: ImageFacts) -> None:
    assert asked(text, published_facts.catalogue()) == facts


_WORDS = st.sampled_from(["Windows", "Win", "Server", "11", "2022", "24H2", "version", "Pro", ",", "(", "26100", "."])


@settings(max_examples=500, deadline=None)
@given(words=st.lists(_WORDS | st.text(max_size=9), max_size=8))
def test_no_text_raises_anything(words: list[str], windows: Catalogue) -> None:
    assert astuple(asked(" ".join(words), windows))


@pytest.fixture(scope="module")
def windows(django_db_setup: None, django_db_blocker: object) -> Catalogue:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]  # pytest-django's
        return published_facts.catalogue()
