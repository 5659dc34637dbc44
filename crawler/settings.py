"""Scrapy's settings: an honest, slow, bounded reader that obeys robots.txt."""

BOT_NAME = "pricetrail"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

USER_AGENT = "pricetrail (price history of LLM APIs; reads each page once a week)"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 3
COOKIES_ENABLED = False

# Both would let others steer the process, over HTTP and telnet.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
