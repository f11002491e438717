"""The audit log's way to syslog: switched on by KEYPORTAL_SYSLOG, which names a local socket or a server by UDP.

TCP, TLS and names are left to the syslog service of the machine: nothing here ever waits for another host.
"""

import logging
from ipaddress import ip_address
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def audit_handler(address: str) -> logging.Handler:
    """The handler for `address`: a path such as /dev/log, or udp://192.0.2.1:514. An empty one does nothing.

    Raises ImproperlyConfigured where it is neither.
    """
    if not address:
        return logging.NullHandler()
    handler = SysLogHandler(address if address.startswith("/") else _server(address), facility=SysLogHandler.LOG_AUTH)
    handler.ident = "keyportal: "
    return handler


def _server(address: str) -> tuple[str, int]:
    try:
        where = urlsplit(address)
        if where.scheme == "udp":
            return str(ip_address(where.hostname or "")), where.port or SYSLOG_UDP_PORT
    except ValueError:
        pass  # it is said below
    raise ImproperlyConfigured(
        "KEYPORTAL_SYSLOG is neither a path such as /dev/log nor the address of a server such as udp://192.0.2.1:514. "
        "Names, TCP and TLS are for the syslog service of this machine."
    )
