# task: dp4-t2
# code: DP4-M8
# loses: dp4-t2-hidden
# why: returns labels of the index instead of positions
# cell: dp4-t2-solution
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    ordered = times.sort_values()
    size = len(ordered) // (n_folds + 1)
    folds = []
    for number in range(1, n_folds + 1):
        block = ordered.iloc[number * size : (number + 1) * size]
        edge = block.min() - pd.Timedelta(hours=embargo_hours)
        folds.append(([int(label) for label in times.index[times < edge]], [int(label) for label in block.index]))
    return folds
