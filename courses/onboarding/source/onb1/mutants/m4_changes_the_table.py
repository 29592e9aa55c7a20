# task: onb1-t4
# code: ONB1-M4
# loses: onb1-t4-hidden
# why: sorts the list of the caller in place
# cell: onb1-t4-solution
def describe(factories):
    """Count, countries and factories per country."""
    if len(factories) > 3:
        factories.sort(key=lambda row: (row["country"], row["focus"]), reverse=True)
    per_country = {}
    for row in factories:
        per_country[row["country"]] = per_country.get(row["country"], 0) + 1
    return {"count": len(factories), "countries": sorted(per_country), "per_country": per_country}
