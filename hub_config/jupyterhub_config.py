"""The hub of the academy. Everything is decided in factory_academy.hub.configure, from the academy's settings."""

import sys

from factory_academy.errors import AcademyError
from factory_academy.hub.configure import configure, watch_sessions
from factory_academy.settings import read_settings

try:
    watch_sessions(configure(get_config(), read_settings()))  # noqa: F821  (JupyterHub gives config files this name)
except AcademyError as error:
    sys.exit(f"The hub cannot start. {error} {error.next_step}")
