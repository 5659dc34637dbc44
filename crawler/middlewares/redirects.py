"""Redirects: few, and never from a public page to a private or plain one."""

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.faults import Refused
from crawler.net.addresses import host_of


class BoundedRedirects(RedirectMiddleware):
    """Scrapy's redirects, with what ends them told by name.

    Where a redirect leads is checked by the handler, as it is for every request;
    here it is only marked as one, so that the reason can say so.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Follow a redirect, or pass the response on.

        Raises:
            Refused: one redirect too many.
        """
        del spider
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            most, host = self.max_redirect_times, host_of(request.url)
            raise Refused(
                "redirects", f"more than {most} redirects, the last one on {host}"
            ) from None
