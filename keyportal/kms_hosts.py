"""The KMS hosts that the administrator lets machines be switched to."""

from django.core.exceptions import ImproperlyConfigured

from productkeys.domain.kms import problem_of_host


def read(text: str) -> tuple[str, ...]:
    """The hosts in the value of KEYPORTAL_KMS_HOSTS, divided by commas, in the order in which they are offered.

    Raises ImproperlyConfigured for what is no name of a host.
    """
    hosts = tuple(dict.fromkeys(host for part in text.split(",") if (host := part.strip())))
    for host in hosts:
        if problem_of_host(host):
            raise ImproperlyConfigured(
                f"KEYPORTAL_KMS_HOSTS names “{host}”, which is no name of a KMS host. Give computer names or IPv4 "
                "addresses, divided by commas, each with a colon and the port where it is not 1688."
            )
    return hosts
