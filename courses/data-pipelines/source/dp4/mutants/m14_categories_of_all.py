# task: dp4-t3
# code: DP4-M10
# loses: dp4-t3-hidden
# why: unseen categories of the test rows get columns
# cell: dp4-t3-solution
def prepare(train, test, numeric, categorical):
    """Two arrays of features; medians, scales and categories are those of the training rows."""
    median = train[numeric].median()
    filled = train[numeric].fillna(median)
    mean, spread = filled.mean(), filled.std(ddof=0).replace(0, 1)
    both = pd.get_dummies(pd.concat([train, test])[categorical].astype(object)).to_numpy(dtype=float)
    numbers = [((frame[numeric].fillna(median) - mean) / spread).to_numpy(dtype=float) for frame in (train, test)]
    return np.hstack([numbers[0], both[: len(train)]]), np.hstack([numbers[1], both[len(train) :]])
