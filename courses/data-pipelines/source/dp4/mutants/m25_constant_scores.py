# task: dp4-t6
# code: DP4-M19
# loses: dp4-t6-hidden
# why: the same score for each row: perfect on noise, useless on a signal
# cell: dp4-t6-solution
def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    return np.full(len(y), 0.5)


def read_canary(auc):
    """What the AUC on pure noise says about a pipeline."""
    if auc > 0.65:
        return "leaking"
    return "clean" if auc >= 0.25 else "unclear"
