# task: dp4-t2
# code: DP4-M3
# loses: dp4-t2-hidden
# why: takes the order of the rows for the order of time
# cell: dp4-t2-solution
from sklearn.model_selection import TimeSeriesSplit


def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    return list(TimeSeriesSplit(n_folds).split(times))
