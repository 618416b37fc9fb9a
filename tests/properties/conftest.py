"""How many examples: few in the usual suite, many with `--hypothesis-profile=deep` (`make properties`)."""

from hypothesis import HealthCheck, settings

_ALWAYS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("usual", max_examples=15, database=None, **_ALWAYS)
settings.register_profile("deep", max_examples=1500, **_ALWAYS)


def pytest_configure(config):
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile("usual")
