"""For every test: what a property needs to hold for is examples, not speed, so a busy machine fails none."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
