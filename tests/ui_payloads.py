"""Text that tries to be more than text, and an answer that consists of it."""

from datetime import date

from rag import (
    Answer,
    Article,
    Attribution,
    Citation,
    Conflict,
    Filters,
    Hit,
    Occasion,
    Origins,
    Passage,
    Plan,
    Statement,
    Value,
)

_ELEMENTS = (
    "script>alert(1)</script",
    "img src=x onerror=alert(1)",
    "svg onload=alert(1)",
    "svg/onload=alert(1)",
    "iframe src=javascript:alert(1)",
    "iframe srcdoc='<script>alert(1)</script>'",
    "body onload=alert(1)",
    "video><source onerror=alert(1)",
    "audio src=x onerror=alert(1)",
    "input autofocus onfocus=alert(1)",
    "select autofocus onfocus=alert(1)",
    "textarea autofocus onfocus=alert(1)",
    "details open ontoggle=alert(1)",
    "marquee onstart=alert(1)",
    "object data=javascript:alert(1)",
    "embed src=javascript:alert(1)",
    "form action=javascript:alert(1)><input type=submit",
    "a href=javascript:alert(1)>x</a",
    "base href=//evil.test/",
    "link rel=stylesheet href=//evil.test/a.css",
    "meta http-equiv=refresh content='0;url=//evil.test'",
    "style>@import '//evil.test/a.css'</style",
    "math><mi xlink:href=javascript:alert(1)>x</mi></math",
    "template><img src=x onerror=alert(1)></template",
    "noscript><p title='</noscript><img src=x onerror=alert(1)>'",
    "xmp><img src=x onerror=alert(1)></xmp",
    "title><img src=x onerror=alert(1)></title",
    "plaintext",
    "frameset onload=alert(1)",
    "button onclick=alert(1) data-act=cite>x</button",
    "mark onmouseover=alert(1)>x</mark",
    "bdi onclick=alert(1)>x</bdi",
    "table background=//evil.test/a.png",
    "div style='background:url(//evil.test/a.png)'",
    "img src=//evil.test/p.png?leak=",
    "img srcset='//evil.test/a.png 1x'",
    "picture><source srcset=//evil.test/a.png",
    "svg><script>alert(1)</script></svg",
    "svg><use href=//evil.test/a.svg#x",
    "svg><animate onbegin=alert(1) attributeName=x",
    "keygen autofocus onfocus=alert(1)",
    "isindex action=javascript:alert(1) type=image",
    "bgsound src=//evil.test/a.wav",
    "portal src=//evil.test/",
)
_WRAPPINGS = ("<{}>", '"><{}>', "'><{}>")
_OTHER = (
    "![x](//evil.test/p.png)",
    "[x](javascript:alert(1))",
    "[x]: //evil.test",
    "<https://evil.test/a>",
    "`</script><script>alert(1)</script>`",
    "${alert(1)}",
    "`${alert(1)}`",
    "{{constructor.constructor('alert(1)')()}}",
    "{{this}}",
    "{% raw %}",
    "{#",
    "\\u003cscript\\u003e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x&#62;",
    "<!--><img src=x onerror=alert(1)>-->",
    "]]><img src=x onerror=alert(1)>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?>",
    "</template><img src=x onerror=alert(1)>",
    "</article></div><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "\u202egnp.exe\u202c",
    "\u2066<b>\u2069",
    "\U000e0041\U000e0042",
    "\x00<script>",
    "\ud800<script>",
    "＜script＞alert(1)＜/script＞",
    "$$\\href{javascript:alert(1)}{x}$$",
    "<a" + " a" * 500,
    "<" * 1000,
    "javascript:alert(1)",
)
PAYLOADS = (*(wrapping.format(element) for wrapping in _WRAPPINGS for element in _ELEMENTS), *_OTHER)


def answer_of(text: str) -> Answer:
    """An answer in which every text that may come from a stranger is this one."""
    article = Article(
        id=text, text=f"{text} and {text}", sha256="0" * 64, title=text, published=date(2019, 1, 20), source=text,
        byline=text, dateline=text, origins=(text,), url=text,
    )  # fmt: skip
    citation = Citation(
        article_id=text, title=text, source=text, published=None, url=text, start=0, end=len(text), quote=text,
        sha256="0" * 64,
    )  # fmt: skip
    said = Attribution(article_id=text, outlet=text, agency=text, speaker=text, standing="anonymous")
    when = Occasion(text=text, day=date(2019, 1, 18), article_id=text, start=0, end=1, borrowed_from=text)
    statement = Statement(
        text=f"{text}.", citations=(citation,), verdict="partly", score=0.5, reason=text, occasions=(when,),
        attributions=(said,),
    )  # fmt: skip
    value = Value(text=text, citations=(citation,), origins=(text,))
    passage = Passage(id=text, article_id=text, start=0, end=len(text), text=text)
    filters = Filters(sources=(text,))
    return Answer(
        question=text,
        status="answered",
        statements=(statement,),
        reason=text,
        origins=Origins(articles=1, independent=1, unknown=0, names=(text,)),
        conflicts=(Conflict(aspect=text, kind="contradiction", values=(value, value), sentence=text),),
        plan=Plan(question=text, query=text + "?", filters=filters, kind=text, notes=(text,), recent=True),
        passages=(Hit(passage=passage, article=article, score=1.0, copies=(text,)),),
        model=text,
        notice=text,
        usage={},
        timings_ms={"search": 1.0},
    )
