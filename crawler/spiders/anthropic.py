"""Anthropic's own pricing page, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class AnthropicSpider(PriceSpider):
    """Reads the pricing page."""

    name = "anthropic"
    urls = ("https://platform.claude.com/docs/en/about-claude/pricing.md",)
    accepts = MARKDOWN
