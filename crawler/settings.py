"""Scrapy's settings: an honest, slow, bounded reader that obeys robots.txt."""

import os
from importlib.metadata import PackageNotFoundError, version

_OUR_PURPOSE = "price history of LLM APIs; reads each page about once a week"


def user_agent(contact: str) -> str:
    """Who we are, and whom to write to; without a contact, what we do."""
    try:
        number = version("pricetrail")
    except PackageNotFoundError:  # run from a checkout that is not installed
        number = "0"
    return f"pricetrail/{number} ({f'+{contact}' if contact else _OUR_PURPOSE})"


BOT_NAME = "pricetrail"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = user_agent(os.environ.get("PRICETRAIL_CONTACT", ""))

# One request of a source after the other, a second apart.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0

# Bounds: the time of one exchange as a whole, a body's size packed and unpacked, and
# how often it may lead elsewhere.
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 6
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 5
PRICETRAIL_BACKOFF = 1.0
"""Seconds before the first second try; twice as long before each further one."""

# Scrapy does not look at certificates unless it is told to.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {
    "http": "crawler.net.handler.GuardedHandler",
    "https": "crawler.net.handler.GuardedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.net.resolver.PublicResolver"
# As many lookups at once as there are sources: without a network all of them hang.
REACTOR_THREADPOOL_MAXSIZE = 32

_BUILT_IN = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES = {
    f"{_BUILT_IN}.offsite.OffsiteMiddleware": None,
    f"{_BUILT_IN}.robotstxt.RobotsTxtMiddleware": None,
    f"{_BUILT_IN}.httpauth.HttpAuthMiddleware": None,
    f"{_BUILT_IN}.retry.RetryMiddleware": None,
    f"{_BUILT_IN}.redirect.MetaRefreshMiddleware": None,
    f"{_BUILT_IN}.redirect.RedirectMiddleware": None,
    f"{_BUILT_IN}.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.robots.ObeyRobots": 100,
    "crawler.middlewares.retries.Retries": 550,
    "crawler.middlewares.redirects.BoundedRedirects": 600,
}
ROBOTSTXT_OBEY = True  # our own middleware obeys whatever stands here

# No traces: nothing is carried from one page to the next.
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"
HTTPCACHE_ENABLED = False

# Both would let others steer the process, over HTTP and telnet.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 0
MEMUSAGE_ENABLED = False
