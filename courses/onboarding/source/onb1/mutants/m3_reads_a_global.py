# task: onb1-t5
# code: ONB1-M3
# loses: onb1-t5-hidden
# why: reads a name made in another place instead of its argument
# cell: onb1-t5-solution
price = 0.25


def energy_cost(hours, kilowatts, price_per_kwh):
    """Cost of running a machine: hours times kilowatts times price."""
    return hours * kilowatts * price
