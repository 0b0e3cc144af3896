"""How Hypothesis looks while faults are planted: briefly, the same way each time, not shrinking.

A pytest plugin (`-p tests.mutants.profile`).
"""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "planted",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[*HealthCheck],
)
settings.load_profile("planted")
