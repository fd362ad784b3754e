"""A report as HTML: a file of its own, and the same sections for the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import BinaryIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.describe import HIGH_OR_LOW
from gmmdesk.export.report.contents import Report, report
from gmmdesk.export.report.figures import Figure
from gmmdesk.export.report.style import DARK, FONT, LIGHT, Style
from gmmdesk.task import Task

# A line does not end within "46 %"; what is to be copied stays as it is.
_SHARE = re.compile(r"(<pre>.*?</pre>)|(?<=\d) %", re.DOTALL)
# Characters that a page may not hold (HTML, section 13.2.3.5), wherever they came from.
_NOT_IN_HTML = dict.fromkeys((*range(9), 11, *range(14, 32), *range(127, 160)))


def write_html(analysis: Analysis, file: BinaryIO, names: Sequence[str], task: Task) -> None:
    """Write the report as one file: no script, nothing from elsewhere."""
    content = page(report(analysis, names, task))
    task.step(0.98)
    file.write(content.encode("utf-8", "xmlcharrefreplace"))


def page(content: Report) -> str:
    """The file; light or dark on the screen, black on white on paper."""
    light, dark = content.style(LIGHT), content.style(DARK)
    css = _templates().get_template("page.css.j2")
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            report=content,
            css=Markup(
                css.render(
                    light=light,
                    dark=dark,
                    font=FONT,
                    in_the_dark=dict(zip(light.colors, dark.colors, strict=True)).items(),
                )
            ),
            body=sections(content, LIGHT, lambda figure: figure.draw(light), folds=True),
        )
    )


def sections(
    content: Report, look: Style, picture: Callable[[Figure], str], *, folds: bool = False
) -> Markup:
    """What stands in the body, `picture` for each figure; with parts to unfold if it `folds`.

    Every name and cell of the file is escaped: only what `picture` makes is taken as it is.
    """
    body = _templates().get_template("body.html.j2")
    text = body.render(
        report=content,
        style=content.style(look),
        picture=lambda figure: Markup(picture(figure)),
        folds=folds,
        high_or_low=HIGH_OR_LOW,
    )
    text = _SHARE.sub(lambda found: found[1] or "\N{NO-BREAK SPACE}%", text)
    return Markup(text.translate(_NOT_IN_HTML))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("gmmdesk.export.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
