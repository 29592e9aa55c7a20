# task: dp4-t6
# code: DP4-M20
# loses: dp4-t6-hidden
# why: 0.65 is called leaking, and a low AUC is called clean
# cell: dp4-t6-solution
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline


def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    pipeline = make_pipeline(SelectKBest(f_classif, k=k), LogisticRegression(max_iter=500))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_predict(pipeline, x, y, cv=folds, method="decision_function")


def read_canary(auc):
    """What the AUC on pure noise says about a pipeline."""
    return "leaking" if auc >= 0.65 else "clean"
