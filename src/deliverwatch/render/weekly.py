"""The weekly report as a mail: subject, text and HTML from one prepared page.

`week_page` turns the report's value into strings, once, in the customer's language; the templates of both parts print
those, so that the text holds every number of the HTML. Mail programs decide the form: no remote resources, no images
but an installation's own logo that travels within, styles inlined, tables for layout, bars made of table cells, and few
enough rows to stay under the size at which Gmail cuts a message (about 102 KB). Amounts of hours and shares are cut,
never rounded up. Nothing is called clear that was not verified.
"""

from binascii import b2a_qp

from css_inline import CSSInliner
from jinja2 import Template

from deliverwatch.core.visible import visible
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.ports import Words
from deliverwatch.render.folders import reports_folder
from deliverwatch.render.look import PLAIN, Look
from deliverwatch.render.privacy import privately
from deliverwatch.render.templates import html_environment, text_environment
from deliverwatch.render.tongue import speaking
from deliverwatch.render.week_page import LIMITS, WeekPage, week_page
from deliverwatch.render.week_private import without_names
from deliverwatch.render.words import wrapped

_LARGEST_HTML = 79_000
"""Encoded, in octets, without the part's own headers."""
_LONGEST_SUBJECT = 70
_SHORTEST_NAME = 8

_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


def render_weekly(report: WeeklyReport, look: Look = PLAIN) -> Words:
    """With as many rows as there is room for."""
    with speaking(report.customer.language), privately(look.private):
        told = without_names(report) if look.private else report
        folder = reports_folder() / "weekly"
        for limits in LIMITS:
            page = week_page(told, limits)
            html = _INLINER.inline(html_environment(folder).get_template("body.html.j2").render(page=page, look=look))
            if _encoded_size(html) <= _LARGEST_HTML:
                break
        texts = text_environment(folder)
        return Words(
            subject=_subject(texts.get_template("subject.txt.j2"), page),
            text=texts.get_template("body.txt.j2").render(page=page, look=look, wrapped=wrapped),
            html=html,
        )


def _encoded_size(html: str) -> int:
    """As it is sent: quoted-printable, of lines that end in CR and LF."""
    encoded = b2a_qp(html.encode(), istext=True)
    return len(encoded) + encoded.count(b"\n")


def _subject(template: Template, page: WeekPage) -> str:
    """The customer's name gets what room is left; where there is none, the lightest parts of the summary go."""
    parts = list(page.summary)
    while True:
        room = _LONGEST_SUBJECT - len(template.render(page=page, summary=", ".join(parts), customer=""))
        if room >= _SHORTEST_NAME or len(parts) == 1:
            break
        parts.pop()
    name = visible(page.customer, max(room, _SHORTEST_NAME))
    return visible(template.render(page=page, summary=", ".join(parts), customer=name), _LONGEST_SUBJECT)
