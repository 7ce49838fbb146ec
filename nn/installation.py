"""The other distribution that installs a package named `autograd`: importing this module checks for it.

The check is that of `autograd/installation.py`, loaded from the folder beside this package: where the other
distribution was installed later, `import autograd` gives its modules and not ours.
"""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

_OURS = Path(__file__).parents[1] / "autograd"


def _check() -> ModuleType:
    """Our `autograd.installation`, which raises while it is loaded if the metadata of the other is there."""
    spec = spec_from_file_location("nn.installation.check", _OURS / "installation.py")
    assert spec is not None
    assert spec.loader is not None
    check = module_from_spec(spec)
    spec.loader.exec_module(check)
    return check


def raise_unless_autograd_is_ours() -> None:
    """ImportError, with the commands that mend it, if `import autograd` gives another package than that beside `nn`."""
    if not _OURS.is_dir():  # in an archive, which no other distribution can write into
        return
    advice = _check().ADVICE
    found = find_spec("autograd")
    place = found.origin or next(iter(found.submodule_search_locations or ()), "") if found else ""
    if not (found and found.origin and Path(place).parent.samefile(_OURS)):
        raise ImportError(advice.format(path=place))


raise_unless_autograd_is_ours()
