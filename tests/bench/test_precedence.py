"""Our packages are found first, wherever Glyphbench is run: a training repository has `metrics/` of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def foreign_folder(tmp_path):
    """A working directory with packages of our names that must not be imported."""
    for name in ("metrics", "prompts", "reports", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"FOREIGN = {name!r}\n")
    return tmp_path


@pytest.fixture(scope="session")
def installed_wheel(tmp_path_factory):
    """A folder into which the wheel, built from this checkout, is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w", folder / "dist", ROOT],
        check=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    site = folder / "site"
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", "--target", site, wheel], check=True)
    return site


def run(arguments, cwd, path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(path)])}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_runs_a_suite_inside_a_foreign_folder(foreign_folder, installed_wheel):
    command = ["-m", "bench", "run", "--suite", "smoke", "--limit", "2", "--workers", "1"]
    done = run(command, foreign_folder, installed_wheel)
    assert done.returncode == 0, done.stderr
    assert "accuracy" in done.stderr
    (page,) = foreign_folder.glob("runs/smoke-*/report/index.html")
    assert page.stat().st_size > 1000


def test_the_console_script_runs_inside_a_foreign_folder(foreign_folder, installed_wheel):
    script = installed_wheel / "bin" / "glyphbench"
    done = run([script, "suites"], foreign_folder, installed_wheel)
    assert done.returncode == 0, done.stderr
    assert "zh_text" in done.stdout


def test_the_wheel_is_what_was_imported(foreign_folder, installed_wheel):
    code = "import bench, metrics, prompts, reports; print(bench.__file__, metrics.__file__, prompts.__file__)"
    done = run(["-c", code], foreign_folder, installed_wheel)
    assert done.stdout.count(str(installed_wheel)) == 3, done.stderr


def test_a_notebook_that_has_imported_its_own_metrics_is_told(foreign_folder, installed_wheel):
    done = run(["-c", "import metrics; import bench"], foreign_folder, installed_wheel)
    assert "Glyphbench needs its own package 'metrics'" in done.stderr
    assert str(foreign_folder) in done.stderr


def test_other_packages_of_the_foreign_folder_stay_its_own(foreign_folder, installed_wheel):
    done = run(["-c", "import bench, tests; print(tests.FOREIGN)"], foreign_folder, installed_wheel)
    assert done.stdout.strip() == "tests", done.stderr
