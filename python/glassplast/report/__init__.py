"""The pictures and the pages of the results of a job, and the page of a study."""

from glassplast.report.figures import draw, pictures
from glassplast.report.html import page, write_page
from glassplast.report.study_report import write_study_report
from glassplast.report.writing import remove_former, write_explorer, write_report

__all__ = [
    "draw",
    "page",
    "pictures",
    "remove_former",
    "write_explorer",
    "write_page",
    "write_report",
    "write_study_report",
]


def __dir__() -> list[str]:
    return __all__
