"""Random state that goes from the judge to the trainee's side, so that a test's seed holds there too."""

from __future__ import annotations

import hashlib
import random
import sys
from typing import Any

_BLOCK = 624


def random_print() -> bytes:
    """A digest of the state of every loaded random generator."""
    return hashlib.blake2b(b"".join(_prints().values()), digest_size=16).digest()


def random_state() -> dict[str, Any]:
    """The state of every loaded random generator of the judge; afterwards each is one draw further.

    So a test that seeds again is told from one that does not touch them. Only what was just seeded goes as it is. Of
    one that has drawn since, another state goes, which follows from it: from its own, one could compute what the test
    drew, such as the noise that it put on an input.
    """
    prints, numpy, torch = _prints(), sys.modules.get("numpy"), sys.modules.get("torch")
    state: dict[str, Any] = {"random": _of_python(prints["random"])}
    random.random()
    if numpy is not None and "numpy" in prints:
        state["numpy"] = _of_numpy(numpy, prints["numpy"])
        numpy.random.random()
    if torch is not None and "torch" in prints:
        state["torch"] = _of_torch(torch, prints["torch"])
        torch.rand(1)
    return state


def _prints() -> dict[str, bytes]:
    prints = {"random": repr(hash(random.getstate())).encode()}
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and hasattr(numpy, "random"):
        state = numpy.random.get_state()
        prints["numpy"] = state[1].tobytes() + repr(state[2:]).encode()
    if torch is not None and hasattr(torch, "get_rng_state"):
        prints["torch"] = torch.get_rng_state().numpy().tobytes()
    return prints


def _of_python(print_: bytes) -> Any:
    state = random.getstate()
    is_fresh = state[1][-1] == _BLOCK and state[2] is None
    return state if is_fresh else random.Random(_sealed(print_)).getstate()


def _of_numpy(numpy: Any, print_: bytes) -> Any:
    state = numpy.random.get_state()
    is_fresh = state[2] == _BLOCK and not state[3]
    return state if is_fresh else numpy.random.RandomState(_sealed(print_)).get_state()


def _of_torch(torch: Any, print_: bytes) -> Any:
    state, other = torch.get_rng_state(), torch.Generator()
    other.manual_seed(torch.initial_seed())
    return state if torch.equal(other.get_state(), state) else other.manual_seed(_sealed(print_)).get_state()


def _sealed(print_: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(print_, digest_size=4, key=b"sealed").digest())
