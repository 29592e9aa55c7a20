# task: dp4-t3
# code: DP4-M11
# loses: dp4-t3-hidden
# why: test rows are scaled with their own mean and deviation
# cell: dp4-t3-solution
def prepare(train, test, numeric, categorical):
    """Two arrays of features; medians, scales and categories are those of the training rows."""
    known = {name: sorted(train[name].dropna().unique()) for name in categorical}

    def features(frame):
        filled = frame[numeric].fillna(frame[numeric].median())
        numbers = (filled - filled.mean()) / filled.std(ddof=0).replace(0, 1)
        marks = [(frame[name] == value).rename(f"{name}={value}") for name in categorical for value in known[name]]
        return pd.concat([numbers, *marks], axis=1).to_numpy(dtype=float)

    return features(train), features(test)
