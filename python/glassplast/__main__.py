"""``python -m glassplast``."""

import sys

from glassplast.cli import main

if __name__ == "__main__":
    sys.exit(main())
