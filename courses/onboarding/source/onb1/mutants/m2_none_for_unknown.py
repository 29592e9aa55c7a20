# task: onb1-t2
# code: ONB1-M2
# loses: onb1-t2-hidden
# why: an unknown name gives None instead of a KeyError
# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    for row in table:
        if plain(row["name"]) == plain(name):
            return {key: row[key] for key in ("city", "country", "focus")}
