"""The weekly report as a mail: subject, text and HTML from one prepared page.

`week_page` turns the report's value into strings, once; the templates of both parts print those, so that the text holds
every number of the HTML. Mail programs decide the form: no remote resources, no images, styles inlined, tables for
layout, bars made of table cells, and few enough rows to stay under the size at which Gmail cuts a message (about
102 KB). Amounts of hours and shares are cut, never rounded up. Nothing is called clear that was not verified.
"""

from css_inline import CSSInliner
from jinja2 import Template

from deliverwatch.core.visible import visible
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.ports import Words
from deliverwatch.render.folders import reports_folder
from deliverwatch.render.templates import html_environment, text_environment
from deliverwatch.render.week_page import WeekPage, week_page
from deliverwatch.render.words import wrapped

_LONGEST_SUBJECT = 70
_SHORTEST_NAME = 8

_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


def render_weekly(report: WeeklyReport) -> Words:
    page = week_page(report)
    folder = reports_folder() / "weekly"
    texts = text_environment(folder)
    html = html_environment(folder).get_template("body.html.j2").render(page=page)
    return Words(
        subject=_subject(texts.get_template("subject.txt.j2"), page),
        text=texts.get_template("body.txt.j2").render(page=page, wrapped=wrapped),
        html=_INLINER.inline(html),
    )


def _subject(template: Template, page: WeekPage) -> str:
    """The customer's name gets what room is left."""
    room = _LONGEST_SUBJECT - len(template.render(page=page, customer=""))
    return template.render(page=page, customer=visible(page.customer, max(room, _SHORTEST_NAME)))
