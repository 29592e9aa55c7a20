from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from factory_academy.errors import InfrastructureFault
from factory_academy.hub.versions import check_versions

GOOD = {"jupyterhub": "6.1.1", "nbgrader": "0.9.6", "jupyter-server": "2.21.1", "nbconvert": "7.17.2"}


def installed(**changes):
    found = {**GOOD, **{name.replace("_", "-"): value for name, value in changes.items()}}

    def version(name):
        if found[name] is None:
            raise PackageNotFoundError(name)
        return found[name]

    return version


def test_what_is_installed_here_is_good_enough():
    check_versions()


@pytest.mark.parametrize("version", ["6.1", "6.1.0", "6.2.0rc1", "6.10.3"])
def test_newer_minor_versions_of_the_hub_are_taken(version):
    check_versions(installed(jupyterhub=version))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"jupyterhub": "5.5.1"}, "jupyterhub 6.1 or newer, below 7; 5.5.1 is installed"),
        ({"jupyterhub": "7.0.0"}, "7.0.0 is installed"),
        ({"nbgrader": "0.9.5"}, "nbgrader 0.9.6 or newer"),
        ({"jupyter_server": "2.17.0"}, "jupyter-server 2.18 or newer; 2.17.0"),
        ({"nbconvert": None}, "it is not installed"),
    ],
)
def test_the_hub_refuses_to_stand_on_versions_with_known_faults(changes, words):
    with pytest.raises(InfrastructureFault) as caught:
        check_versions(installed(**changes))
    assert words in str(caught.value)
    assert "make install" in caught.value.next_step
