"""The commands of baotinh on Scrapy's own command line, one module each."""
