# task: onb1-t4
# code: ONB1-M8
# loses: onb1-t4-hidden
# why: a default argument grows from call to call
# cell: onb1-t4-solution
def describe(factories, per_country={}):
    """Count, countries and factories per country."""
    for row in factories:
        per_country[row["country"]] = per_country.get(row["country"], 0) + 1
    return {"count": len(factories), "countries": sorted(per_country), "per_country": dict(per_country)}
