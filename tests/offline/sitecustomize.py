"""Forbids every connection that leaves the machine, in the test process and in every Python that it starts.

Attempts are also written to the file named by GLYPHBENCH_NETWORK_LOG, for code that swallows the error.
"""

import ipaddress
import os
import socket
from pathlib import Path


class NetworkForbiddenError(OSError):
    pass


def _is_local(host):
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _forbid(what):
    if log := os.environ.get("GLYPHBENCH_NETWORK_LOG"):
        with Path(log).open("a") as file:
            file.write(f"{what}\n")
    raise NetworkForbiddenError(f"tests may not use the network: {what}")


def _guarded(method):
    original = getattr(socket.socket, method)

    def guard(self, *arguments):
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            _forbid(f"{method} {address[0]}")
        return original(self, *arguments)

    return guard


for _method in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, _method, _guarded(_method))

_getaddrinfo = socket.getaddrinfo


def _guarded_getaddrinfo(host, *arguments, **options):
    if not _is_local(host.decode() if isinstance(host, bytes) else host):
        _forbid(f"getaddrinfo {host}")
    return _getaddrinfo(host, *arguments, **options)


socket.getaddrinfo = _guarded_getaddrinfo
