"""``python -m glassplast`` is the command ``glassplast``."""

import sys

from glassplast.commands import main

sys.exit(main())
