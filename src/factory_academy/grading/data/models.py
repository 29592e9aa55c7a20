"""State of library models that trainee code trained for a test: plain data out of them, checked data into them."""

from __future__ import annotations

import sys
from typing import Any

from factory_academy.grading.data.nodes import Malformed

_PACKAGES = ("linear_model", "preprocessing", "naive_bayes", "impute", "decomposition")
_PLAIN = (bool, int, float, str, bytes, complex, type(None))


def state_of(model: Any) -> dict[str, Any] | None:
    """What training may have changed in a model; None for what is no model that we know.

    Of scikit-learn only estimators whose state is checked by Python code; of torch the tensors of a module.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        return {name: tensor.detach() for name, tensor in model.state_dict().items()}
    parts = type(model).__module__.split(".")
    if parts[0] == "sklearn" and parts[1] in _PACKAGES:
        return {name: value for name, value in vars(model).items() if _is_plain(value)}
    return None


def restore(model: Any, state: Any) -> None:
    """Put state that came from outside into a model of ours.

    Raises:
        Malformed: it is no state of this model.
    """
    if type(state) is not dict or any(type(name) is not str for name in state):
        raise Malformed("no state of a model")
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        try:
            model.load_state_dict(state)
        except (RuntimeError, TypeError, AttributeError) as error:
            raise Malformed("no state of this model") from error
        return
    for name, value in state.items():
        known = getattr(type(model), name, None)
        if not name.isidentifier() or callable(known) or isinstance(known, property) or not _is_plain(value):
            raise Malformed("no state of this model")
    vars(model).update(state)


def _is_plain(value: Any) -> bool:
    if type(value) in _PLAIN:
        return True
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return False
    if isinstance(value, numpy.generic):
        return True
    return type(value) is numpy.ndarray and (value.dtype.kind != "O" or all(map(_is_plain, value.flat)))
