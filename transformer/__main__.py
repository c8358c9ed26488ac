"""``python -m transformer``: the command line, as `transformer` is."""

import sys

from transformer.cli.main import main

sys.exit(main())
