# task: dp4-t6
# code: DP4-M2
# loses: dp4-t6-hidden
# why: scores the rows that the pipeline was trained on
# cell: dp4-t6-solution
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    pipeline = make_pipeline(SelectKBest(f_classif, k=k), LogisticRegression(max_iter=500))
    return pipeline.fit(x, y).decision_function(x)


def read_canary(auc):
    """What the AUC on pure noise says about a pipeline."""
    if auc > 0.65:
        return "leaking"
    return "clean" if auc >= 0.25 else "unclear"
