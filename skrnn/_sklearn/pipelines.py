"""Pipelines and searches, seen from the estimator in them."""

from typing import Any

from sklearn.pipeline import Pipeline


def last_step(estimator: Any, X: Any) -> tuple[Any, Any, list[Any]]:
    """What pipelines and searches end in, X as it gets there, and the steps before."""
    before: list[Any] = []
    while True:
        if isinstance(estimator, Pipeline):
            before += [step for _, step in estimator.steps[:-1]]
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
            estimator = estimator[-1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator, X, before
