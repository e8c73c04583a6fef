"""`python -m bench` and the console script `glyphbench`."""

from __future__ import annotations

import sys

from bench.errors import EXIT_INTERRUPTED, EXIT_RUN_FAILED, EXIT_USAGE, RunFailedError
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
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on where it stopped")
        sys.exit(EXIT_INTERRUPTED)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
