# task: onb1-t2
# code: ONB1-M2
# loses: onb1-t2-hidden
# why: the KeyError does not say which names are valid
# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    rows = {plain(row["name"]): row for row in table}
    row = rows[plain(name)]
    return {key: row[key] for key in ("city", "country", "focus")}
