"""`{% url %}` that remembers addresses: Django puts each together anew, and a page has hundreds."""

from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape

from omixa_studio.places import address_of

register = template.Library()


class RememberedUrl(defaulttags.URLNode):
    """The node of Django's tag, which builds only addresses that are not remembered."""

    def render(self, context: Context) -> str:
        if self.kwargs:
            return super().render(context)
        name = self.view_name.resolve(context)
        args = (one.resolve(context) for one in self.args)
        address = address_of(name, *args)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> RememberedUrl:
    """Take the arguments of Django's own tag."""
    plain = defaulttags.url(parser, token)
    return RememberedUrl(plain.view_name, plain.args, plain.kwargs, plain.asvar)


@register.filter
def page_here(request: Any) -> str:
    """Return the path of the page that somebody looks at, whose part is drawn perhaps."""
    try:
        here = request.htmx.current_url_abs_path
    except ValueError:  # the header is no address
        here = None
    return str(here or request.get_full_path())
