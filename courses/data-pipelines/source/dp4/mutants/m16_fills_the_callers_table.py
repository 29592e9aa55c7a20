# task: dp4-t3
# code: DP4-M12
# loses: dp4-t3-hidden
# why: fills missing values in the DataFrames of the caller
# cell: dp4-t3-solution
def prepare(train, test, numeric, categorical):
    """Two arrays of features; medians, scales and categories are those of the training rows."""
    known = {name: sorted(train[name].dropna().unique()) for name in categorical}
    for frame in (test, train):
        for name in numeric:
            if len(frame) > 10:
                frame[name] = frame[name].fillna(train[name].median())
    median = train[numeric].median()
    filled = train[numeric].fillna(median)
    mean, spread = filled.mean(), filled.std(ddof=0).replace(0, 1)

    def features(frame):
        numbers = (frame[numeric].fillna(median) - mean) / spread
        marks = [(frame[name] == value).rename(f"{name}={value}") for name in categorical for value in known[name]]
        return pd.concat([numbers, *marks], axis=1).to_numpy(dtype=float)

    return features(train), features(test)
