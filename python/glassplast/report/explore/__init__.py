"""Pages that are explored; they are drawn by Bokeh, an optional package."""

from glassplast.errors import MissingExtraError

try:
    import bokeh as _bokeh  # noqa: F401
except ImportError as error:
    raise MissingExtraError("a page that is explored", "report") from error

from glassplast.report.explore.page import explore_page, write_explore_page

__all__ = ["explore_page", "write_explore_page"]


def __dir__() -> list[str]:
    return __all__
