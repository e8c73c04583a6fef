"""`python -m bench` and the console script `glyphbench`."""

from __future__ import annotations

import sys

from bench.errors import DISK_FAULTS, EXIT_RUN_FAILED, EXIT_USAGE, RunFailedError
from prompts.errors import GlyphbenchError


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bench.cli import app

    try:
        app()
    except RunFailedError as error:
        _say(f"error: {error}")
        sys.exit(EXIT_RUN_FAILED)
    except GlyphbenchError as error:
        _say(f"error: {error}")
        sys.exit(EXIT_USAGE)
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        place = f"{error.filename}: " if error.filename else ""
        _say(f"error: {place}{error.strerror}; make room or choose a place that can be written: what is done is kept")
        sys.exit(EXIT_RUN_FAILED)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
