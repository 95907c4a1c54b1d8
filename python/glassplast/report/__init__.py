"""The pictures and the page of the results of a job."""

from glassplast.report.figures import draw, pictures
from glassplast.report.html import page, write_page

__all__ = ["draw", "page", "pictures", "write_page"]


def __dir__() -> list[str]:
    return __all__
