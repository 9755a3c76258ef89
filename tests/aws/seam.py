"""Where we reach into the emulator.

The emulator has no seams for what a release pipeline needs: plug-ins replace private functions of it. Each
reach goes through here, so that a new version in which one of them moved is refused at start, by name,
and not found out hours later by a test that fails for no reason of ours.
"""

import importlib
import sys

VERSION = "1.5.33"


def check_version():
    """Refuses an emulator other than the one that the plug-ins were written against."""
    from importlib.metadata import version

    if (found := version("ministack")) != VERSION:
        sys.exit(f"ministack {found} is installed, and the plug-ins were written against {VERSION}")


def part(module, name):
    """Returns a part of the emulator, such as `part("services.eventbridge", "_put_events")`."""
    found = importlib.import_module(f"ministack.{module}")
    if not hasattr(found, name):
        sys.exit(f"ministack {VERSION} has no {module}.{name}: see who asks for it in tests/aws/plugins")
    return getattr(found, name)


def replace(module, name, new):
    """Puts `new` in the place of a part that must be there, and returns what was there."""
    old = part(module, name)
    setattr(importlib.import_module(f"ministack.{module}"), name, new)
    return old


def replace_everywhere(prefix, name, new):
    """Replaces a function under every module of a package that imported it by name."""
    olds = []
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(f"ministack.{prefix}") and callable(getattr(module, name, None)):
            olds.append(getattr(module, name))
            setattr(module, name, new)
    if not olds:
        sys.exit(f"ministack {VERSION} has no {name} below {prefix}")
    return olds[0]
