"""``python -m portefeuille.cli``: the same program, for processes that we start ourselves."""

import sys

from portefeuille.cli.entry import main

sys.exit(main())
