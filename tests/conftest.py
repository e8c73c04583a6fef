"""What every test gets: one thread, no network, no configuration from outside, no silent skips in CI."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest

# A deadline would assert an absolute time, on machines that may be busy.
hypothesis.settings.register_profile("glyphbench", deadline=None)
hypothesis.settings.load_profile("glyphbench")

_OFFLINE = Path(__file__).parent / "offline"
_NETWORK_LOG = Path(tempfile.mkdtemp(prefix="glyphbench-tests-")) / "network.log"

os.environ["GLYPHBENCH_NETWORK_LOG"] = str(_NETWORK_LOG)
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_OFFLINE), os.environ.get("PYTHONPATH")]))
for _name in [name for name in os.environ if name.startswith("BENCH_")]:
    del os.environ[_name]
sys.path.insert(0, str(_OFFLINE))
import sitecustomize  # noqa: E402, F401 - forbids the network in this process as in those it starts

sys.path.remove(str(_OFFLINE))


@pytest.fixture
def network_log():
    """The file of forbidden connections; a test that provokes one on purpose empties it."""
    return _NETWORK_LOG


@pytest.fixture(scope="session")
def bench_command():
    """Runs `python -m bench …` in a process of its own, in the folder `cwd`, as a user does."""

    def run(*arguments, cwd, **options):
        command = [sys.executable, "-m", "bench", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300, **options)

    return run


def pytest_terminal_summary(terminalreporter):
    if _NETWORK_LOG.exists() and _NETWORK_LOG.read_text():
        terminalreporter.section("network access in tests")
        terminalreporter.write(_NETWORK_LOG.read_text())


def pytest_sessionfinish(session):
    attempted = _NETWORK_LOG.exists() and _NETWORK_LOG.read_text()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter is not None and reporter.stats.get("skipped")
    if attempted or (skipped and os.environ.get("GLYPHBENCH_NO_SKIPS")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def scenes():
    """The script that drew and told the scenes of the tiny tower, as a module."""
    script = Path(__file__).parents[1] / "benchmarks" / "train_tiny_tower.py"
    spec = importlib.util.spec_from_file_location("train_tiny_tower", script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
