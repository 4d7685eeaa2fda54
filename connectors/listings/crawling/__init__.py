"""Registered sites read page by page. Scrapy lives in a process of its own (`child`); nobody else meets Twisted."""
