# task: dp4-t5
# code: DP4-M15
# loses: dp4-t5-hidden
# why: a row with a missing value is never found to be a duplicate
# cell: dp4-t5-solution
def find_leaks(train, test, target, id_column, time_column):
    """Duplicates, shared ids, columns from the future and copies of the target."""
    columns = [name for name in train.columns if name != id_column]
    duplicates = []
    for position, row in enumerate(test[columns].itertuples(index=False)):
        same = (train[columns] == pd.Series(row, index=columns)).all(axis=1)
        if same.any():
            duplicates.append(position)
    leaks = {"duplicates": duplicates, "future_columns": [], "target_copies": []}
    leaks["shared_ids"] = sorted(set(train[id_column]) & set(test[id_column]))
    for name in columns:
        column = train[name]
        if name in (target, time_column):
            continue
        if pd.api.types.is_datetime64_any_dtype(column):
            if (column > train[time_column]).mean() > 0.05:
                leaks["future_columns"].append(name)
        elif pd.api.types.is_numeric_dtype(column):
            if column.nunique() > 1 and abs(column.corr(train[target])) >= 0.99:
                leaks["target_copies"].append(name)
        elif column.nunique() == len(train[[name, target]].drop_duplicates()) == 2:
            leaks["target_copies"].append(name)
    return leaks
