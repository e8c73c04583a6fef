import subprocess
import sys

import pytest

ATTEMPT = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"


def test_connections_that_leave_the_machine_are_forbidden_here(network_log):
    with pytest.raises(OSError, match="tests may not use the network"):
        exec(ATTEMPT)
    assert "192.0.2.1" in network_log.read_text()
    network_log.unlink()


def test_connections_that_leave_the_machine_are_forbidden_in_subprocesses(network_log):
    done = subprocess.run([sys.executable, "-c", ATTEMPT], capture_output=True, text=True, check=False)
    assert "tests may not use the network" in done.stderr
    assert "192.0.2.1" in network_log.read_text()
    network_log.unlink()


def test_names_are_not_looked_up(network_log):
    import socket

    with pytest.raises(OSError, match="tests may not use the network"):
        socket.getaddrinfo("example.org", 80)
    network_log.unlink()
