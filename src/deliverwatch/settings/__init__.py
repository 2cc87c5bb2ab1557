"""What this installation is told: where it keeps its state, whom it asks, who it writes to.

Every setting has a default or may be left out. A value comes from the first of these that has it: the environment
(`DELIVERWATCH_MAIL__PORT`, or `..._FILE` with the name of a file that holds it), systemd's credentials (a file
`mail.password` in `$CREDENTIALS_DIRECTORY`), the configuration file (one TOML file), the default. Where each came
from is kept, and `config show` says it. A wrong value anywhere is named with its place, all of them at once; a wrong
secret is named, never shown.
"""

from deliverwatch.settings.load import check_list_ids, find_config, load_settings
from deliverwatch.settings.model import PlatformWay, Settings
from deliverwatch.settings.web import check_listening

__all__ = ["PlatformWay", "Settings", "check_list_ids", "check_listening", "find_config", "load_settings"]
