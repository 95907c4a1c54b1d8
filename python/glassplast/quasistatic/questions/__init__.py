"""Questions about runs: reversals, cyclic shear, critical modes, dissipated energy and first events."""

__all__: list[str] = []


def __dir__() -> list[str]:
    return __all__
