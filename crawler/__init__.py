"""The Scrapy project: it fetches bodies and parses them; it judges nothing."""
