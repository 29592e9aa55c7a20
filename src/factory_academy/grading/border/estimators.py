"""Estimators of a trainee: the judge computes their scores itself, from what they predict."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from factory_academy.grading.border import meta
from factory_academy.grading.border.remote import Remote


class Clones(Protocol):
    """What estimators need of the stand-ins' answers."""

    def clone(self, remote: Remote) -> Any:
        """An unfitted copy, made there."""


def own_attribute(remote: Remote, name: str, visitors: Clones) -> Any:
    """The judge's own answer for an attribute of an estimator; None where the estimator may answer."""
    if name == "score" and _predicts(remote):
        return lambda X, y, sample_weight=None: _score(remote, X, y, sample_weight)
    if name == "__sklearn_tags__":
        return lambda: _tags(remote)
    if name == "__sklearn_clone__":
        return lambda: visitors.clone(remote)
    return None


def _predicts(remote: Remote) -> bool:
    names = {claim.rpartition(":")[2] for claim in remote._meta["lib"]}
    return bool(names & {"ClassifierMixin", "RegressorMixin", "Pipeline", "BaseSearchCV", "TransformedTargetRegressor"})


def _score(remote: Remote, X: Any, y: Any, sample_weight: Any) -> Any:
    metrics = importlib.import_module("sklearn.metrics")
    metric = metrics.r2_score if _is_regression(remote, y) else metrics.accuracy_score
    return metric(y, remote.predict(X), sample_weight=sample_weight)


def _is_regression(remote: Remote, y: Any) -> bool:
    names = {claim.rpartition(":")[2] for claim in remote._meta["lib"]}
    if names & {"ClassifierMixin", "RegressorMixin"}:
        return "RegressorMixin" in names
    kind = importlib.import_module("sklearn.utils.multiclass").type_of_target(y)
    return str(kind).startswith("continuous")


def _tags(remote: Remote) -> Any:
    base = importlib.import_module("sklearn.base")
    names = {claim.rpartition(":")[2] for claim in remote._meta["lib"]}
    mixins = [base.ClassifierMixin] if "ClassifierMixin" in names else []
    mixins += [base.RegressorMixin] if "RegressorMixin" in names else []
    stand_in = type("StandIn", (*mixins, base.BaseEstimator), {})
    claimed = meta.claimed_class(remote._meta)
    tags = stand_in().__sklearn_tags__()
    if claimed is not None and claimed.__name__ in ("Pipeline", "GridSearchCV", "RandomizedSearchCV"):
        tags.estimator_type = "classifier" if hasattr(remote, "predict_proba") else None
    return tags
