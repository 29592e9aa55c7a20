# task: dp4-t6
# code: DP4-M2
# loses: dp4-t6-hidden
# why: chooses the columns with all rows, then cross-validates
# cell: dp4-t6-solution
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict


def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    chosen = SelectKBest(f_classif, k=k).fit_transform(x, y)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_predict(LogisticRegression(max_iter=500), chosen, y, cv=folds, method="decision_function")


def read_canary(auc):
    """What the AUC on pure noise says about a pipeline."""
    if auc > 0.65:
        return "leaking"
    return "clean" if auc >= 0.25 else "unclear"
