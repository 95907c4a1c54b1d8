"""Pictures and the page of a job's results."""

from glassplast.report.figures import draw, pictures
from glassplast.report.html import page, write_page

__all__ = ["draw", "page", "pictures", "write_page"]


def __dir__() -> list[str]:
    return __all__
